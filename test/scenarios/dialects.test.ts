import assert from 'node:assert/strict';

import { OPTIONS, type SimulatorOptions, TCPIP_OPTIONS } from '../../src/simulator';
import { allPairs } from '../support/all-pairs';
import { hostileBytes } from '../support/hostile';
import { tcpServer, UdpPeer } from '../support/peers';
import { newModule, readyRig, type RigOptions, startRig } from '../support/modem/rig';

const bytes = hostileBytes(3000, 'dialects');

type Variant = Partial<SimulatorOptions>;

/** What a firmware can be like, besides the default. */
const VARIANTS: readonly Variant[] = [
  { echo: false },
  { bodyEcho: true },
  { prompt: '\r\n>' },
  { prompt: '\r\n>\r\n' },
  { baud: 115_200 },
  { answerDelay: 50 },
  { layout: 'joined' },
  { layout: 'tight' },
  { commandUrcs: 'held' },
  { cmee: 1 },
  { cmee: 2 },
  { results: 'numbers' },
  { results: 'none' },
  { names: 'headings' },
  { names: 'server' },
  { args: 'example' },
  { lacks: 'QFWDCFG,QFWDACK' },
  { openOrder: 'urc-first' },
  { openResult: 'quectel' },
  { acceptedIds: 'counting' },
  { listOpening: false },
  { idleTimeout: false },
  { halfClose: 0 },
  { udpServer: 'shared' },
  { hexUnits: 'chars' },
  { hexActual: 'chars' },
  { hexLimit: 'chars' },
  { fixedLength: 'ends-at-ctrl-z' },
  { fixedLength: 'cancels-at-esc' },
  { sendBuffer: 1500 },
  { partial: 700 },
  { recvHeader: 'QFWDPRECV' },
  { emptyRead: 'error' },
  { readUrc: 'repeated' },
  { readUrc: 'length' },
  { recvBuffer: 1000 },
  { apDelay: 5000 },
  { joined: 'refused' },
  { joined: 'first' },
  { joined: 'each' },
  { joined: 'ignored' },
  { mostJoined: 3 },
];

describe('Any firmware', () => {
  it('works with every option of the simulator', () => {
    const tried = new Set(VARIANTS.flatMap((variant) => Object.keys(variant)));
    // Where URCs go, how a module starts, its serial number, its SIM and its network have tests of their own.
    const start = ['bootDelay', 'networkDelay', 'simDelay', 'simStarting', 'registration'];
    const elsewhere = new Set(['urc', 'urcPort', ...start, 'imei', 'pin', 'puk']);
    const ofTcpip = new Set(['family', ...Object.keys(TCPIP_OPTIONS)]);
    assert.deepEqual(
      Object.keys(OPTIONS).filter((name) => !tried.has(name) && !elsewhere.has(name) && !ofTcpip.has(name)),
      [],
    );
  });

  it('like that of the manual transfers hostile bytes', () => exercise({}));

  for (const variant of VARIANTS) {
    it(`with ${nameOf(variant)}`, () => exercise({ simulator: variant }));
  }

  it('works with each pair of options together', async function () {
    this.timeout(60_000);
    const names = [
      ...new Set(VARIANTS.flatMap((variant) => Object.keys(variant))),
    ] as (keyof SimulatorOptions)[];
    const switches = names.map((name): Variant[] => [
      { [name]: OPTIONS[name].default },
      ...VARIANTS.filter((variant) => name in variant),
    ]);
    for (const choices of allPairs(switches, canBeTogether)) {
      const simulator = merged(choices);
      await exercise({ simulator }).catch((error: unknown) => {
        throw new Error(`with ${nameOf(simulator)}: ${String(error)}`, { cause: error });
      });
    }
  });

  for (const payloadMode of ['raw', 'hex'] as const) {
    it(`transfers data as ${payloadMode}`, () => exercise({ modem: { payloadMode } }));
  }

  for (const dialect of ['manual', 'example'] as const) {
    it(`is used as the user has set it: ${dialect}`, () =>
      exercise({ simulator: { args: dialect }, modem: { dialect } }));
  }
});

/** Not a module that has no command to read with. */
function canBeTogether(some: readonly Variant[]): boolean {
  const { args, lacks } = merged(some);
  return !(args === 'example' && lacks?.includes('QFWDACK'));
}

function merged(variants: readonly Variant[]): Variant {
  return Object.assign({}, ...variants) as Variant;
}

/** Opens, accepts, connects, echoes, is replaced by another run that takes over, and closes. */
async function exercise(options: RigOptions): Promise<void> {
  const module = newModule(options.simulator);
  const first = await readyRig({ ...options, module });
  first.echo();
  const server = await first.openServer();
  const { settings } = server;
  const { peer, socketId } = await server.connect();
  peer.socket.write(bytes);
  assert.deepEqual(await peer.until(bytes.length), bytes);
  const outside = await tcpServer();
  await first.declareClient({ port: outside.port }).event('client/open');
  const host = await outside.peers.next();
  host.socket.write(bytes.subarray(0, 1100));
  assert.deepEqual(await host.until(1100), bytes.subarray(0, 1100));
  const far = await UdpPeer.bind();
  const { socketId: udpId } = await first
    .declareClient({ owner: 'udp', protocol: 'udp', port: far.port })
    .event('client/open');
  await first.modem.send(udpId, bytes.subarray(0, 300), 20_000);
  assert.deepEqual((await far.datagrams.next()).data, bytes.subarray(0, 300));
  await first.stop();

  const second = startRig({ ...options, module });
  const same = await second.declareServer(settings);
  assert.equal((await same.event('server/open')).adopted, true);
  assert.equal((await same.event('client/incoming')).socketId, socketId);
  await second.modem.send(socketId, Buffer.from('again'), 20_000);
  await peer.untilText('again');
  await second.modem.requests.close(socketId);
  await peer.ended;
  await same.endpoint.close();
  assert.deepEqual(await same.endpoint.close(), undefined);
  await second.stop();
}

function nameOf(variant: Variant): string {
  return Object.entries(variant)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(' and ');
}
