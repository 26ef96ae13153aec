import assert from 'node:assert/strict';

import { SocketBench, type SocketBenchOptions } from '../../support/socket-bench';

const FRIEND = { ip: '10.0.0.2', port: 5555 };
/** From the same port, and not allowed. */
const STRANGER = { ip: '10.0.0.3', port: 5555 };
const SECOND_FRIEND = { ip: '10.0.0.2', port: 5556 };

/** An admitted peer is connected; other addresses are not admitted. */
async function withFriend(options: SocketBenchOptions = {}) {
  const bench = await SocketBench.ready({ allow: [FRIEND.ip], ...options });
  const friend = bench.model.connect(FRIEND)!;
  await bench.quiet();
  return { bench, friend };
}

describe('A peer that gets the socket id of another connection', () => {
  it('and has the port of an admitted one is not admitted if the end of that was not received', async () => {
    const { bench, friend } = await withFriend();
    friend.isOpen = false;
    friend.isGone = true;
    const stranger = bench.model.connect(STRANGER)!;
    assert.equal(stranger.id, friend.id);
    bench.model.send(stranger, 'let me in');
    await bench.pass(30_000);
    assert.deepEqual(bench.told, [
      'server/open',
      'client/incoming 10.0.0.2:5555',
      'client/close 10.0.0.2:5555',
    ]);
    assert.ok(stranger.isGone);
    assert.equal(bench.notes.data.size, 0);
  });

  it('while the cable is disconnected is a new connection, which the allow list decides about', async () => {
    const { bench, friend } = await withFriend();
    const [port] = bench.model.ports;
    port.isThere = false;
    port.lose();
    bench.model.end(friend);
    const stranger = bench.model.connect(STRANGER)!;
    assert.equal(stranger.id, friend.id);
    bench.model.send(stranger, 'let me in');
    await bench.pass(1000);
    port.isThere = true;
    await bench.pass(60_000);
    assert.deepEqual(bench.told.slice(2), ['client/close 10.0.0.2:5555', 'server/open']);
    assert.ok(stranger.isGone);
    assert.equal(bench.notes.data.size, 0);
  });

  it('is reported, and gets nothing of what was queued for the other', async () => {
    const { bench, friend } = await withFriend({ allow: [] });
    const [port] = bench.model.ports;
    port.isThere = false;
    port.lose();
    bench.model.end(friend);
    const other = bench.model.connect(STRANGER)!;
    await bench.pass(1000);
    const sent = bench.modem.send(friend.id, Buffer.from('for the friend'), 60_000);
    const outcome = assert.rejects(sent, { code: 'QFWD_OFFLINE' });
    port.isThere = true;
    await bench.pass(60_000);
    await outcome;
    bench.model.send(other, 'hello');
    await bench.pass(1000);
    assert.equal(other.got, '');
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.3:5555': 'hello' });
    assert.deepEqual(bench.told.slice(1), [
      'client/incoming 10.0.0.2:5555',
      'client/close 10.0.0.2:5555',
      'server/open',
      'client/incoming 10.0.0.3:5555',
    ]);
  });
});

describe('A connection that a list writes in another way', () => {
  for (const [how, listed] of [
    ['mapped into IPv6', (ip: string) => `::ffff:${ip}`],
    ['without its address', () => ''],
    ['with any address', () => '0.0.0.0'],
  ] as const) {
    it(`(${how}) is the same one while its URCs are received`, async () => {
      const { bench, friend } = await withFriend({ module: { listed } });
      await bench.pass(60_000);
      assert.deepEqual(bench.told, ['server/open', 'client/incoming 10.0.0.2:5555']);
      bench.model.send(friend, 'still here');
      await bench.pass(100);
      assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'still here' });
    });
  }

  it('(mapped into IPv6) is the same one after the cable was disconnected', async () => {
    const { bench, friend } = await withFriend({ module: { listed: (ip) => `::ffff:${ip}` } });
    bench.model.ports[0].lose();
    await bench.pass(60_000);
    bench.model.send(friend, 'still here');
    await bench.pass(100);
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'still here' });
    assert.ok(!bench.told.some((event) => event.startsWith('client/close')));
  });

  it('(without its address) may be another one after the cable was disconnected', async () => {
    const { bench, friend } = await withFriend({ module: { listed: () => '' } });
    bench.model.ports[0].lose();
    await bench.pass(60_000);
    assert.ok(bench.told.includes('client/close 10.0.0.2:5555'));
    assert.ok(friend.isGone);
  });
});

describe('The number of connections of a server', () => {
  it('is right for any order of connections, closes and reused ids', async () => {
    const { bench, friend } = await withFriend({ maxClients: 2 });
    const second = bench.model.connect(SECOND_FRIEND)!;
    const third = bench.model.connect({ ...FRIEND, port: 5557 })!;
    await bench.quiet();
    assert.ok(third.isGone);
    bench.model.end(second);
    await bench.pass(1000);
    friend.isOpen = false;
    friend.isGone = true;
    const others = [1, 2, 3].map((port) => bench.model.connect({ ...FRIEND, port })!);
    await bench.pass(1000);
    assert.deepEqual(
      others.map(({ isGone }) => isGone),
      [false, false, true],
    );
  });
});
