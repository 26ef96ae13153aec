import assert from 'node:assert/strict';
import { freePort } from '../support/free-port';
import { HOSTILE_VALUES, throwing } from '../support/hostile-values';
import { type Flow, type NodeConfig, node, startFlow } from './support/flow';
import { serveModule } from './support/module';

const ORDER = 'AT+CFUN=0';

/** As they stand in a flow file. */
const JSON_VALUES: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  65536,
  2 ** 53,
  '',
  ' ',
  'no such thing',
  '1e3x',
  '${NOT_SET_ANYWHERE}',
  `1"\r\n${ORDER}\r\n`,
  `x\x1a${ORDER}\r`,
  `\x1b${ORDER}\r`,
  'ü'.repeat(10_000),
  [],
  [1],
  {},
  { port: 1, length: 1 },
];

/** As a function node may put them into a message. */
const VALUES: unknown[] = [
  ...JSON_VALUES,
  undefined,
  NaN,
  Infinity,
  10n,
  Symbol('a symbol'),
  () => 1,
  Buffer.from(`\r${ORDER}\r`),
  new Uint8Array(3),
  new Date(NaN),
  new Map([[1, 2]]),
  // Node-RED itself cannot copy a proxy that throws, which it does for a Catch node.
  ...HOSTILE_VALUES.filter(([what]) => !what.includes('proxy')).map(([, value]) => value),
];

/** What each node reads of a message, and the rest that a message needs to get that far. */
const INPUTS: Record<string, { properties: string[]; rest?: object }> = {
  server: { properties: ['action', 'payload'], rest: { action: 'open' } },
  client: { properties: ['action', 'payload'], rest: { action: 'open' } },
  send: { properties: ['socketId', 'payload'], rest: { payload: 'x' } },
  recv: { properties: ['action', 'socketId'], rest: { action: 'pause' } },
  request: { properties: ['socketId', 'length'] },
  ack: { properties: ['socketId'] },
  state: { properties: ['socketId', 'payload'] },
  close: { properties: ['socketId'] },
  cfg: { properties: ['socketId', 'urcPort'] },
  at: { properties: ['payload', 'timeout'] },
};

const SERVER_SETTINGS = [
  'socketId',
  'protocol',
  'ipVersion',
  'port',
  'backlog',
  'idleTimeout',
  'pdpCid',
  'urcPort',
  'allow',
  'maxClients',
];
const CLIENT_SETTINGS = [
  'socketId',
  'protocol',
  'ipVersion',
  'host',
  'port',
  'pdpCid',
  'urcPort',
  'reconnect',
];

/** Every configuration property of every node. */
const CONFIGURATIONS: Record<string, string[]> = {
  server: [...SERVER_SETTINGS, 'autoOpen'],
  client: [...CLIENT_SETTINGS, 'autoOpen'],
  send: ['target', 'socketId', 'source', 'confirm', 'closeAfter', 'timeout'],
  recv: ['mode', 'from', 'socketId', 'source', 'output', 'framing', 'delimiter', 'length', 'topic'],
  urc: ['events'],
  ack: ['socketId'],
  state: ['scope', 'socketId'],
  close: ['socketId', 'accepted'],
  cfg: ['socketId', 'urcPort'],
  at: ['command', 'timeout'],
};
const MODEM_PROPERTIES = [
  'transport',
  'path',
  'baudRate',
  'rtscts',
  'host',
  'port',
  'secondPath',
  'urcPort',
  'pdpCid',
  'init',
  'waitForNetwork',
  'payloadMode',
  'dialect',
  'commandTimeout',
  'openTimeout',
  'queueLimit',
  'simulator',
];

/** What a flow may be told of a message that makes no sense, or that names a socket which is not there. */
const ACCEPTABLE = [
  undefined,
  'QFWD_INVALID',
  'QFWD_CLOSED',
  'QFWD_REJECTED',
  'QFWD_OPEN_FAILED',
  'QFWD_QUEUE_FULL',
];

let messages = 0;

/** Hands over one message; it must end once, as it should. */
async function give(flow: Flow, id: string, message: object, what: string): Promise<string | undefined> {
  const number = ++messages;
  flow.input(id, Object.assign(message, { number }));
  const { error } = await flow.dones.next((done) => done.node.id === id && done.msg.number === number);
  assert.ok(ACCEPTABLE.includes(error?.code), `${what}: ${error?.code} ${error?.stack}`);
  return error?.code;
}

function assertNothingLeft(flow: Flow): void {
  const doubled = flow.dones.pending.filter(
    ({ node: { id } }) => !/output|caught|completed|complete|catch/.test(id),
  );
  assert.deepEqual(
    doubled.map(({ node: { id }, msg }) => [id, msg]),
    [],
  );
}

function show(value: unknown): string {
  try {
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  } catch {
    return 'an object that cannot be shown';
  }
}

describe('A message with any value in any property', () => {
  async function started() {
    const { module, modem } = await serveModule();
    const orders: string[] = [];
    module.on('command', (line) => orders.push(line));
    const flow = await startFlow(
      modem,
      node('server', { port: await freePort(), autoOpen: false }),
      node('client', { host: '127.0.0.1', port: await freePort(), autoOpen: false, reconnect: false }),
      node('send'),
      node('recv'),
      node('recv', { id: 'request', mode: 'request' }),
      node('ack'),
      node('state', { scope: 'server' }),
      node('close'),
      node('cfg'),
      node('at'),
    );
    await flow.status('at', 'ready');
    /** Nothing got out of its place, and the nodes work. */
    const check = async (): Promise<void> => {
      assert.deepEqual(
        orders.filter((line) => line.includes('CFUN=')),
        [],
      );
      assert.equal(await give(flow, 'at', { payload: 'AT+CSQ' }, 'afterwards'), undefined);
      assertNothingLeft(flow);
    };
    return { flow, check };
  }

  for (const [id, { properties, rest }] of Object.entries(INPUTS)) {
    for (const property of properties) {
      it(`${id}, msg.${property}: ends once and executes nothing`, async () => {
        const { flow, check } = await started();
        for (const value of VALUES) {
          await give(flow, id, { ...rest, [property]: value }, `${property} = ${show(value)}`);
        }
        await check();
      });
    }
  }

  for (const [id, { properties, rest }] of Object.entries(INPUTS)) {
    it(`${id}: ends once with QFWD_INVALID when a property throws any value`, async () => {
      const { flow, check } = await started();
      for (const property of properties) {
        for (const [what, thrown] of HOSTILE_VALUES) {
          // The helper's spies take this for a call that has returned.
          if (thrown === undefined) continue;
          const message = throwing({ ...rest }, property, thrown);
          assert.equal(await give(flow, id, message, `${property} throws ${what}`), 'QFWD_INVALID', what);
          assert.equal((await flow.errors.next()).error?.source.id, id);
        }
      }
      await check();
      assert.deepEqual(flow.errors.pending, []);
    });
  }

  for (const [id, settings] of [
    ['server', SERVER_SETTINGS],
    ['client', CLIENT_SETTINGS],
  ] as const) {
    it(`${id}, any setting in msg.payload: ends once and executes nothing`, async () => {
      const { flow, check } = await started();
      for (const setting of settings) {
        for (const value of VALUES) {
          const message = { action: 'open', payload: { [setting]: value } };
          await give(flow, id, message, `${setting} = ${show(value)}`);
          await give(flow, id, { action: 'close' }, `close after ${setting} = ${show(value)}`);
        }
      }
      await check();
    }).timeout(30_000);
  }
});

describe('A configuration with any value in any property', () => {
  for (const [type, properties] of Object.entries(CONFIGURATIONS)) {
    it(`of ${type} leaves a node that ends each message once`, async () => {
      const { module, modem } = await serveModule();
      const orders: string[] = [];
      module.on('command', (line) => orders.push(line));
      const usual = { port: 9, host: '127.0.0.1', autoOpen: false };
      const nodes: NodeConfig[] = properties.flatMap((property) =>
        JSON_VALUES.map((value, at) =>
          node(type, { ...usual, id: `${type} ${property} ${at}`, [property]: value }),
        ),
      );
      const flow = await startFlow(modem, ...nodes, node('at', { id: 'probe' }));
      await flow.status('probe', 'ready');
      if (type !== 'urc') {
        for (const { id } of nodes)
          await give(flow, id, { action: 'close', payload: 'AT', socketId: 4711 }, id);
      }
      assert.equal(await give(flow, 'probe', { payload: 'AT+CSQ' }, 'afterwards'), undefined);
      assert.deepEqual(
        orders.filter((line) => line.includes('CFUN=')),
        [],
      );
      assertNothingLeft(flow);
    });
  }

  it('of modem makes its nodes fail, and the others work', async () => {
    const { modem } = await serveModule();
    const port = await freePort();
    const usual = { transport: 'tcp', host: '127.0.0.1', port };
    const modems = MODEM_PROPERTIES.flatMap((property) =>
      JSON_VALUES.map((value, at) =>
        node('modem', { ...usual, id: `modem ${property} ${at}`, [property]: value }),
      ),
    );
    const users = modems.map(({ id }) => node('at', { id: `user of ${id}`, modem: id }));
    const flow = await startFlow(modem, ...modems, ...users, node('at', { id: 'probe' }));
    await flow.status('probe', 'ready');
    for (const { id } of users) {
      flow.input(id, { payload: 'AT' });
      const { error } = await flow.dones.next((done) => done.node.id === id);
      assert.ok(['QFWD_INVALID', 'QFWD_OFFLINE'].includes(error?.code ?? ''), `${id}: ${error?.code}`);
    }
    assert.equal(await give(flow, 'probe', { payload: 'AT+CSQ' }, 'afterwards'), undefined);
    assertNothingLeft(flow);
  });
});
