/** The result of a check: for a terminal, as Markdown for a bug report, and as JSON. Identities and addresses are masked. */
import { arch, platform, release } from 'node:os';
import { masked } from '../at';
import type { Finding } from '../modem/diagnosis/finding';
import type { CheckResult } from './check';
import type { Measurement } from './measurement';
import { REMEDY_TEXTS } from './remedies';

export interface ReportFrame {
  readonly software: string;
  /** How the module is connected, such as `/dev/ttyUSB2 (USB 2c7c:0125, interface 02)`. */
  readonly port: string;
}

const SIGNS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const;

const NOT_MEASURED =
  'Everything works without it, with the safe settings. Try again when the module is idle; a module that cannot connect to itself cannot be measured.';

/** What was found and what to do, for people. */
export function summary(result: CheckResult): string {
  const lines = result.findings.map((finding) => {
    const line = `${SIGNS[finding.verdict]} ${finding.step.padEnd(13)}${finding.value}`;
    return finding.remedy ? `${line}\n    ${adviceOn(finding)}` : line;
  });
  return withoutAddresses(
    [
      ...lines,
      ...figures(result).map(([name, value]) => `  ${name}: ${value}`),
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
          finding.step,
          finding.value,
          finding.remedy ? adviceOn(finding) : '',
        ]),
      ],
    ),
    '',
    '## Figures',
    '',
    ...table(['', ''], [['port', port], ...figures(result)]),
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

function adviceOn({ remedy }: Finding): string {
  return remedy ? REMEDY_TEXTS[remedy] : '';
}

function figures(result: CheckResult): [name: string, value: string][] {
  const { model, firmware, commands, dialect, measurement = {}, timeouts, resyncs } = result;
  const { commandRoundTrip, dataRoundTrip, clientToServer, serverToClient }: Measurement = measurement;
  const rows: [name: string, value: string | undefined][] = [
    ['module', [model, firmware].filter((it) => it !== undefined).join(' ') || undefined],
    ['commands', [commands, dialect].filter((it) => it !== undefined).join(': ') || undefined],
    ['round trip of a command', inUnit(commandRoundTrip, 'ms')],
    ['round trip of a byte', inUnit(dataRoundTrip, 'ms')],
    ['throughput, client to server', inUnit(clientToServer, 'bytes/s')],
    ['throughput, server to client', inUnit(serverToClient, 'bytes/s')],
    ['answers that did not come in time', String(timeouts)],
    ['resynchronizations', String(resyncs)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function inUnit(figure: number | undefined, unit: string): string | undefined {
  return figure === undefined ? undefined : `${figure} ${unit}`;
}

function problems({ calibrationObstacle, measurement, wasEnded, wasLost }: CheckResult): string[] {
  if (wasEnded) return [];
  const advice = wasLost ? REMEDY_TEXTS.lost : NOT_MEASURED;
  const obstacles: [what: string, obstacle: string | undefined][] = [
    ['The firmware could not be calibrated', calibrationObstacle],
    ['Round trip and throughput could not be measured', measurement?.obstacle],
  ];
  return obstacles.flatMap(([what, obstacle]) =>
    obstacle === undefined ? [] : [`✗ ${what}: ${masked(obstacle)}. ${advice}`],
  );
}

function ending({ findings, isWell, wasEnded }: CheckResult): string {
  if (wasEnded) return 'The check was ended early.';
  if (!isWell) return 'Something is wrong.';
  const hasWarnings = findings.some(({ verdict }) => verdict === 'warn');
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
