import assert from 'node:assert/strict';
import type { Socket } from 'node:net';

import type { Connection } from '../../../src/modem';
import { EndpointBench, SETTINGS } from '../../support/modem/endpoint-bench';
import { tcpServer } from '../../support/peers';
import { readyRig, type Rig } from '../../support/modem/rig';

/** The pauses in ms before the attempts that follow the closes, if each opening lasts this long. */
async function pausesOf(
  bench: EndpointBench,
  lives: readonly number[],
  wasUseful = false,
): Promise<number[]> {
  const pauses: number[] = [];
  await bench.clock.advance(100);
  for (const ms of lives) {
    await bench.clock.advance(ms);
    const closed = bench.clock.now();
    bench.close(wasUseful);
    while (bench.opened.size === 0) await bench.clock.advance(10);
    pauses.push(bench.attempts.at(-1)! - closed);
    await bench.clock.advance(100);
  }
  return pauses;
}

for (const name of ['server', 'client'] as const) {
  describe(`A ${name} that is closed repeatedly`, () => {
    it('soon after each opening is opened after increasing pauses', async () => {
      const bench = new EndpointBench(name);
      const lives = new Array<number>(8).fill(1000);
      assert.deepEqual(await pausesOf(bench, lives), [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    });

    it('soon after some openings is opened soon again after one that lasted', async () => {
      const bench = new EndpointBench(name);
      assert.deepEqual(await pausesOf(bench, [0, 0, 0, 10_000, 0]), [500, 1000, 2000, 500, 1000]);
    });

    it('after it was useful is opened soon each time', async () => {
      const bench = new EndpointBench(name);
      assert.deepEqual(await pausesOf(bench, [0, 0, 0, 0], true), [500, 500, 500, 500]);
    });

    it('is opened soon after a call has closed and opened it', async () => {
      const bench = new EndpointBench(name);
      await pausesOf(bench, [0, 0, 0]);
      const { clock, endpoint } = bench;
      void endpoint.close().then(() => endpoint.open(SETTINGS));
      assert.deepEqual(await pausesOf(bench, [0]), [500]);
      assert.equal(clock.pending, 0);
    });
  });
}

describe('An attempt that fails', () => {
  it('is reported each time with its reason, once as an error, and remembered until one succeeds', async () => {
    const bench = new EndpointBench('server');
    bench.outcomes.push('fails', 'fails');
    const { clock, endpoint, errors, told } = bench;
    await clock.advance(100);
    assert.deepEqual(endpoint.lastFailure, { error: errors[0], at: bench.attempts[0]! + 10 });
    await clock.advance(10_000);
    const { socketId } = endpoint;
    const failed = { event: 'server/failed', socketId, reason: 'fails' };
    assert.deepEqual(told, [failed, failed, { event: 'server/open', socketId, result: 0 }]);
    assert.equal(endpoint.lastFailure, undefined);
    assert.equal(errors.length, 1);
  });

  it('is reported only to the call that requested it', async () => {
    const bench = new EndpointBench('client');
    const { clock, endpoint, errors, told } = bench;
    await clock.advance(100);
    void endpoint.close();
    await clock.advance(100);
    bench.outcomes.push('fails');
    const opening = assert.rejects(endpoint.open(SETTINGS), { message: 'fails' });
    await clock.advance(20);
    await opening;
    assert.deepEqual([told.length, errors.length], [1, 0]);
    assert.equal(endpoint.lastFailure?.error.message, 'fails');
  });
});

describe('A client', () => {
  /** The pauses in ms before the attempts after `end` was called for each connection. */
  async function pauses(end: (rig: Rig, connection: Connection, peer: Socket) => void): Promise<number[]> {
    const outside = await tcpServer();
    const rig = await readyRig({ random: 0 });
    rig.collect();
    const client = rig.declareClient({ port: outside.port });
    const waits = new Map<unknown, number>();
    const after = rig.clock.after.bind(rig.clock);
    rig.clock.after = (ms, action) => {
      const news = client.log.all.at(-1);
      const isWaiting = news && 'state' in news && news.state === 'waiting';
      // The next attempt is then the first timer.
      if (isWaiting && client.events.length > 0 && !waits.has(news)) waits.set(news, ms);
      return after(ms, action);
    };
    for (let times = 1; times <= 3; times++) {
      const { socketId } = await client.event('client/open');
      end(rig, rig.modem.connection(socketId), (await outside.peers.next()).socket);
      await client.state('waiting');
    }
    return [...waits.values()];
  }

  it('whose peer closes at once connects again after increasing pauses', async () => {
    assert.deepEqual(await pauses((_rig, _connection, peer) => peer.end()), [500, 1000, 2000]);
  });

  it('whose peer sends something before it closes connects again soon', async () => {
    assert.deepEqual(await pauses((_rig, _connection, peer) => peer.end('bye')), [500, 500, 500]);
  });

  it('whose connection is closed by a call connects again soon', async () => {
    const close = (rig: Rig, connection: Connection) => void rig.modem.requests.closeConnection(connection);
    assert.deepEqual(await pauses(close), [500, 500, 500]);
  });
});
