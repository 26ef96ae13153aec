import assert from 'node:assert/strict';

import { SocketBench, type SocketBenchOptions } from '../../support/socket-bench';

const FRIEND = { ip: '10.0.0.2', port: 5555 };
const OTHER = { ip: '10.0.0.3', port: 5556 };

/** A connection that has ended and was read completely, and can still be responded to. */
async function ended(options: SocketBenchOptions = {}) {
  const bench = await SocketBench.ready(options);
  const { model } = bench;
  const friend = model.connect(FRIEND)!;
  model.send(friend, 'of the friend');
  await bench.pass(20_000);
  model.end(friend);
  await bench.quiet();
  assert.equal(bench.modem.connection(friend.id).state, 'ending');
  return { bench, model, friend };
}

/** The URC of a new connection is lost. */
function connectUnheard({ model }: SocketBench) {
  model.isMute = true;
  const other = model.connect(OTHER)!;
  model.isMute = false;
  return other;
}

describe('The socket id of a connection that has ended and was read completely', () => {
  it('means another connection when it has data again', async () => {
    const { bench, model, friend } = await ended();
    const other = connectUnheard(bench);
    assert.equal(other.id, friend.id);
    model.send(other, 'of the other');
    await bench.pass(10_000);
    assert.deepEqual(bench.notes.byPeer, {
      '10.0.0.2:5555': 'of the friend',
      '10.0.0.3:5556': 'of the other',
    });
    assert.deepEqual(bench.notes.missed, []);
  });

  it('is not read for the old connection, even if the URC of the new data is lost', async () => {
    const { bench, model } = await ended();
    const other = connectUnheard(bench);
    model.isMute = true;
    model.send(other, 'of the other');
    model.isMute = false;
    await bench.pass(60_000);
    assert.deepEqual(bench.notes.byPeer, {
      '10.0.0.2:5555': 'of the friend',
      '10.0.0.3:5556': 'of the other',
    });
  });

  it('is not read before the new connection is admitted', async () => {
    const { bench, model } = await ended({ allow: [FRIEND.ip] });
    const stranger = connectUnheard(bench);
    model.send(stranger, 'let me in');
    await bench.pass(10_000);
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'of the friend' });
    assert.ok(stranger.isClosedByHost);
  });
});
