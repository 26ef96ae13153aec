/** What is particular to the TCP/IP commands; what holds for all families is in the other scenarios. */
import assert from 'node:assert/strict';

import type { FoundFamily, Kept } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import type { SimulatorOptions } from '../../src/simulator';
import { isProfile, tcpipFamily } from '../../src/tcpip';
import { allPairs } from '../support/all-pairs';
import { hostileBytes } from '../support/hostile';
import { calibrated } from '../support/modem/calibrated';
import { scenario, TCPIP } from '../support/modem/family';
import { newModule, readyRig, startRig } from '../support/modem/rig';
import { tcpServer, UdpPeer } from '../support/peers';
import { virtualClock } from '../support/virtual-clock';

type Variant = Partial<SimulatorOptions>;

const variantsOf = <Name extends keyof SimulatorOptions>(
  name: Name,
  ...values: SimulatorOptions[Name][]
): Variant[] => values.map((value) => ({ [name]: value }));

/** Each open question, with its answers. */
const QUESTIONS: Variant[][] = [
  variantsOf('prompt', '\r\n> ', '\r\n>', '\r\n>\r\n'),
  variantsOf('layout', 'wrapped', 'joined', 'tight'),
  variantsOf('openOrder', 'ok-first', 'urc-first'),
  variantsOf('fixedLength', 'transparent', 'ends-at-ctrl-z', 'cancels-at-esc'),
  variantsOf('activateTwice', 'error', 'ok'),
  variantsOf('withoutContext', '561', 'activates'),
  variantsOf('incomingIds', 'downward', 'lowest'),
  variantsOf('incomingMode', 'inherited', 'buffer'),
  variantsOf('failedOpen', 'frees', 'keeps'),
  variantsOf('sendEcho', 'on', 'off', 'with-echo'),
  variantsOf('sendexLimit', 'bytes', 'chars'),
  variantsOf('readEnd', 'line', 'none'),
  variantsOf('recvInRead', false, true),
  variantsOf('recvLatch', 'at-last-byte', 'at-empty-read'),
  variantsOf('promptUrcs', 'held', 'lost'),
  variantsOf('closeUnknown', 'ok', 'error'),
  variantsOf('state', 'true', 'client-3', 'listener-4', 'incoming-4'),
  variantsOf('stateLocalPort', 'real', 'configured', 'zero'),
  variantsOf('stateServer', 'own', 'zero'),
  variantsOf('tcpipErrors', 'bare', 'cme'),
  variantsOf(
    'qicfg',
    '',
    'viewmode=1;dataformat=1,1;recvind=1',
    'sendinfo=1;TCP/SendMode=4;passiveclosed=1',
    'close/mode=1;TCP/SendMode=3',
  ),
];

scenario(
  'Payload of any kind',
  () => {
    for (const variant of allPairs(QUESTIONS, () => true).map((all) => Object.assign({}, ...all) as Variant))
      it(
        `comes back from an echo server: ${Object.values(variant).map(String).join(' ')}`.replace(
          /\s+/g,
          ' ',
        ),
        async () => {
          const rig = await readyRig({ simulator: variant });
          const echo = rig.echo();
          const { peer } = await (await rig.openServer()).connect();
          const data = hostileBytes(6000, JSON.stringify(variant));
          peer.socket.write(data);
          assert.ok((await peer.read(data.length)).equals(data));
          assert.deepEqual(echo.failures, []);
          assert.equal(rig.modem.counters.resyncs, 0);
        },
      );
  },
  [TCPIP],
);

scenario(
  'Sockets of the TCP/IP commands',
  () => {
    it('have the lowest free id', async () => {
      const rig = await readyRig();
      const peers = await tcpServer();
      const server = await rig.openServer();
      const client = rig.declareClient({ port: peers.port });
      await client.event('client/open');
      assert.deepEqual([server.socketId, client.socketId], [0, 1]);
      assert.equal((await server.connect()).socketId, 11);
    });

    it('are released when the peer has closed, after the last byte was read', async () => {
      const rig = await readyRig();
      const collector = rig.collect();
      const server = await rig.openServer();
      for (let times = 0; times < 15; times++) {
        const { peer, socketId } = await server.connect();
        const before = collector.data(socketId).length;
        peer.socket.end('last words');
        await collector.until(socketId, before + 10);
        await server.event('client/close');
      }
      await rig.until(async () => (await rig.clients()).length === 1);
    });

    it('are limited to twelve, and a further peer is rejected and reported', async () => {
      const rig = await readyRig();
      const server = await rig.openServer();
      for (let count = 0; count < 11; count++) await server.connect();
      const warned = rig.warnings.next((text) => text.includes('refused a connection'));
      await server.dial().then(
        (peer) => peer.ended,
        () => undefined,
      );
      await warned;
      assert.equal(rig.modem.connections().length, 11);
    });

    it('prevent another from being opened when all are in use, which is reported', async () => {
      const rig = await readyRig();
      const server = await rig.openServer();
      for (let count = 0; count < 11; count++) await server.connect();
      const client = rig.declareClient({ port: 7 });
      assert.match((await client.error()).message, /all sockets of the module are in use/);
    });

    it('have no id that the module does not have', async () => {
      const rig = await readyRig();
      const client = rig.declareClient({ port: 7, socketId: 12 });
      const error = await client.error();
      assert.equal(error.code, 'QFWD_INVALID');
      assert.match(error.message, /0 to 11/);
      assert.equal(rig.count('AT+QIOPEN'), 0);
    });

    it('are closed by the driver when they are idle', async () => {
      const rig = await readyRig();
      rig.collect();
      const server = await rig.openServer({ idleTimeout: 60 });
      const { peer, socketId } = await server.connect();
      await rig.pass(50_000);
      peer.socket.write('x');
      await rig.pass(55_000);
      assert.equal(server.events.includes('client/close'), false);
      const closed = await server.event('client/close');
      assert.deepEqual([closed.socketId, closed.reason], [socketId, 'idle']);
      await peer.ended;
    });

    for (const failedOpen of ['frees', 'keeps'] as const)
      it(`that could not be opened release their id (${failedOpen})`, async () => {
        const rig = await readyRig({ simulator: { failedOpen } });
        const { port, close } = await tcpServer();
        close();
        const client = rig.declareClient({ port });
        assert.equal((await client.event('client/failed')).result, 566);
        for (let times = 0; times < 14; times++) await client.event('client/failed');
        await tcpServer(port);
        const { socketId } = await client.event('client/open');
        assert.ok(socketId <= 1);
      });

    it('that were opened by other programs are left alone', async () => {
      const rig = await readyRig();
      const outside = await tcpServer();
      await rig.ask('AT+QIACT=1');
      await rig.ask(`AT+QIOPEN=1,0,"TCP","127.0.0.1",${outside.port},0,1`);
      await outside.peers.next();
      const server = await rig.openServer();
      assert.equal(server.socketId, 1);
      await server.endpoint.close();
      assert.equal((await rig.clients()).length, 1);
    });

    it('may be idle forever if the idle timeout is 0', async () => {
      const rig = await readyRig();
      const server = await rig.openServer({ idleTimeout: 0 });
      await server.connect();
      await rig.pass(600_000);
      assert.equal(rig.modem.connections().length, 1);
    });

    it('that cannot be opened with correct parameters fail with an explanation', async () => {
      const rig = await readyRig({ simulator: { opensUntilStuck: 1 } });
      await rig.openServer();
      const client = rig.declareClient({ port: 7 });
      assert.match((await client.error()).message, /restart the module/);
    });
  },
  [TCPIP],
);

scenario(
  'A UDP server of the TCP/IP commands',
  () => {
    for (const readAddress of ['quoted', 'unquoted'] as const)
      it(`sends to whoever has sent the last datagram (${readAddress})`, async () => {
        const rig = await readyRig({ simulator: { readAddress } });
        const echo = rig.echo();
        const server = await rig.openServer({ protocol: 'udp' });
        const peers = [await UdpPeer.bind(), await UdpPeer.bind()];
        for (let times = 0; times < 3; times++)
          for (const [index, peer] of peers.entries()) {
            peer.send(`${times} to ${index}`, server.settings.port);
            assert.equal((await peer.datagrams.next()).data.toString(), `${times} to ${index}`);
          }
        assert.deepEqual(echo.failures, []);
      });

    it('delivers data of unknown senders, and drops it if there is an allow list', async () => {
      const rig = await readyRig({ simulator: { readAddress: 'missing' } });
      const collector = rig.collect();
      const server = await rig.openServer({ protocol: 'udp' });
      const other = await rig.openServer({ owner: 'another', protocol: 'udp', allow: ['127.0.0.1'] });
      const peer = await UdpPeer.bind();
      peer.send('dropped', other.settings.port);
      peer.send('x', server.settings.port);
      await collector.until(server.socketId, 1);
      await rig.pass(1000);
      assert.equal(collector.data(other.socketId).length, 0);
      const answer = rig.modem.send(server.socketId, Buffer.from('y'), 1000);
      await assert.rejects(answer, { code: 'QFWD_INVALID' });
    });

    it('detects an empty datagram', async () => {
      const rig = await readyRig();
      const collector = rig.collect();
      const server = await rig.openServer({ protocol: 'udp' });
      const peer = await UdpPeer.bind();
      for (const text of ['', 'x', '']) peer.send(text, server.settings.port);
      await rig.until(() => collector.pieces(server.socketId).length === 3);
      assert.equal(collector.data(server.socketId).toString(), 'x');
    });

    it('delivers datagrams only of peers that it admits', async () => {
      const rig = await readyRig();
      const collector = rig.collect();
      const server = await rig.openServer({ protocol: 'udp', allow: ['127.0.0.1'] });
      const other = await rig.openServer({ owner: 'another', protocol: 'udp', allow: ['10.0.0.0/8'] });
      const peer = await UdpPeer.bind();
      peer.send('ignored', other.settings.port);
      peer.send('x', server.settings.port);
      await collector.until(server.socketId, 1);
      await rig.pass(1000);
      assert.equal(collector.data(other.socketId).length, 0);
    });
  },
  [TCPIP],
);

scenario(
  'A PDP context',
  () => {
    for (const contextLoss of ['told', 'silent'] as const)
      for (const [lostContext, openRefused] of [
        ['gone', 'urc'],
        ['listed', 'urc'],
        ['listed', 'error'],
      ] as const)
        it(`that is lost is activated again, with its servers and clients (${contextLoss}, ${lostContext}, ${openRefused})`, async () => {
          const rig = await readyRig({ simulator: { contextLoss, lostContext, openRefused } });
          rig.echo();
          const peers = await tcpServer();
          const server = await rig.openServer();
          const client = rig.declareClient({ port: peers.port });
          await client.event('client/open');
          await server.connect();
          rig.module.loseContext(1);
          await server.event('server/close');
          await server.event('server/open');
          await client.event('client/close');
          await client.event('client/open');
          const { peer } = await server.connect();
          peer.socket.write('again');
          assert.equal(await peer.text(5), 'again');
          await rig.until(() => rig.modem.connections().length === 2);
        });

    it('whose activation takes long makes messages wait', async () => {
      const rig = await readyRig({ simulator: { activateDelay: 60_000 } });
      const server = await rig.openServer();
      assert.ok(rig.clock.now() >= 60_000);
      await rig.state('activating');
      assert.equal(rig.modem.state, 'ready');
      assert.equal(rig.modem.counters.resyncs, 0);
      await server.connect();
    });

    it('that is activated for a client whose owner returns meanwhile opens one connection', async () => {
      const outside = await tcpServer();
      const rig = await readyRig({ simulator: { activateDelay: 3000 } });
      rig.declareClient({ port: outside.port });
      await rig.state('activating');
      rig.modem.endpoints.release('a client', false);
      const client = rig.declareClient({ port: outside.port });
      await client.event('client/open');
      await rig.pass(5000);
      assert.equal(rig.count('AT+QIOPEN=1,'), 1);
      assert.deepEqual([outside.peers.all.length, rig.modem.connections().length], [1, 1]);
    });

    it('that the operator denies causes an error that explains it', async () => {
      const rig = startRig({ simulator: { activeContexts: 1 }, modem: { pdpCid: 0 } });
      await rig.state('ready');
      await rig.openServer({ pdpCid: 1 });
      const second = await rig.declareServer({ owner: 'another', pdpCid: 2 });
      assert.match((await second.error()).message, /another context is active already|does not allow/);
    });
  },
  [TCPIP],
);

scenario(
  'Sockets that outlive the modem',
  () => {
    for (const stateLocalPort of ['real', 'configured', 'zero'] as const)
      for (const state of ['true', 'client-3', 'listener-4', 'incoming-4'] as const)
        it(`are adopted by a modem that knows nothing of them (${stateLocalPort}, ${state})`, async () => {
          const module = newModule({ stateLocalPort, state });
          const outside = await tcpServer();
          const first = await readyRig({ module });
          const before = await first.openServer();
          const { peer } = await before.connect();
          await first.declareClient({ port: outside.port }).event('client/open');
          await first.stop();
          peer.socket.write('meanwhile');
          const second = await readyRig({ module });
          const collector = second.echo();
          const server = await second.declareServer({ port: before.settings.port });
          const client = second.declareClient({ port: outside.port });
          await server.event('server/open');
          await client.event('client/open');
          assert.equal(await peer.text(9), 'meanwhile');
          assert.deepEqual(collector.failures, []);
          assert.equal(outside.peers.all.length, 1);
          assert.equal(second.modem.connections().length, 2);
        });

    it('are kept for owners that return shortly, even if the lists do not tell servers apart', async () => {
      const rig = await readyRig({ simulator: { stateLocalPort: 'zero' } });
      const [one, other] = [await rig.openServer({ owner: 'one' }), await rig.openServer({ owner: 'other' })];
      const { peer, socketId } = await one.connect();
      for (const owner of ['one', 'other']) rig.modem.endpoints.release(owner, false);
      const again = await rig.declareServer({ owner: 'one', port: one.settings.port });
      const changed = await rig.declareServer({ owner: 'other', port: other.settings.port + 1 });
      assert.equal((await again.event('server/open')).socketId, one.endpoint.claimedId);
      await changed.event('server/open');
      const { socketId: newId } = await changed.connect();
      assert.equal(peer.socket.closed, false);
      assert.deepEqual(
        rig.modem.connections().map((it) => it.socketId),
        [socketId, newId],
      );
    });

    it('and end meanwhile deliver their last data, and release their ids', async () => {
      const module = newModule();
      const first = await readyRig({ module });
      const before = await first.openServer();
      const stays = await before.connect();
      const { peer } = await before.connect();
      await first.pass(1000);
      await first.stop();
      peer.socket.end('last words');
      const second = startRig({ module });
      const collector = second.collect();
      const server = await second.declareServer({ port: before.settings.port });
      await collector.until(10, 10);
      assert.equal((await server.event('client/close')).socketId, 10);
      await second.until(async () => (await second.clients()).length === 2);
      assert.equal(stays.peer.socket.closed, false);
    });

    it('are opened again after the module has restarted, with its settings', async () => {
      const rig = await readyRig({ simulator: { qicfg: 'viewmode=1;dataformat=0,1' } });
      rig.echo();
      const server = await rig.openServer();
      await rig.module.reboot();
      await server.event('server/close');
      await server.event('server/open');
      const { peer } = await server.connect();
      peer.socket.write('hello');
      assert.equal(await peer.text(5), 'hello');
    });
  },
  [TCPIP],
);

scenario(
  'A calibration of the TCP/IP commands',
  () => {
    for (const fixedLength of ['transparent', 'ends-at-ctrl-z', 'cancels-at-esc'] as const)
      for (const sendexLimit of ['bytes', 'chars'] as const)
        it(`detects how payload must be sent (${fixedLength}, ${sendexLimit})`, async () => {
          const { rig, profile } = await calibrated({ simulator: { fixedLength, sendexLimit } });
          const { facts, obstacle } = profile;
          assert.equal(obstacle, undefined);
          assert.equal(facts.fixed === 'transparent', fixedLength === 'transparent');
          assert.deepEqual(
            [facts.hex, facts.hexLimit, facts.harmless],
            ['transparent', sendexLimit === 'bytes' ? 'bytes' : 'digits', 'transparent'],
          );
          assert.ok(isProfile(profile));
          const echo = rig.echo();
          const { peer } = await (await rig.openServer()).connect();
          const before = rig.count('AT+QISEND');
          const data = hostileBytes(14_600, 'calibrated');
          peer.socket.write(data);
          assert.ok((await peer.read(data.length)).equals(data));
          assert.deepEqual(echo.failures, []);
          if (fixedLength === 'transparent') assert.ok(rig.count('AT+QISEND') - before <= 25);
        });
  },
  [TCPIP],
);

scenario(
  'The choice of commands',
  () => {
    const both = [qfwdFamily, tcpipFamily];

    it('is AT+QFWD if the firmware has it, however late', async () => {
      const rig = await readyRig({ simulator: { family: 'both', apDelay: 30_000 }, families: both });
      assert.equal(rig.modem.commands?.family, 'qfwd');
    });

    it('is AT+QIOPEN if it has not, after the time that an application processor may need', async () => {
      const rig = await readyRig({ families: both });
      assert.equal(rig.modem.commands?.family, 'tcpip');
      assert.ok(rig.clock.now() > 30_000);
    });

    it('is AT+QIOPEN at once if the model has no AT+QFWD', async () => {
      for (const model of ['BG95-M3', 'EC200U', 'EG915U', 'RM500Q-GL']) {
        const before = virtualClock().now();
        const module = newModule({ family: 'tcpip' });
        module.inject({
          send: (packet) => [
            {
              ...packet,
              bytes: Buffer.from(packet.bytes.toString('latin1').replace('EC25', model), 'latin1'),
            },
          ],
        });
        const rig = await readyRig({ module, families: both });
        assert.equal(rig.modem.commands?.family, 'tcpip');
        assert.ok(rig.clock.now() - before < 2000, model);
      }
    });

    it('is AT+QIOPEN at once if this firmware had no AT+QFWD before', async () => {
      const foundFamily: Kept<FoundFamily> = { value: undefined };
      const { clock } = await readyRig({ families: both, foundFamily });
      const found = foundFamily.value;
      assert.equal(found?.family, 'tcpip');
      const before = clock.now();
      const rig = await readyRig({ families: both, foundFamily });
      assert.equal(rig.modem.commands?.family, 'tcpip');
      assert.ok(clock.now() - before < 2000);
      const other = { ...found, firmware: 'EC25OLD' };
      await readyRig({ families: both, foundFamily: { value: other } });
      assert.ok(clock.now() - before > 30_000);
    });

    it('is AT+QFWD again if the firmware has it after all', async () => {
      const foundFamily: Kept<FoundFamily> = { value: undefined };
      await readyRig({ families: both, foundFamily });
      const rig = await readyRig({ simulator: { family: 'both' }, families: both, foundFamily });
      assert.equal(rig.modem.commands?.family, 'qfwd');
    });

    it('stays the same in the next session, which waits no longer', async () => {
      const rig = await readyRig({ families: both });
      const before = rig.clock.now();
      await rig.replug();
      assert.equal(rig.modem.commands?.family, 'tcpip');
      assert.ok(rig.clock.now() - before < 10_000);
    });

    it('is at once the one that this firmware was measured with', async () => {
      const { profile } = await calibrated();
      const rig = await readyRig({ families: both, profile });
      assert.equal(rig.modem.commands?.family, 'tcpip');
      assert.ok(rig.clock.now() < 10_000);
    });
  },
  [TCPIP],
);
