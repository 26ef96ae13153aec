/**
 * Records the session of `session.ts` with simulated modules of several dialects:
 *
 *     npx tsx test/traces/record.ts
 */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';

import { systemClock } from '../../src/at';
import { AllowList, Modem } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import { SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { TraceRecorder } from '../../src/trace';
import { inProcessTransport } from '../../src/transport';
import { MODEM_OPTIONS } from '../support/modem/options';
import { OWNER, RECEIVED, SENT, SERVER } from './session';

const DIALECTS: Readonly<Record<string, Partial<SimulatorOptions>>> = {
  manual: {},
  'chapter-4': { args: 'example' },
  headings: { names: 'headings' },
  'server-spelling': { names: 'server' },
  'bare-prompt': { prompt: '\r\n>' },
  'prompt-line': { prompt: '\r\n>\r\n' },
  joined: { layout: 'joined' },
  tight: { layout: 'tight' },
  'urc-first': { openOrder: 'urc-first' },
  'echoed-body': { bodyEcho: true },
  'read-prefix': { recvHeader: 'QFWDPRECV' },
  'error-when-empty': { emptyRead: 'error' },
  'urc-length': { readUrc: 'length' },
  'no-cfg': { lacks: 'QFWDCFG,QFWDACK' },
};

async function record(name: string, options: Partial<SimulatorOptions>): Promise<void> {
  const lines: string[] = [];
  const recorder = new TraceRecorder({
    software: 'simulator',
    now: () => performance.now(),
    write: (line) => lines.push(line),
  });
  const module = new SimulatedModule(options);
  const transport = inProcessTransport('a module', () => module.attach());
  const modem = new Modem(MODEM_OPTIONS, {
    transport: recorder.around(transport, 'usbat'),
    families: [qfwdFamily],
    clock: systemClock,
    random: () => 0.5,
  });
  let received = 0;
  modem.addConsumer({
    mode: 'auto',
    covers: () => true,
    isPaused: () => false,
    take: (_connection, data) => (received += data.length),
    end: () => undefined,
    miss: () => undefined,
  });
  modem.start();
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  let events: string[] = [];
  const endpoint = modem.endpoints.declareServer(OWNER, { ...SERVER, allow: new AllowList() }, true, {
    onEvent: ({ event }) => void (events = [...events, event]),
    onState: () => undefined,
    onError: (error) => console.error(error),
  });
  await until(() => events.includes('server/open'));
  const peer = connect(SERVER.port, '127.0.0.1');
  peer.resume();
  await until(() => events.includes('client/incoming'));
  peer.write(RECEIVED);
  await until(() => received === RECEIVED.length);
  const [connection] = modem.connections();
  if (connection) await modem.send(connection, SENT, 5000);
  peer.end();
  await until(() => events.includes('client/close'));
  await endpoint.close();
  await modem.stop();
  await module.powerOff();
  writeFileSync(path.join(__dirname, `simulator-${name}.jsonl`), `${lines.join('\n')}\n`);
}

async function main(): Promise<void> {
  for (const [name, options] of Object.entries(DIALECTS)) await record(name, options);
}

void main();
