import assert from 'node:assert/strict';

import { settled } from '../../support/manual-clock';
import { SocketBench, type SocketBenchOptions } from '../../support/socket-bench';

const ONE = { ip: '10.0.0.2', port: 5683 };
const OTHER = { ip: '10.0.0.3', port: 5683 };

/** A connection whose peer has sent data, with a read on the line. */
async function reading(options: SocketBenchOptions = {}) {
  const bench = await SocketBench.ready(options);
  const [port] = bench.model.ports;
  const one = bench.model.connect(ONE)!;
  await bench.pass(20_000);
  bench.model.send(one, 'of the one');
  while (port.transfer()) await settled();
  return { bench, port, one };
}

/** It is closed by its peer, and another connection gets its socket id. */
function change({ model }: SocketBench): void {
  const [one] = model.live;
  model.end(one!);
  const other = model.connect(OTHER)!;
  assert.equal(other.id, one!.id);
}

const missed = ({ notes }: SocketBench) =>
  notes.missed.map(({ connection, error }) => [connection.ends?.ip, error.code]);

describe('Data of a read', () => {
  it('belongs to the connection that was read if it comes before the URC of another one', async () => {
    const { bench, port } = await reading();
    port.execute();
    // The data, and the result code only after the URC.
    port.answer();
    change(bench);
    await bench.pass(1000);
    assert.deepEqual(bench.notes.byPeer, { [`${ONE.ip}:${ONE.port}`]: 'of the one' });
    assert.deepEqual(bench.notes.missed, []);
    assert.deepEqual(bench.told.slice(1), [
      'client/incoming 10.0.0.2:5683',
      'client/close 10.0.0.2:5683',
      'client/incoming 10.0.0.3:5683',
    ]);
  });

  it('is reported as lost and counted if it comes after the URC of another one', async () => {
    const { bench, port } = await reading();
    port.execute();
    change(bench);
    await bench.pass(1000);
    assert.equal(bench.notes.data.size, 0);
    assert.deepEqual(missed(bench), [[ONE.ip, 'QFWD_UNKNOWN_OUTCOME']]);
    assert.match(bench.notes.missed[0]!.error.message, /^10 bytes of socket 2/);
    assert.equal(bench.modem.counters.unknownOutcomes, 1);
  });

  it('is reported to the consumer of the connection that was read, even if the other one was not admitted', async () => {
    const { bench, port } = await reading({ allow: [ONE.ip] });
    port.execute();
    change(bench);
    await bench.pass(1000);
    assert.equal(bench.notes.data.size, 0);
    assert.deepEqual(missed(bench), [[ONE.ip, 'QFWD_UNKNOWN_OUTCOME']]);
  });

  it('is reported to each consumer of either connection', async () => {
    const { bench, port } = await reading();
    const told: (string | undefined)[] = [];
    bench.modem.removeConsumer(bench.notes);
    for (const { ip } of [ONE, OTHER]) {
      bench.modem.addConsumer({
        mode: 'auto',
        covers: ({ ends }) => ends?.ip === ip,
        isPaused: () => false,
        take: () => undefined,
        end: () => undefined,
        miss: ({ ends }) => told.push(ends?.ip),
      });
    }
    port.execute();
    change(bench);
    await bench.pass(1000);
    assert.deepEqual(told, [ONE.ip, OTHER.ip]);
  });

  it('is not delivered to another connection that got the socket id before the end of the first was received', async () => {
    const bench = await SocketBench.ready();
    const [port] = bench.model.ports;
    const one = bench.model.connect(ONE)!;
    bench.model.send(one, 'of the one');
    await bench.pass(20_000);
    bench.model.end(one);
    while (port.transfer()) await settled();
    const other = bench.model.connect(OTHER)!;
    assert.equal(other.id, one.id);
    bench.model.send(other, 'of the other');
    await bench.pass(1000);
    assert.deepEqual(bench.notes.missed, []);
    assert.deepEqual(bench.notes.byPeer, {
      [`${ONE.ip}:${ONE.port}`]: 'of the one',
      [`${OTHER.ip}:${OTHER.port}`]: 'of the other',
    });
  });

  it('on request is not returned if another connection has the socket id by then', async () => {
    const bench = await SocketBench.ready();
    bench.modem.removeConsumer(bench.notes);
    const [port] = bench.model.ports;
    const one = bench.model.connect(ONE)!;
    await bench.pass(20_000);
    bench.model.send(one, 'of the one');
    while (port.transfer()) await settled();
    const request = assert.rejects(bench.modem.read(one.id), { code: 'QFWD_UNKNOWN_OUTCOME' });
    await settled();
    port.execute();
    change(bench);
    await bench.pass(1000);
    await request;
  });

  it('that comes in time for a connection that has ended is delivered before the end is reported', async () => {
    const { bench, port, one } = await reading();
    bench.model.end(one);
    port.transfer();
    await bench.clock.advance(1000);
    assert.ok(!bench.told.includes('client/close 10.0.0.2:5683'));
    await bench.pass(1000);
    assert.deepEqual(bench.notes.byPeer, { [`${ONE.ip}:${ONE.port}`]: 'of the one' });
    assert.ok(bench.told.includes('client/close 10.0.0.2:5683'));
  });
});

describe('Payload', () => {
  async function sending() {
    const bench = await SocketBench.ready();
    const [port] = bench.model.ports;
    const one = bench.model.connect(ONE)!;
    await bench.pass(20_000);
    const sent = bench.modem.send(one.id, Buffer.from('answer'), 20_000).then(
      ({ bytes }) => bytes,
      (error: unknown) => (error as { code: string }).code,
    );
    await settled();
    port.execute();
    port.transfer();
    await settled();
    return { bench, port, one, sent };
  }

  it('counts as sent if the module has taken it before the URC of another connection', async () => {
    const { bench, port, sent } = await sending();
    port.execute();
    port.answer();
    change(bench);
    await bench.pass(1000);
    assert.equal(await sent, 6);
  });

  it('has an unknown outcome if the URC of another connection, which may have got it, comes before', async () => {
    const { bench, sent } = await sending();
    change(bench);
    await bench.pass(1000);
    assert.equal(await sent, 'QFWD_UNKNOWN_OUTCOME');
    assert.equal(bench.modem.counters.unknownOutcomes, 1);
  });
});

/** The close of a rejected connection is on the line when its peer has closed, and an admitted one has its socket id. */
async function refused() {
  const bench = await SocketBench.ready({ allow: [ONE.ip] });
  const [port] = bench.model.ports;
  const stranger = bench.model.connect(OTHER)!;
  port.transfer();
  await settled();
  bench.model.end(stranger);
  const friend = bench.model.connect(ONE)!;
  bench.model.send(friend, 'lost');
  return { bench, friend, port };
}

describe('A close', () => {
  it('of another connection than the one it was meant for is reported', async () => {
    const { bench, friend } = await refused();
    await bench.pass(1000);
    assert.ok(friend.isClosedByHost);
    assert.deepEqual(missed(bench), [[ONE.ip, 'QFWD_UNKNOWN_OUTCOME']]);
  });

  it('of another connection is reported even if the same peer connects again at once', async () => {
    const { bench, friend, port } = await refused();
    port.execute();
    bench.model.connect(ONE);
    await bench.pass(1000);
    assert.ok(friend.isClosedByHost);
    assert.deepEqual(missed(bench), [[ONE.ip, 'QFWD_UNKNOWN_OUTCOME']]);
    const peer = `${ONE.ip}:${ONE.port}`;
    assert.deepEqual(bench.told.slice(1), [
      `client/incoming ${peer}`,
      `client/close ${peer}`,
      `client/incoming ${peer}`,
    ]);
  });

  it('that is not written yet is not written if another connection has the socket id', async () => {
    const bench = await SocketBench.ready({ allow: [ONE.ip] });
    const [port] = bench.model.ports;
    void bench.modem.requests.raw('AT').catch(() => undefined);
    const stranger = bench.model.connect(OTHER)!;
    bench.model.end(stranger);
    const friend = bench.model.connect(ONE)!;
    while (port.transfer()) await settled();
    await bench.pass(1000);
    assert.ok(friend.isOpen);
  });
});

describe('A read whose response cannot be decoded', () => {
  const garbled = ['\r\n+QFWDRECV: 99,3\r\nabc\r\n', '\r\nOK\r\n'];

  it('is retried after increasing pauses, and reported once, and once more after a success', async () => {
    let isGarbled = true;
    const answer = (line: string) => (isGarbled && line.startsWith('AT+QFWDRECV=2') ? garbled : undefined);
    const bench = await SocketBench.ready({ module: { answer } });
    const one = bench.model.connect(ONE)!;
    bench.model.send(one, 'x');
    const reads = async (ms: number): Promise<number> => {
      bench.commands();
      for (let passed = 0; passed < ms; passed += 500) {
        bench.model.report(`"client/read",${one.id}`);
        await bench.pass(500);
      }
      return bench.commands().filter((line) => line.startsWith('AT+QFWDRECV=2')).length;
    };
    assert.ok((await reads(10_000)) < 12);
    assert.ok((await reads(60_000)) < 8);
    assert.deepEqual(missed(bench), [[ONE.ip, 'QFWD_UNKNOWN_OUTCOME']]);
    isGarbled = false;
    await bench.pass(15_000);
    assert.deepEqual(bench.notes.byPeer, { [`${ONE.ip}:${ONE.port}`]: 'x' });
    isGarbled = true;
    bench.model.send(one, 'y');
    await bench.pass(1000);
    assert.equal(bench.notes.missed.length, 2);
  });
});
