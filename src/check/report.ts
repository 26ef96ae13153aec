/** The result of a check: for a terminal, as Markdown for a bug report, and as JSON. Identities and addresses are masked. */
import { arch, platform, release } from 'node:os';
import { masked } from '../at';
import type { Step } from '../modem/diagnosis/finding';
import type { CheckResult } from './check';
import type { Measurement } from './measurement';
import { adviceOn, REMEDY_TEXTS } from './remedies';

export interface ReportFrame {
  readonly software: string;
  /** How the module is connected, such as `/dev/ttyUSB2 (USB 2c7c:0125, interface 02)`. */
  readonly port: string;
}

const SIGNS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const;

const LABELS: Readonly<Record<Step, string>> = {
  port: 'port',
  second: 'second port',
  at: 'AT',
  identity: 'module',
  sim: 'SIM',
  signal: 'signal',
  registration: 'network',
  qfwd: 'commands',
  urc: 'URC port',
  sockets: 'sockets',
};
const LABEL_WIDTH = 13;
const FIGURE_WIDTH = 30;

const UNANSWERED =
  'Answers did not come in time, or were not understood. Check the cable and the power supply, and that no other program uses the port.';
const NOT_MEASURED =
  'Everything works without it, with the safe settings. Try again when the module is idle; a module that cannot connect to itself cannot be measured.';

/** What was found and what to do, for people. */
export function summary(result: CheckResult): string {
  const { findings } = result;
  const checked = findings.filter(({ verdict }) => verdict !== 'skip');
  const skipped = findings.filter(({ verdict }) => verdict === 'skip');
  const lines = checked.map((finding) => {
    const line = `${SIGNS[finding.verdict]} ${LABELS[finding.step].padEnd(LABEL_WIDTH)}${finding.value}`;
    return finding.remedy ? `${line}\n    ${adviceOn(finding)}` : line;
  });
  if (skipped.length > 0) {
    const labels = skipped.map(({ step }) => LABELS[step]);
    lines.push(`${SIGNS.skip} ${'not checked'.padEnd(LABEL_WIDTH)}${labels.join(', ')}`);
  }
  return withoutAddresses(
    [
      ...lines,
      ...figures(result).map(([name, value]) => `  ${name.padEnd(FIGURE_WIDTH)}${value}`),
      ...problems(result),
      ending(result),
    ].join('\n'),
  );
}

/** Markdown. */
export function report(result: CheckResult, { software, port }: ReportFrame): string {
  const { findings, profile } = result;
  const text = [
    '# qfwd-check',
    '',
    `${ending(result)} Version ${software}, Node.js ${process.version}, ${platform()} ${release()} ${arch()}.`,
    '',
    ...table(
      ['', 'step', 'found', 'what to do'],
      [
        ...findings.map((finding) => [
          SIGNS[finding.verdict],
          LABELS[finding.step],
          finding.value,
          adviceOn(finding),
        ]),
      ],
    ),
    '',
    '## Figures',
    '',
    ...table(['', ''], [['port', port], ...identity(result), ...figures(result)]),
    ...problems(result).flatMap((problem) => ['', problem]),
    ...(profile
      ? [
          '',
          '## Measured behavior',
          '',
          ...table(
            ['fact', 'measured'],
            Object.entries(profile.facts).map(([name, fact]) => [name, String(fact)]),
          ),
        ]
      : []),
    ...(profile && profile.lacks.length > 0
      ? ['', `Commands that are missing: ${profile.lacks.join(', ')}`]
      : []),
    '',
  ].join('\n');
  return withoutAddresses(text);
}

/** For machines. */
export function asJson(result: CheckResult, frame: ReportFrame): string {
  const findings = result.findings.map((finding) => ({
    ...finding,
    ...(finding.remedy && { advice: adviceOn(finding) }),
  }));
  return withoutAddresses(JSON.stringify({ ...frame, ...result, findings }, null, 2));
}

type Row = [name: string, value: string];

function identity({ model, firmware, commands, dialect }: CheckResult): Row[] {
  const rows: [name: string, parts: (string | undefined)[]][] = [
    ['module', [model, firmware]],
    ['commands', [commands, dialect]],
  ];
  return rows.map(([name, parts]): Row => [name, parts.filter((it) => it !== undefined).join(' · ')]);
}

function figures({ measurement = {}, timeouts, resyncs }: CheckResult): Row[] {
  const { commandRoundTrip, dataRoundTrip, clientToServer, serverToClient }: Measurement = measurement;
  const rows: [name: string, value: string | undefined][] = [
    ['round trip of a command', inUnit(commandRoundTrip, 'ms')],
    ['round trip of a byte', inUnit(dataRoundTrip, 'ms')],
    ['throughput, client to server', inUnit(clientToServer, 'bytes/s')],
    ['throughput, server to client', inUnit(serverToClient, 'bytes/s')],
    ['answers that did not come', timeouts > 0 ? String(timeouts) : undefined],
    ['resynchronizations', resyncs > 0 ? String(resyncs) : undefined],
  ];
  return rows.filter((row): row is Row => row[1] !== undefined);
}

function inUnit(figure: number | undefined, unit: string): string | undefined {
  return figure === undefined ? undefined : `${figure} ${unit}`;
}

function problems(result: CheckResult): string[] {
  const { findings, calibrationObstacle, measurement, timeouts, resyncs, wasEnded, wasLost } = result;
  if (wasEnded) return [];
  const obstacles = [
    ['The firmware could not be calibrated', calibrationObstacle],
    ['Round trip and throughput could not be measured', measurement?.obstacle],
  ].flatMap(([what, reason]) => (reason === undefined ? [] : [[what, masked(reason)].join(': ')]));
  // What was tried after that failed for the same reason.
  if (wasLost) return [`${SIGNS.fail} ${[...obstacles.slice(0, 1), REMEDY_TEXTS.lost].join('. ')}`];
  const isExplained = findings.some(({ verdict }) => verdict === 'fail');
  return [
    ...(timeouts + resyncs > 0 ? [`${SIGNS.warn} ${UNANSWERED}`] : []),
    ...obstacles.map((obstacle) => `${SIGNS.fail} ${obstacle}.`),
    ...(obstacles.length > 0 && !isExplained ? [`    ${NOT_MEASURED}`] : []),
  ];
}

function ending({ findings, timeouts, resyncs, isWell, wasEnded }: CheckResult): string {
  if (wasEnded) return 'The check was ended early.';
  if (!isWell) return 'Something is wrong.';
  const hasWarnings = timeouts + resyncs > 0 || findings.some(({ verdict }) => verdict === 'warn');
  return hasWarnings ? `It works. Look at what is marked with ${SIGNS.warn}.` : 'All is well.';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/[|\\]/g, '\\$&')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

const IPV4 = /\b\d{1,3}(\.\d{1,3}){3}\b/g;
const IPV6 = /(?<![\w:])(?=(?:[\da-f]*:){2})[\da-f:]+(?![\w:])/gi;

function withoutAddresses(text: string): string {
  return text.replace(IPV4, '…').replace(IPV6, '…');
}
