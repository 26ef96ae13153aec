import assert from 'node:assert/strict';

import type { Transport } from '../../src/at';
import { delayNext, loseInput, type SimulatedModule } from '../../src/simulator';
import { QFWD, scenario } from '../support/modem/family';
import { forget, inUse, pair, type PortName, PORTS, reportsAt } from '../support/modem/pair';
import { freePort } from '../support/free-port';
import { connectPeer, tcpServer } from '../support/peers';
import { Port } from '../support/modem/ports';
import { newModule, startRig } from '../support/modem/rig';

/** A port whose bytes arrive late. */
class LatePort {
  private held: (() => void)[] | undefined;

  constructor(private readonly name: PortName) {}

  of(module: SimulatedModule): Transport {
    const port = new Port(this.name, module);
    return {
      name: this.name,
      open: (events) =>
        port.open({
          closed: (reason) => events.closed(reason),
          data: (chunk) => {
            if (this.held) this.held.push(() => events.data(chunk));
            else events.data(chunk);
          },
        }),
    };
  }

  hold(): void {
    this.held = [];
  }

  release(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const arrive of held) arrive();
  }
}

const other = (name: PortName): PortName => (name === 'usbat' ? 'usbmodem' : 'usbat');

scenario(
  'Where the port is lost that the module reports to',
  () => {
    for (const first of PORTS) {
      for (const urcPort of PORTS) {
        it(`its URCs go to the other port until it is back (first port: ${first}, lost: ${urcPort})`, async () => {
          const it = await pair({ first });
          const { rig, ports } = it;
          const collector = rig.collect();
          const server = await rig.openServer({ urcPort });
          const before = await server.connect();
          ports[urcPort].pull();
          await reportsAt(rig, other(urcPort));
          const during = await server.connect();
          const { port } = await tcpServer();
          const client = rig.declareClient({ port, urcPort });
          await client.event('client/open');
          for (const { peer, socketId } of [before, during]) {
            peer.socket.write('alone');
            await collector.untilText(socketId, 'alone');
          }
          await reportsAt(rig, other(urcPort));

          ports[urcPort].plug();
          forget(it);
          await inUse(it, urcPort);
          await reportsAt(rig, urcPort);
          for (const { peer, socketId } of [before, during]) {
            peer.socket.write('together');
            await collector.untilText(socketId, 'together');
          }
          before.peer.socket.end();
          await collector.ended.next(({ socketId }) => socketId === before.socketId);
          assert.deepEqual(server.events, [
            'server/open',
            'client/incoming',
            ...(first === urcPort ? ['server/open', 'client/incoming'] : []),
            'client/incoming',
            'client/close',
          ]);
        });
      }
    }

    it('and then the other port, too, its URCs return at once', async () => {
      const it = await pair();
      const { rig, ports } = it;
      const collector = rig.collect();
      const { peer, socketId } = await (await rig.openServer()).connect();
      ports.usbat.pull();
      await reportsAt(rig, 'usbmodem');
      ports.usbat.plug();
      ports.usbmodem.pull();
      await reportsAt(rig, 'usbat');
      peer.socket.write('hello');
      await collector.untilText(socketId, 'hello');
    });

    it('data is polled every second on firmware that cannot move URCs', async () => {
      const it = await pair({ simulator: { lacks: 'QFWDCFG' } });
      const { rig, ports } = it;
      const collector = rig.collect();
      const server = await rig.openServer();
      const all = [];
      for (let index = 0; index < 5; index++) all.push(await server.connect());
      ports.usbat.pull();
      await rig.state('offline');
      await rig.state('ready');
      await rig.until(() => rig.count('AT+QFWDCFG') >= 6);
      await rig.pass(60_000);
      for (const { peer, socketId } of all) {
        const told = rig.clock.now();
        peer.socket.write('hello');
        await collector.untilText(socketId, 'hello');
        const took = rig.clock.now() - told;
        assert.ok(took <= 1000, `it took ${took} ms`);
      }
    });

    it('before the modem starts, the URCs of what is opened without it go to the other port', async () => {
      const module = newModule();
      const usbat = new Port('usbat', module);
      usbat.pull();
      const rig = startRig({
        module,
        modem: { parallel: true },
        transport: () => usbat,
        second: () => new Port('usbmodem', module),
      });
      const collector = rig.collect();
      const server = await rig.declareServer();
      await rig.state('ready');
      await server.event('server/open');
      await reportsAt(rig, 'usbmodem');
      const { peer, socketId } = await server.connect();
      peer.socket.write('hello');
      await collector.untilText(socketId, 'hello');
    });
  },
  [QFWD],
);

scenario('A second port that does not respond', (family) => {
  if (family === QFWD)
    it('delays only commands in progress, and is used again when it responds', async () => {
      const it = await pair();
      const { rig, commands } = it;
      const server = await rig.openServer();
      const connections = [];
      for (let index = 0; index < 4; index++) connections.push(await server.connect());
      rig.module.inject(delayNext(3000), 'usbmodem');
      forget(it);
      const finished: number[] = [];
      await Promise.all(
        connections.map(async ({ socketId }, index) => {
          for (const text of ['one', ' two']) await rig.modem.send(socketId, Buffer.from(text), 60_000);
          finished.push(index);
        }),
      );
      assert.equal(finished.at(-1), 0);
      for (const { peer } of connections) {
        await peer.untilText('two');
        assert.equal(peer.received.toString(), 'one two');
      }
      assert.deepEqual(rig.problems, []);
      forget(it);
      await rig.modem.send(connections[0]!.socketId, Buffer.from(' three'), 60_000);
      assert.ok(commands.usbmodem.some((line) => line.startsWith(rig.family.commands.send)));
    });

  if (family === QFWD)
    it('after its prompt does not delay the payload, which is sent over the first port', async () => {
      const { rig } = await pair();
      const { peer, socketId } = await (await rig.openServer()).connect();
      rig.module.inject({ send: (packet) => (packet.kind === 'prompt' ? [] : [packet]) }, 'usbmodem');
      await rig.modem.send(socketId, Buffer.from('once'), 60_000);
      await rig.modem.send(socketId, Buffer.from(' more'), 60_000);
      await peer.untilText('more');
      assert.equal(peer.received.toString(), 'once more');
    });

  it('together with the first port makes the modem reconnect after increasing pauses', async () => {
    const { rig } = await pair();
    for (const port of PORTS) rig.module.inject(loseInput(Infinity), port);
    await rig.pass(100_000);
    const before = rig.states.all.length;
    await rig.pass(600_000);
    const tries = rig.states.all.slice(before).filter((state) => state === 'connecting').length;
    assert.ok(tries > 0 && tries <= 30, `${tries} tries in 10 minutes`);
  });

  it('anymore makes one outcome unknown, and nothing is sent twice', async () => {
    const { rig } = await pair();
    const server = await rig.openServer();
    const connections = [];
    for (let index = 0; index < 4; index++) connections.push(await server.connect());
    let isPrompted = false;
    const heal = rig.module.inject(
      {
        send: (packet) => {
          const isDead = isPrompted;
          isPrompted ||= packet.kind === 'prompt';
          return isDead ? [] : [packet];
        },
      },
      'usbmodem',
    );
    const sends = connections.map(({ socketId }) => rig.modem.send(socketId, Buffer.from('once'), 60_000));
    const results = await Promise.allSettled(sends);
    heal();
    assert.deepEqual(
      results.map((it) => (it.status === 'fulfilled' ? 'sent' : (it.reason as { code: string }).code)),
      ['QFWD_UNKNOWN_OUTCOME', 'sent', 'sent', 'sent'],
    );
    for (const { peer } of connections) {
      await peer.untilText('once');
      assert.equal(peer.received.toString(), 'once');
    }
  });
});

scenario(
  'Servers that report to different ports',
  () => {
    it('report each connection once, even if socket ids are reused at once', async () => {
      const { rig } = await pair();
      const collector = rig.collect();
      const servers = [
        await rig.openServer({ owner: 'one', urcPort: 'usbat', port: await freePort() }),
        await rig.openServer({ owner: 'two', urcPort: 'usbmodem', port: await freePort() }),
      ];
      const COUNT = 30;
      const tell = async (index: number): Promise<void> => {
        const peer = await connectPeer(servers[index % 2]!.settings.port);
        peer.socket.end(`${peer.port}:${index};`.repeat(50));
        await peer.closed;
      };
      const lane = async (first: number): Promise<void> => {
        for (let index = first; index < first + COUNT / 3; index++) await tell(index);
      };
      await Promise.all([lane(0), lane(101), lane(200)]);
      await collector.ended.until(() => collector.ended.all.length >= COUNT);
      for (const connection of collector.connections()) {
        const text = collector.dataOf(connection).toString();
        assert.match(text, new RegExp(`^(${connection.ends?.port}:\\d+;){50}$`));
      }
      const events = servers.flatMap((server) => server.events);
      const count = (name: string) => events.filter((event) => event === name).length;
      assert.deepEqual([count('client/incoming'), count('client/close')], [COUNT, COUNT]);
    });

    it('may report in another order than the events happened', async () => {
      const late = { usbat: new LatePort('usbat'), usbmodem: new LatePort('usbmodem') };
      const module = newModule({ halfClose: 0 });
      const rig = startRig({
        module,
        modem: { parallel: true },
        transport: () => late.usbat.of(module),
        second: () => late.usbmodem.of(module),
      });
      await rig.state('ready');
      const collector = rig.collect();
      const one = await rig.openServer({ owner: 'one', urcPort: 'usbat', port: await freePort() });
      const two = await rig.openServer({ owner: 'two', urcPort: 'usbmodem', port: await freePort() });
      const before = await one.connect();
      late.usbat.hold();
      before.peer.socket.destroy();
      await rig.until(async () => (await rig.clients()).length === 0);
      const after = await two.connect();
      assert.equal(after.socketId, before.socketId);
      late.usbat.release();
      after.peer.socket.write('mine');
      await collector.untilText(after.socketId, 'mine');
      await rig.modem.requests.servers();
      await collector.ended.next();
      await rig.modem.requests.servers();
      after.peer.socket.end('last');
      await collector.ended.next();
      assert.deepEqual(collector.pieces(after.socketId).join(), 'mine,last');
      assert.deepEqual(one.events, ['server/open', 'client/incoming', 'client/close']);
      assert.deepEqual(two.events, ['server/open', 'client/incoming', 'client/close']);
    });
  },
  [QFWD],
);

scenario('Payload while the first port is lost', () => {
  it('is sent over the other port, except for the one command that was already written', async () => {
    const { rig, ports } = await pair();
    const { peer, socketId } = await (await rig.openServer()).connect();
    const numbers = Array.from({ length: 30 }, (_, index) => String(index + 10));
    const send = (text: string) => rig.modem.send(socketId, Buffer.from(text), 60_000);
    const before = numbers.slice(0, 10).map(send);
    ports.usbat.pull();
    const meanwhile = numbers.slice(10, 20).map(send);
    await rig.state('offline');
    const later = numbers.slice(20).map(send);
    const results = await Promise.allSettled([...before, ...meanwhile, ...later]);
    const failed = results.flatMap((it) => (it.status === 'rejected' ? [it.reason as { code: string }] : []));
    assert.ok(failed.length <= 1 && failed.every(({ code }) => code === 'QFWD_UNKNOWN_OUTCOME'));
    await peer.untilText('39');
    const received = peer.received.toString().match(/../g) ?? [];
    const certain = numbers.filter((_, index) => results[index]?.status === 'fulfilled');
    assert.deepEqual(
      received.filter((text) => certain.includes(text)),
      certain,
    );
    assert.ok(received.length <= numbers.length);
  });

  it('fails when the modem is stopped, except for what there is time for', async () => {
    const { rig } = await pair({ simulator: { answerDelay: 200 } });
    const { socketId } = await (await rig.openServer()).connect();
    const sends = Array.from({ length: 99 }, () => rig.modem.send(socketId, Buffer.from('x'), 60_000));
    const ends = Promise.allSettled(sends);
    await rig.stop();
    const codes = (await ends).map((it) =>
      it.status === 'rejected' ? (it.reason as Error & { code: string }).code : 'sent',
    );
    assert.ok(codes.includes('sent') && codes.includes('QFWD_OFFLINE'), codes.join());
  });

  it('fails at once if the other port is lost, too', async () => {
    const { rig, ports } = await pair();
    const { socketId } = await (await rig.openServer()).connect();
    ports.usbmodem.pull();
    await rig.modem.requests.servers();
    ports.usbat.pull();
    await rig.state('offline');
    const from = rig.clock.now();
    await assert.rejects(rig.modem.send(socketId, Buffer.from('x'), 60_000), { code: 'QFWD_OFFLINE' });
    assert.ok(rig.clock.now() - from < 5000);
  });
});
