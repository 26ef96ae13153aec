/** What a Catch node gets to see: each code once, with a text that says what to do. */
import assert from 'node:assert/strict';
import type { SimulatorOptions } from '../../src/simulator';
import { type Flow, type NodeConfig, node, startFlow } from './support/flow';
import { serveModule } from './support/module';
import { freePort } from '../support/free-port';
import { connectPeer } from '../support/peers';

interface Scene {
  readonly flow: Flow;
  readonly module: Awaited<ReturnType<typeof serveModule>>['module'];
  readonly socketId: number;
}

interface Case {
  readonly code: string;
  /** The reason, in as much of the text as a Debug node shows. */
  readonly reason: RegExp;
  /** What to do about it, in the text. */
  readonly advice: RegExp;
  readonly simulator?: Partial<SimulatorOptions>;
  readonly modem?: object;
  readonly node: NodeConfig;
  /** What to give to the node so that it fails. */
  message(scene: Scene): object;
}

/** How many characters of an error a Debug node shows before it is opened. */
const DEBUG_LENGTH = 40;

const CASES: readonly Case[] = [
  {
    code: 'QFWD_INVALID',
    reason: /socketId must be a whole number/,
    advice: /socketId must be a whole number from 0 to 65535/,
    node: node('send'),
    message: () => ({ socketId: 'two', payload: 'x' }),
  },
  {
    code: 'QFWD_OFFLINE',
    reason: /the modem is not connected/,
    advice: /not connected: the log says why/,
    node: node('send'),
    message: ({ socketId }) => ({ socketId, payload: 'x' }),
  },
  {
    code: 'QFWD_REJECTED',
    reason: /the module answered \+CME ERROR: 4/,
    advice: /answered \+CME ERROR: 4 \(operation not supported\) to AT\+NONSENSE/,
    node: node('at'),
    message: () => ({ payload: 'AT+NONSENSE' }),
  },
  {
    code: 'QFWD_OPEN_FAILED',
    reason: /connection refused/,
    advice: /connection refused: does the host listen on this port\? .*result 111/,
    node: node('client', { host: '127.0.0.1', port: 1, autoOpen: false, reconnect: false }),
    message: () => ({ action: 'open' }),
  },
  {
    code: 'QFWD_CLOSED',
    reason: /there is no socket 4711/,
    advice: /there is no socket 4711: take socketId from a message/,
    node: node('close'),
    message: () => ({ socketId: 4711 }),
  },
  {
    code: 'QFWD_TIMEOUT',
    reason: /not sent in time/,
    advice: /4096 of 9000 bytes within 300 ms: the peer may not be reading/,
    simulator: { sendBuffer: 4096 },
    node: node('send', { timeout: 300 }),
    message: ({ module, socketId }) => {
      module.holdSending(socketId);
      return { socketId, payload: Buffer.alloc(9000) };
    },
  },
  {
    code: 'QFWD_QUEUE_FULL',
    reason: /queue full/,
    advice: /of at most 2048 bytes .*: send less at a time, or raise the queue limit/,
    modem: { queueLimit: 2048 },
    node: node('send'),
    message: ({ socketId }) => ({ socketId, payload: Buffer.alloc(2049) }),
  },
  {
    code: 'QFWD_UNKNOWN_OUTCOME',
    reason: /was not answered/,
    advice: /may or may not have been sent, and is not sent again: check with the peer/,
    modem: { commandTimeout: 200 },
    node: node('send'),
    message: ({ module, socketId }) => {
      let isPrompted = false;
      const stop = module.inject({
        send: (packet) => {
          if (packet.kind === 'prompt') isPrompted = true;
          if (!isPrompted || packet.kind === 'prompt') return [packet];
          if (packet.kind === 'result') stop();
          return [];
        },
      });
      return { socketId, payload: 'x' };
    },
  },
  {
    code: 'QFWD_UNSUPPORTED',
    reason: /this firmware has no AT/,
    advice: /this firmware has no AT\+QFWDCFG: update it, or do without/,
    simulator: { lacks: 'QFWDCFG' },
    node: node('cfg'),
    message: ({ socketId }) => ({ socketId }),
  },
  {
    code: 'QFWD_UNSUPPORTED',
    reason: /this firmware has no AT/,
    advice: /this firmware has no AT\+QFWDCLIENT/,
    simulator: { lacks: 'QFWDCLIENT' },
    node: node('client', { host: '127.0.0.1', port: 1, autoOpen: false }),
    message: () => ({ action: 'open' }),
  },
];

describe('A Catch node', () => {
  for (const item of CASES) {
    it(`receives ${item.code} of qfwd-${item.node.id} once`, async () => {
      const port = await freePort();
      const { module, modem } = await serveModule(item.simulator, item.modem);
      const flow = await startFlow(modem, node('server', { port }), node('recv'), item.node);
      await flow.event('server', 'server/open');
      await connectPeer(port);
      const { socketId } = await flow.event('server', 'client/incoming');
      if (item.code === 'QFWD_OFFLINE') {
        await flow.status(item.node.id, 'ready');
        module.unplug();
        await flow.status(item.node.id, 'offline');
      }
      flow.input(item.node.id, item.message({ flow, module, socketId: socketId! }));
      const { error } = await flow.errors.next();
      assert.deepEqual([error?.code, error?.source.id], [item.code, item.node.id]);
      assert.match(error!.message.slice(0, DEBUG_LENGTH), item.reason);
      assert.match(error!.message, item.advice);
      const done = await flow.dones.next((it) => it.node.id === item.node.id);
      assert.equal(done.error?.code, item.code);
      // Whatever came a second time would be here before the answer to something else.
      flow.input(item.node.id, { action: 'nothing', socketId: -1, payload: 0 });
      assert.equal((await flow.errors.next()).error?.code, 'QFWD_INVALID');
      assert.equal(flow.dones.pending.filter((it) => it.node.id === item.node.id).length, 1);
    });
  }
});
