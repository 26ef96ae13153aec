/**
 * Records the session of `session.ts` with simulated modules of several dialects, as `simulator-<dialect>.jsonl`:
 *
 *     npx tsx test/traces/record.ts
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';

import { systemClock } from '../../src/at';
import { Modem, type SocketFamily } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import { SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { TraceRecorder } from '../../src/trace';
import { inProcessTransport } from '../../src/transport';
import { MODEM_OPTIONS } from '../support/modem/options';
import { EXPECTED, PEERS, session } from './session';

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

const TCPIP_DIALECTS: Readonly<Record<string, Partial<SimulatorOptions>>> = {
  manual: {},
  'prompt-line': { prompt: '\r\n>\r\n' },
  tight: { layout: 'tight' },
  'urc-first': { openOrder: 'urc-first' },
  'no-echo-of-data': { sendEcho: 'off' },
  'data-before-ok': { readEnd: 'none' },
  'recv-in-read': { recvInRead: true },
  'recv-after-empty-read': { recvLatch: 'at-empty-read' },
  'recv-lost-at-prompt': { promptUrcs: 'lost' },
  'error-after-end': { readEnded: 'error' },
  'lowest-ids': { incomingIds: 'lowest' },
  'client-in-state-3': { state: 'client-3', stateLocalPort: 'zero', stateServer: 'zero' },
  'incoming-in-state-4': { state: 'incoming-4' },
  'open-activates': { withoutContext: 'activates' },
  'cme-errors': { tcpipErrors: 'cme' },
};

async function record(name: string, options: Partial<SimulatorOptions>, family: SocketFamily): Promise<void> {
  const lines: string[] = [];
  const recorder = new TraceRecorder({
    software: 'simulator',
    now: () => performance.now(),
    write: (line) => lines.push(line()),
  });
  lines.push(recorder.begin());
  const module = new SimulatedModule(options);
  const transport = inProcessTransport('a module', () => module.attach());
  const modem = new Modem(MODEM_OPTIONS, {
    transport: recorder.around(transport, 'usbat'),
    families: [family],
    clock: systemClock,
    random: () => 0.5,
  });
  const { ports } = PEERS;
  const called = createServer(answer).listen(ports.client, '127.0.0.1');
  await once(called, 'listening');
  modem.start();
  const outcome = await session(modem, () => answer(connect(ports.server, '127.0.0.1')));
  await modem.stop();
  await module.powerOff();
  called.close();
  assert.deepEqual(outcome, EXPECTED, name);
  writeFileSync(path.join(__dirname, `simulator-${name}.jsonl`), `${lines.join('\n')}\n`);
}

/** A peer: sends its data, and ends when it has got all of the answer. */
function answer(socket: Socket): void {
  let received = 0;
  socket.write(PEERS.sends);
  socket.on('data', ({ length }) => {
    received += length;
    if (received === PEERS.endsAfter) socket.end();
  });
}

async function main(): Promise<void> {
  for (const [name, options] of Object.entries(DIALECTS)) await record(name, options, qfwdFamily);
  for (const [name, options] of Object.entries(TCPIP_DIALECTS)) {
    await record(`tcpip-${name}`, { family: 'tcpip', ...options }, tcpipFamily);
  }
}

void main();
