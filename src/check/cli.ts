#!/usr/bin/env node
/** qfwd-check: checks and measures a module, without Node-RED. */
import { open, stat, writeFile } from 'node:fs/promises';
import { systemClock, type Transport } from '../at';
import { urcPortsOf } from '../ports/ports';
import { type Recording, recordInFile, softwareVersion } from '../trace';
import { serialTransport, tcpTransport } from '../transport';
import { type CheckArguments, HELP, parseCommandLine } from './arguments';
import { check } from './check';
import { FAMILIES } from '../families';
import { atPort, describePort, listPorts } from './find-port';
import { progressOn } from './progress';
import { asJson, report, summary } from './report';
import { wrapped } from './wrap';

const WELL = 0;
const WRONG = 1;
const USAGE = 2;

/** The last one: the terminal is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Mode of new files. */
const OWNER_ONLY = 0o600;

const PLAN = `The check will
- open the port, and set echo, error codes and the format of data as the driver needs them
- ask for firmware, SIM, signal and network; it enters no PIN`;
const PLAN_SOCKETS = `- open sockets of the module to itself, send test data through them, and close them; with AT+QIOPEN, it activates PDP context 1 for them if that is not active`;
const PLAN_END = `- set everything back as it was, and close the port
It changes nothing that the module stores. Ctrl-C ends it, and also sets everything back.`;

interface Target {
  readonly transport: Transport;
  readonly description: string;
  /** The ttys; empty for a serial server. */
  readonly paths: readonly string[];
}

async function main(): Promise<number> {
  // Whoever read the output may be gone, as with `| head`: the check still has sockets and the port to close.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const args = argumentsOf(process.argv.slice(2));
  if (args === undefined) return USAGE;
  if (args.help) {
    print(process.stdout, HELP.trimEnd());
    return WELL;
  }
  const target = await targetOf(args);
  if (!target) return USAGE;
  const unwritable = await unwritableOf(args);
  if (unwritable !== undefined) {
    complain(unwritable);
    return USAGE;
  }
  const say = (text: string): void => print(args.json ? process.stderr : process.stdout, text);
  say(`Port: ${target.description}`);
  say([PLAN, ...(args.sockets ? [PLAN_SOCKETS] : []), PLAN_END].join('\n'));
  return run(args, target, say);
}

async function run(args: CheckArguments, target: Target, say: (text: string) => void): Promise<number> {
  const progress = progressOn(process.stderr, systemClock);
  const unwritten: string[] = [];
  const complainOfFile = (file: string, error: Error): void => {
    unwritten.push(file);
    progress.end();
    complain(unwritableText(file, error));
  };
  const recording = recordingOf(args, complainOfFile);
  const traced = (transport: Transport, port: string): Transport =>
    recording?.recorder.around(transport, port) ?? transport;
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    // When Node.js exits, it restores the settings of the terminal, and aborts if that is closed.
    if (signal === 'SIGHUP') process.once('exit', () => process.kill(process.pid, signal));
    ending.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const { second, baudRate } = args;
  const secondTransport =
    second === undefined ? undefined : serialTransport({ path: second, baudRate, rtscts: false });
  const paths = second === undefined ? target.paths : [...target.paths, second];
  const result = await check({
    transport: traced(target.transport, 'usbat'),
    secondTransport: secondTransport && traced(secondTransport, 'usbmodem'),
    families: FAMILIES,
    listensTo: urcPortsOf(paths),
    sockets: args.sockets,
    clock: systemClock,
    progress: (text) => progress.show(text),
    signal: ending.signal,
  });
  progress.end();
  recording?.close();
  for (const signal of SIGNALS) process.off(signal, onSignal);
  const frame = { software: softwareVersion(), port: target.description };
  if (args.json) process.stdout.write(`${asJson(result, frame)}\n`);
  else print(process.stdout, summary(result));
  if (args.trace !== undefined && !unwritten.includes(args.trace)) say(`Trace: ${args.trace}`);
  if (args.report !== undefined && (await writeReport(args.report, report(result, frame), complainOfFile)))
    say(`Report: ${args.report}`);
  if (unwritten.length > 0) return USAGE;
  return result.isWell ? WELL : WRONG;
}

/** @returns whether it was written */
async function writeReport(
  file: string,
  text: string,
  onError: (file: string, error: Error) => void,
): Promise<boolean> {
  try {
    await writeFile(file, text);
    return true;
  } catch (error) {
    onError(file, error as Error);
    return false;
  }
}

function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${wrapped(text, stream.columns)}\n`);
}

function complain(text: string): void {
  print(process.stderr, `qfwd-check: ${text}`);
}

function unwritableText(file: string, { message }: Error): string {
  return `cannot write ${file}: ${message}`;
}

/** What is wrong with the files to write, before a check that takes a minute. */
async function unwritableOf({ report, trace }: CheckArguments): Promise<string | undefined> {
  for (const file of [report, trace]) {
    if (file === undefined) continue;
    try {
      await (await open(file, 'a', OWNER_ONLY)).close();
    } catch (error) {
      return unwritableText(file, error as Error);
    }
  }
  return undefined;
}

function argumentsOf(args: string[]): CheckArguments | undefined {
  try {
    return parseCommandLine(args);
  } catch (error) {
    complain(`${(error as Error).message}\n\n${HELP.trimEnd()}`);
    return undefined;
  }
}

async function targetOf({ place, baudRate }: CheckArguments): Promise<Target | undefined> {
  const serial = (path: string, description: string): Target => ({
    transport: serialTransport({ path, baudRate, rtscts: false }),
    description,
    paths: [path],
  });
  if (place && 'host' in place) {
    return { transport: tcpTransport(place), description: 'a serial server (TCP)', paths: [] };
  }
  const ports = await listPorts().catch(() => []);
  if (place) {
    const listed = ports.find(({ path, device }) => path === place.path || device === place.path);
    if (listed) return serial(place.path, describePort(listed));
    if (await mayBePort(place.path)) return serial(place.path, place.path);
    complain(`${place.path} is no serial port, or is not there. Is the module connected and on?`);
  } else {
    const found = atPort(ports);
    if (found) return serial(found.path, describePort(found));
    complain('no AT port of a module was found');
  }
  const list = ports.map((port) => `\n  ${describePort(port)}`).join('');
  print(
    process.stderr,
    `${list === '' ? 'There is no serial port.' : `The ports are:${list}`}
Name one with --port PATH or --tcp HOST:PORT. In a container, pass the device through.`,
  );
  return undefined;
}

/** False if it cannot be a port. On Windows, only opening a port tells. */
async function mayBePort(path: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  try {
    return (await stat(path)).isCharacterDevice();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function recordingOf(
  { trace, payload }: CheckArguments,
  onError: (file: string, error: Error) => void,
): Recording | undefined {
  if (trace === undefined) return undefined;
  return recordInFile({
    path: trace,
    appends: false,
    keepsPayload: payload,
    onError: (error) => onError(trace, error),
  });
}

main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    complain((error as Error).message);
    process.exitCode = WRONG;
  },
);
