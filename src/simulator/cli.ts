#!/usr/bin/env node
import { readTrace, recordInFile } from '../trace';
import { type CliArguments, helpText, parseCommandLine, type Place } from './cli-arguments';
import { SimulatedModule } from './module';
import { ReplayedModule } from './replayed-module';
import { servePty } from './serve-pty';
import { serveTcp, type Published } from './serve-tcp';

async function main(): Promise<void> {
  const args = parseCommandLine(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(helpText());
    return;
  }
  const module = args.replay === undefined ? new SimulatedModule(args.options) : await replayed(args.replay);
  const endTrace = trace(module, args);
  const stopped = stopSignal();
  const published: Published[] = [];
  try {
    for (const place of args.places) {
      const one = await publish(module, place);
      published.push(one);
      const name = place.port === 'usbat' ? 'AT port' : 'modem port';
      process.stdout.write(`qfwd-simulator: ${name} at ${one.address}\n`);
    }
    await Promise.race([stopped, ...published.map(({ lost }) => lost)]);
  } finally {
    await module.powerOff();
    await Promise.all(published.map((one) => one.close()));
    endTrace();
  }
}

type Module = SimulatedModule | ReplayedModule;

const publish = (module: Module, place: Place): Promise<Published> =>
  'tcp' in place ? serveTcp(module, place.port, place.tcp) : servePty(module, place.port, place.pty);

async function replayed(file: string): Promise<ReplayedModule> {
  const module = new ReplayedModule(await readTrace(file));
  module.on('unknown', (command, port) => {
    process.stderr.write(`qfwd-simulator: never asked in this trace, so ERROR: ${command} (${port})\n`);
  });
  return module;
}

/** @returns ends it */
function trace(module: Module, args: CliArguments): () => void {
  if (args.trace === undefined) return () => undefined;
  if (args.trace === 'print') return print(module);
  const { recorder, close } = recordInFile({
    path: args.trace.file,
    appends: true,
    keepsPayload: args.payload,
    onError: ({ message }) => process.stderr.write(`qfwd-simulator: no trace any more: ${message}\n`),
  });
  // A trace is written as the host sees it.
  listen(module, 'received', (bytes, port) => recorder.record(port, 'out', bytes));
  listen(module, 'sent', (bytes, port) => recorder.record(port, 'in', bytes));
  return close;
}

function print(module: Module): () => void {
  const printer = (arrow: string) => (bytes: Buffer, port: string) =>
    void process.stderr.write(`${port} ${arrow} ${JSON.stringify(bytes.toString('latin1'))}\n`);
  listen(module, 'received', printer('<'));
  listen(module, 'sent', printer('>'));
  return () => undefined;
}

function listen(
  module: Module,
  event: 'received' | 'sent',
  listener: (bytes: Buffer, port: string) => void,
): void {
  if (module instanceof SimulatedModule) module.on(event, listener);
  else module.on(event, listener);
}

const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

main().catch((error: unknown) => {
  process.stderr.write(`qfwd-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
