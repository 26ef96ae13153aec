import assert from 'node:assert/strict';

import { type Transport } from '../../src/at';
import { garbleNext } from '../../src/simulator';
import { hostileBytes } from '../support/hostile';
import { inProcessTransport } from '../../src/transport';
import { codeOf } from '../support/modem/records';
import { loseNextSent } from '../support/modem/faults';
import { QFWD, scenario } from '../support/modem/family';
import { newModule, readyRig, startRig } from '../support/modem/rig';
import { tcpServer } from '../support/peers';

scenario('After a reconnect', (family) => {
  it('servers, clients and connections are adopted, and unread data is delivered', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    const { peer, socketId } = await server.connect();
    const ids = [server.socketId, client.socketId];
    peer.socket.write('before');
    await collector.until(socketId, 6);

    rig.module.unplug();
    await rig.state('offline');
    assert.throws(() => rig.modem.connection(socketId), { code: 'QFWD_OFFLINE' });
    await assert.rejects(rig.modem.send(socketId, Buffer.from('x'), 1000), { code: 'QFWD_OFFLINE' });
    peer.socket.write('meanwhile');
    const late = await server.dial();
    late.socket.write('new');

    assert.deepEqual(await server.event('server/open'), {
      event: 'server/open',
      socketId: ids[0],
      result: 0,
      adopted: true,
    });
    assert.equal((await client.event('client/open')).adopted, true);
    assert.equal((await client.event('client/incoming')).adopted, true);
    const incoming = [await server.event('client/incoming'), await server.event('client/incoming')];
    assert.deepEqual(
      incoming.map(({ adopted, port }) => ({ adopted, port })),
      [peer, late].map((it) => ({ adopted: true, port: it.port })),
    );
    await collector.until(socketId, 15);
    assert.equal(collector.data(socketId).toString(), 'beforemeanwhile');
    assert.equal((await collector.until(incoming[1]!.socketId, 3)).toString(), 'new');
    assert.deepEqual([server.socketId, client.socketId], ids);
    assert.equal(outside.peers.all.length, 1);
    assert.ok(!server.events.includes('server/close') && !client.events.includes('client/close'));
  });

  it('what closed meanwhile is reported, after its last data if the driver alone assigns its socket id', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer();
    const client = rig.declareClient({ port: outside.port });
    const { socketId: clientId } = await client.event('client/open');
    const { peer, socketId } = await server.connect();
    rig.module.unplug();
    await rig.state('offline');
    peer.socket.end('bye');
    (await outside.peers.next()).socket.end('ciao');
    await peer.ended;
    await server.event('client/close');
    await client.event('client/close');
    // Others may have come and gone under its id, unless that is kept until it is closed.
    assert.equal(collector.data(socketId).toString(), family === QFWD ? '' : 'bye');
    assert.equal(collector.data(clientId).toString(), 'ciao');
    await client.event('client/open');
    await outside.peers.next();
  });

  it('a message on the line has an unknown outcome and is not sent again, and the next fails at once', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    rig.module.inject(loseNextSent());
    const sends = ['one', 'two'].map((text) => rig.modem.send(socketId, Buffer.from(text), 20_000));
    await peer.untilText('one');
    rig.module.unplug();
    const results = await Promise.allSettled(sends);
    assert.deepEqual(
      results.map((it) => (it.status === 'rejected' ? (it.reason as { code: string }).code : 'sent')),
      ['QFWD_UNKNOWN_OUTCOME', 'QFWD_OFFLINE'],
    );
    await server.event('server/open');
    await server.event('client/incoming');
    await rig.modem.send(socketId, Buffer.from('three'), 20_000);
    await peer.untilText('three');
    assert.equal(peer.received.toString(), 'onethree');
  });

  it('a message of which a part was accepted has an unknown outcome, too', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 3 * family.sendLength } });
    const { socketId } = await (await rig.openServer()).connect();
    rig.module.holdSending(socketId);
    const sending = rig.modem.send(socketId, Buffer.alloc(6000), 60_000);
    const sent = 3 * family.sendLength;
    const failed = assert.rejects(sending, { code: 'QFWD_UNKNOWN_OUTCOME', sent });
    await rig.pass(10_000);
    rig.module.unplug();
    await failed;
  });

  it('a message that was accepted and waits for its delivery has an unknown outcome, too', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { socketId } = await server.connect();
    rig.module.holdSending(socketId);
    await rig.modem.send(socketId, Buffer.from('taken'), 20_000);
    const confirmed = rig.modem.awaitDelivery(socketId, 20_000);
    rig.module.once('command', () => setImmediate(() => rig.module.unplug()));
    await assert.rejects(confirmed, { code: 'QFWD_UNKNOWN_OUTCOME' });
  });

  if (family === QFWD)
    it('a response that lacked only its OK counts', async () => {
      const rig = await readyRig();
      const server = await rig.openServer();
      const { socketId } = await server.connect();
      let isPrompted = false;
      rig.module.inject({
        send: (packet) => {
          if (packet.kind === 'prompt') isPrompted = true;
          if (!isPrompted || packet.kind !== 'result') return [packet];
          setImmediate(() => rig.module.unplug());
          return [];
        },
      });
      // Its QFWDSEND line comes, and the cable is pulled in the place of OK.
      const sent = await rig.modem.send(socketId, Buffer.from('x'), 20_000);
      assert.equal(sent.bytes, 1);
    });
});

scenario('A module that restarts', () => {
  it('has lost its sockets, which are opened again', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const server = await rig.openServer();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    await server.connect();
    const sent = rig.module.reboot();
    await rig.within(1000, server.event('client/close'));
    await server.event('server/close');
    await client.event('client/close');
    await sent;
    assert.equal((await server.event('server/open')).adopted, undefined);
    assert.equal((await client.event('client/open')).adopted, undefined);
    assert.deepEqual(server.events, [
      'server/open',
      'client/incoming',
      'client/close',
      'server/close',
      'server/open',
    ]);
    assert.ok(!rig.states.all.includes('offline'));
    await server.connect();
  });

  it('without a URC, while the cable is disconnected, is detected from its lists', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await server.connect();
    rig.module.unplug();
    await rig.state('offline');
    await rig.module.reboot();
    await server.event('server/close');
    await server.event('server/open');
    assert.deepEqual(rig.modem.connections(), []);
    assert.ok(server.events.includes('client/close'));
  });

  it('during startup is started up again', async () => {
    const rig = startRig({ simulator: { apDelay: 2000, pin: '1234' }, modem: { pin: '1234' } });
    await rig.state('initializing');
    for (let times = 0; times < 3; times++) {
      await new Promise((resolve) => rig.module.once('command', resolve));
      await rig.module.reboot();
    }
    await rig.openServer();
    assert.deepEqual(rig.problems, []);
  });

  it('and takes long to have its QFWD commands is waited for', async () => {
    const rig = await readyRig({ simulator: { apDelay: 15_000, bootDelay: 2000 } });
    const server = await rig.openServer();
    await rig.module.reboot();
    await rig.within(17_000, server.event('server/open'));
  });

  it('after it was powered down is waited for', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    rig.module.urc('POWERED DOWN');
    await rig.module.reboot();
    await server.event('server/close');
    await server.event('server/open');
  });
});

scenario('A module that does not respond', () => {
  it('is given up, its port is reopened repeatedly, and it is used again when it responds', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const stop = rig.module.inject({ receive: () => Buffer.alloc(0) });
    await rig.within(40_000, rig.state('offline'));
    await rig.state('connecting');
    await rig.state('offline');
    stop();
    assert.equal((await rig.within(40_000, server.event('server/open'))).adopted, true);
  });
});

scenario('A port', () => {
  const failing = (times: number, inner: Transport): Transport & { opened: number } => {
    const transport = {
      name: 'failing',
      opened: 0,
      open: (events: Parameters<Transport['open']>[0]) => {
        transport.opened++;
        if (transport.opened <= times) return Promise.reject(new Error('Access denied'));
        return inner.open(events);
      },
    };
    return transport;
  };

  it('that cannot be opened is tried again after increasing pauses', async () => {
    const module = newModule();
    const transport = failing(
      4,
      inProcessTransport('it', () => module.attach()),
    );
    const rig = startRig({ module, transport: () => transport, random: 0 });
    const reasons: (string | undefined)[] = [];
    const tries: number[] = [];
    rig.modem.on('state', (state, reason) => {
      if (state === 'connecting') tries.push(rig.clock.now());
      if (state === 'offline') reasons.push(reason?.message);
    });
    await rig.state('ready');
    assert.deepEqual(tries, [500, 1500, 3500, 7500]);
    assert.deepEqual(reasons, Array(4).fill('Access denied'));
  });
});

scenario('A list that is garbled', () => {
  it('is requested again', async () => {
    const rig = await readyRig();
    await rig.openServer({ owner: 'first' });
    rig.module.inject(garbleNext('info', () => Buffer.from('\r\n+QFWDSEVER: x\r\n')));
    const server = await rig.declareServer();
    await rig.within(5000, server.event('server/open'));
    assert.equal(rig.count(rig.family.commands.openServer), 2);
  });
});

scenario('A modem that is stopped', (family) => {
  const bytes = hostileBytes(50_000, 'stop');

  for (const state of ['connecting', 'initializing', 'ready', 'offline'] as const) {
    it(`while it is ${state} is stopped at once, and sends nothing more`, async () => {
      const rig = startRig(state === 'offline' ? { simulator: { urc: 'usbat' } } : {});
      if (state === 'offline') {
        await rig.state('ready');
        rig.module.unplug();
      }
      await rig.state(state);
      let sent = 0;
      rig.module.on('received', () => sent++);
      const started = rig.clock.now();
      await rig.stop();
      assert.equal(rig.clock.now(), started);
      assert.equal(rig.modem.state, 'stopped');
      assert.equal(sent, 0);
    });
  }

  it('during any of its events stops', async () => {
    for (const state of ['offline', 'connecting', 'initializing', 'ready'] as const) {
      const rig = startRig();
      const stopped = new Promise<void>((resolve) => {
        rig.modem.on('state', (next) => {
          if (next === 'ready') rig.module.unplug();
          if (next === state) void rig.modem.stop().then(resolve);
        });
      });
      await stopped;
      assert.equal(rig.modem.state, 'stopped');
    }
  });

  it('during many operations settles every promise', async () => {
    const outside = await tcpServer();
    const rig = await readyRig({ simulator: { sendBuffer: 4096 } });
    rig.echo();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const release = rig.module.holdSending(socketId);
    const opening = rig.declareClient({ port: outside.port, autoOpen: false });
    const promises = [
      rig.modem.send(socketId, bytes, 60_000),
      rig.modem.send(socketId, bytes, 60_000),
      rig.modem.awaitDelivery(socketId, 60_000),
      rig.modem.read(socketId),
      opening.endpoint.open(opening.settings),
    ];
    peer.socket.write(bytes);
    for (const command of [family.commands.send, family.commands.receive, family.commands.openClient])
      await rig.asked(command);
    const settled = Promise.allSettled(promises);
    await rig.stop();
    const codes = (await settled).map((it) => (it.status === 'rejected' ? codeOf(it.reason) : 'done'));
    assert.deepEqual(codes.slice(0, 2), ['QFWD_UNKNOWN_OUTCOME', 'QFWD_OFFLINE']);
    release();
  });

  it('does not wait for a port that does not open', async () => {
    const rig = startRig({ transport: () => ({ name: 'stuck', open: () => new Promise(() => undefined) }) });
    await rig.state('connecting');
    await rig.within(5000, rig.stop());
  });

  it('closes a port that opens only afterwards', async () => {
    const module = newModule();
    let isClosed = false;
    let open: () => void = () => undefined;
    const rig = startRig({
      module,
      transport: () => ({
        name: 'slow',
        open: () =>
          new Promise((resolve) => {
            open = () =>
              resolve({
                write: () => assert.fail('it was written to'),
                close: () => {
                  isClosed = true;
                  return Promise.resolve();
                },
              });
          }),
      }),
    });
    await rig.state('connecting');
    const stopping = rig.stop();
    open();
    await stopping;
    assert.ok(isClosed);
  });

  it('first closes sockets that are no longer declared', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer } = await server.connect();
    rig.modem.endpoints.release('a server', true);
    await rig.stop();
    await peer.ended;
    const other = await readyRig({ module: rig.module });
    assert.deepEqual(await other.servers(), []);
  });
});
