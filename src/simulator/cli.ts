#!/usr/bin/env node
import { helpText, parseCommandLine, type Place } from './cli-arguments';
import { SimulatedModule } from './module';
import { servePty } from './serve-pty';
import { serveTcp, type Published } from './serve-tcp';

async function main(): Promise<void> {
  const args = parseCommandLine(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(helpText());
    return;
  }
  const module = new SimulatedModule(args.options);
  if (args.trace) trace(module);
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
  }
}

const publish = (module: SimulatedModule, place: Place): Promise<Published> =>
  'tcp' in place ? serveTcp(module, place.port, place.tcp) : servePty(module, place.port, place.pty);

function trace(module: SimulatedModule): void {
  const print = (arrow: string) => (bytes: Buffer, port: string) =>
    process.stderr.write(`${port} ${arrow} ${JSON.stringify(bytes.toString('latin1'))}\n`);
  module.on('received', print('<'));
  module.on('sent', print('>'));
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
