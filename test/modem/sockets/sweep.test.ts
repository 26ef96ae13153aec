import assert from 'node:assert/strict';

import { type ModemMemory, newMemory } from '../../../src/modem';
import { SocketBench, type SocketBenchOptions } from '../../support/socket-bench';
import type { ModelConnection } from '../../support/socket-model';

const PEER = { ip: '10.0.0.2', port: 5555 };

const peers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...PEER, port: 6000 + index }));

/** While the cable is disconnected, peers connect, send and close: their sockets are in no list. */
async function afterOutage(options: SocketBenchOptions = {}, count = 5) {
  const bench = await SocketBench.ready(options);
  const [port] = bench.model.ports;
  const before = bench.model.connect(PEER)!;
  await bench.pass(20_000);
  port.isThere = false;
  port.lose();
  for (const peer of peers(count)) {
    const connection = bench.model.connect(peer)!;
    bench.model.send(connection, 'nobody hears');
    bench.model.end(connection);
  }
  await bench.pass(1000);
  port.isThere = true;
  return { bench, before };
}

describe('Sockets that no list shows', () => {
  for (const [how, module] of [
    ['by the figures of their queues', {}],
    ['by reading, where there are no figures', { lacks: ['QFWDACK'] }],
    ['under ids that count on', { ids: 'counting' }],
    ['that stay until they are closed', { keepsClosed: true }],
  ] as const) {
    it(`are found ${how}, closed and reported, and open ones are kept`, async () => {
      const { bench, before } = await afterOutage({ module });
      await bench.pass(60_000);
      assert.deepEqual(bench.model.live, [before]);
      assert.deepEqual(
        bench.problems.map(({ code }) => code),
        ['QFWD_UNKNOWN_OUTCOME'],
      );
      assert.match(bench.problems[0]!.message, /5 connections .* 60 bytes/);
      assert.equal(bench.notes.data.size, 0);
      bench.model.send(before, 'still here');
      await bench.pass(100);
      assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'still here' });
    });
  }

  it('are looked for with few commands where there are none', async () => {
    const { bench } = await afterOutage({}, 0);
    await bench.until(() => bench.modem.state === 'ready');
    bench.commands();
    await bench.pass(9000);
    const asked = bench.commands().filter((line) => /QFWD(ACK|RECV|CLOSE)/.test(line));
    assert.ok(asked.length > 0 && asked.length < 25, asked.join());
    assert.deepEqual(bench.problems, []);
  });

  it('are closed, so that a module that is full of them accepts connections again', async () => {
    const { bench } = await afterOutage({ module: { most: 6 } });
    assert.equal(bench.model.connect({ ...PEER, port: 1 }), undefined);
    await bench.pass(60_000);
    assert.ok(bench.model.connect({ ...PEER, port: 1 }));
  });

  it('are not confused with sockets that are opened meanwhile', async () => {
    const { bench, before } = await afterOutage();
    const [port] = bench.model.ports;
    await bench.until(() => port.commands.some((line) => line.startsWith('AT+QFWDACK')));
    const newcomer = bench.model.connect({ ...PEER, port: 7 })!;
    bench.model.send(newcomer, 'hello');
    await bench.pass(20_000);
    assert.deepEqual(bench.model.live, [before, newcomer]);
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:7': 'hello' });
  });

  it('are read where there are no queue figures, and connections accepted just before are notified', async () => {
    let newcomer: ModelConnection | undefined;
    const { bench } = await afterOutage(
      {
        module: {
          lacks: ['QFWDACK'],
          answer: (line) => {
            if (newcomer || !line.startsWith('AT+QFWDRECV=3')) return undefined;
            newcomer = bench.model.connect({ ...PEER, port: 7 });
            bench.model.send(newcomer!, 'hello');
            return undefined;
          },
        },
      },
      0,
    );
    await bench.pass(60_000);
    assert.equal(newcomer?.unread, '');
    assert.deepEqual(bench.notes.byPeer, {});
    assert.deepEqual(
      bench.notes.missed.map(({ connection, error }) => [connection.ends?.port, error.code]),
      [[7, 'QFWD_UNKNOWN_OUTCOME']],
    );
  });

  it('are looked for when the module reports that it has no free socket', async () => {
    const bench = await SocketBench.ready();
    await bench.pass(20_000);
    const { serverId, servers } = bench.model;
    servers.set(serverId, 1);
    const unheard = bench.model.connect(PEER)!;
    bench.model.send(unheard, 'x');
    bench.model.end(unheard);
    await bench.pass(30_000);
    assert.ok(!unheard.isGone);
    bench.model.report('"client/open",60000,23');
    await bench.pass(1000);
    assert.ok(unheard.isGone);
  });
});

describe('Sockets that no list shows, of a module that does not reuse ids soon,', () => {
  /** Peers that connect and close. */
  function pass({ model }: SocketBench, count: number): void {
    for (let port = 1; port <= count; port++) {
      const peer = model.connect({ ip: '10.0.0.9', port })!;
      model.send(peer, port > count - 3 ? 'nobody hears' : '');
      model.end(peer);
    }
  }

  async function restarted(memory?: ModemMemory) {
    const options = { module: { ids: 'counting' }, ...(memory && { memory }) } as const;
    const before = await SocketBench.ready(options);
    if (memory) pass(before, 997);
    await before.pass(60_000);
    await before.stop();
    pass(before, memory ? 3 : 1000);
    const { model } = before;
    const bench = new SocketBench({ ...options, model });
    bench.modem.addConsumer(bench.notes);
    bench.declareServer();
    bench.modem.start();
    await bench.pass(60_000);
    return bench;
  }

  it('are found by the next process, which knows the ids from the previous one', async () => {
    const { model, problems } = await restarted(newMemory());
    assert.deepEqual(model.live, []);
    assert.match(problems[0]!.message, /3 connections .* 36 bytes/);
  });

  it('are found once a connection shows which ids the module uses', async () => {
    const bench = await restarted();
    assert.equal(bench.model.live.length, 3);
    const newcomer = bench.model.connect(PEER)!;
    await bench.pass(60_000);
    assert.deepEqual(bench.model.live, [newcomer]);
  });
});

describe('Sockets that no list shows because their URCs were lost', () => {
  it('are found after some time', async () => {
    const bench = await SocketBench.ready({
      module: { answer: (line) => (line === 'AT+SILENCE' ? [''] : undefined) },
    });
    await bench.pass(20_000);
    const { model } = bench;
    model.servers.set(model.serverId, 1);
    const unheard = model.connect(PEER)!;
    model.send(unheard, 'x');
    model.end(unheard);
    model.servers.set(model.serverId, 0);
    void bench.modem.requests.raw('AT+SILENCE').catch(() => undefined);
    await bench.pass(600_000);
    assert.ok(unheard.isGone);
    assert.match(bench.problems[0]!.message, /1 connections/);
  });

  it('are found soon where there are few ids, so that a full module accepts connections again', async () => {
    const bench = await SocketBench.ready({ module: { most: 4 } });
    const { model } = bench;
    await bench.pass(20_000);
    for (const peer of peers(4)) {
      model.isMute = true;
      const unheard = model.connect(peer)!;
      model.isMute = false;
      model.send(unheard, 'x');
      model.isMute = true;
      model.end(unheard);
    }
    model.isMute = false;
    assert.equal(model.connect(PEER), undefined);
    await bench.pass(30_000);
    assert.ok(model.connect(PEER));
    assert.match(bench.problems[0]!.message, /4 connections .* 4 bytes/);
  });

  it('are not looked for repeatedly where there are many ids', async () => {
    const bench = await SocketBench.ready({ module: { ids: 'counting' } });
    const { model } = bench;
    for (const peer of peers(600)) model.end(model.connect(peer)!);
    await bench.pass(20_000);
    bench.commands();
    for (let minutes = 0; minutes < 10; minutes++) {
      model.report('"client/read",1234');
      await bench.pass(60_000);
    }
    const asked = bench.commands().filter((line) => line.startsWith('AT+QFWDACK='));
    assert.ok(asked.length > 500 && asked.length < 2000, `${asked.length}`);
  });

  it('are not looked for while no URC can have been lost', async () => {
    const bench = await SocketBench.ready();
    await bench.pass(20_000);
    bench.commands();
    await bench.pass(600_000);
    assert.ok(!bench.commands().some((line) => line.includes('QFWDACK')));
  });
});

describe('Unread data of a connection that ended while the link was lost', () => {
  it('is not delivered, as it may belong to another connection, and both are notified', async () => {
    const bench = await SocketBench.ready();
    const [port] = bench.model.ports;
    const gone = bench.model.connect(PEER)!;
    await bench.pass(20_000);
    port.isThere = false;
    port.lose();
    bench.model.end(gone);
    const other = bench.model.connect({ ip: '10.0.0.3', port: 1 })!;
    assert.equal(other.id, gone.id);
    bench.model.send(other, 'of the other');
    bench.model.end(other);
    await bench.pass(1000);
    port.isThere = true;
    await bench.pass(60_000);
    assert.equal(bench.notes.data.size, 0);
    assert.deepEqual(
      bench.notes.missed.map(({ connection, error }) => [connection.ends?.port, error.code]),
      [[5555, 'QFWD_UNKNOWN_OUTCOME']],
    );
    assert.deepEqual(bench.model.live, []);
  });

  it('is delivered if a list shows the connection', async () => {
    const bench = await SocketBench.ready({ module: { listsClosed: true } });
    const [port] = bench.model.ports;
    const gone = bench.model.connect(PEER)!;
    await bench.pass(20_000);
    port.isThere = false;
    port.lose();
    bench.model.send(gone, 'last words');
    bench.model.end(gone);
    await bench.pass(1000);
    port.isThere = true;
    await bench.pass(60_000);
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'last words' });
  });
});

describe('A connection that ends, and whose data has no consumer,', () => {
  it('does not keep its socket in the module', async () => {
    const bench = await SocketBench.ready();
    bench.modem.removeConsumer(bench.notes);
    await bench.pass(10_000);
    const connection = bench.model.connect(PEER)!;
    bench.model.send(connection, 'to nobody');
    bench.model.end(connection);
    await bench.pass(1000);
    assert.deepEqual(bench.model.live, []);
    assert.deepEqual(bench.problems, []);
  });
});
