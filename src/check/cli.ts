#!/usr/bin/env node
/** qfwd-check: checks and measures a module, without Node-RED. */
import { open, writeFile } from 'node:fs/promises';
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

const WELL = 0;
const WRONG = 1;
const USAGE = 2;

const PLAN = `The check will
- open the port, and set echo, result codes and error codes of this port as the driver needs them, until the module restarts
- ask for firmware, SIM, signal and network; it enters no PIN`;
const PLAN_SOCKETS = `- open sockets of the module to itself, send test data through them, and close them`;
const PLAN_END = `It changes nothing that the module stores. Ctrl-C ends it.`;

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
    process.stdout.write(HELP);
    return WELL;
  }
  const unwritable = await unwritableOf(args);
  if (unwritable !== undefined) {
    process.stderr.write(`qfwd-check: ${unwritable}\n`);
    return USAGE;
  }
  const target = await targetOf(args);
  if (!target) return USAGE;
  const say = (text: string): void => void (args.json ? process.stderr : process.stdout).write(`${text}\n`);
  say(`Port: ${target.description}`);
  say([PLAN, ...(args.sockets ? [PLAN_SOCKETS] : []), PLAN_END].join('\n'));
  return run(args, target, say);
}

async function run(args: CheckArguments, target: Target, say: (text: string) => void): Promise<number> {
  const recording = recordingOf(args);
  const traced = (transport: Transport, port: string): Transport =>
    recording?.recorder.around(transport, port) ?? transport;
  const progress = progressOn(process.stderr);
  const ending = new AbortController();
  const onSignal = (): void => ending.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
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
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  const frame = { software: softwareVersion(), port: target.description };
  process.stdout.write(`${args.json ? asJson(result, frame) : summary(result)}\n`);
  if (args.report !== undefined) {
    await writeFile(args.report, report(result, frame));
    say(`Report: ${args.report}`);
  }
  if (args.trace !== undefined) say(`Trace: ${args.trace}`);
  return result.isWell ? WELL : WRONG;
}

/** What is wrong with the files to write, before a check that takes a minute. */
async function unwritableOf({ report, trace }: CheckArguments): Promise<string | undefined> {
  for (const file of [report, trace]) {
    if (file === undefined) continue;
    try {
      await (await open(file, 'a')).close();
    } catch (error) {
      return `cannot write ${file}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

function argumentsOf(args: string[]): CheckArguments | undefined {
  try {
    return parseCommandLine(args);
  } catch (error) {
    process.stderr.write(`qfwd-check: ${(error as Error).message}\n\n${HELP}`);
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
    return serial(place.path, listed ? describePort(listed) : place.path);
  }
  const found = atPort(ports);
  if (found) return serial(found.path, describePort(found));
  const list = ports.map((port) => `  ${describePort(port)}\n`).join('');
  process.stderr.write(
    `qfwd-check: no AT port of a module was found${list === '' ? ', nor any other serial port' : `. The ports are:\n${list}`}\n` +
      'Name one with --port PATH or --tcp HOST:PORT. In a container, pass the device through.\n',
  );
  return undefined;
}

function recordingOf({ trace, payload }: CheckArguments): Recording | undefined {
  if (trace === undefined) return undefined;
  return recordInFile({
    path: trace,
    appends: false,
    keepsPayload: payload,
    onError: ({ message }) => process.stderr.write(`qfwd-check: no trace any more: ${message}\n`),
  });
}

main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    process.stderr.write(`qfwd-check: ${(error as Error).message}\n`);
    process.exitCode = WRONG;
  },
);
