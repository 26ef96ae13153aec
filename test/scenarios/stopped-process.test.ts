import assert from 'node:assert/strict';

import { patient } from '../../src/at/patient-clock';
import { SocketBench } from '../support/socket-bench';

const FRIEND = { ip: '10.0.0.2', port: 5555 };

describe('A process that was stopped for a minute', () => {
  it('accepts responses and URCs that were received in time', async () => {
    const bench = await SocketBench.ready({ timersOf: patient });
    const { clock, model, modem, notes } = bench;
    const friend = model.connect(FRIEND)!;
    await bench.pass(20_000);
    model.send(friend, 'before, ');
    while (model.ports[0].transfer());
    await clock.advance(0);
    // The read is on the line.
    await clock.standStill(60_000);
    model.send(friend, 'and meanwhile');
    model.end(friend);
    await bench.pass(5000);
    assert.deepEqual(notes.byPeer, { '10.0.0.2:5555': 'before, and meanwhile' });
    assert.deepEqual([notes.missed, modem.counters.resyncs], [[], 0]);
    assert.equal(bench.told.at(-1), 'client/close 10.0.0.2:5555');
  });
});
