import assert from 'node:assert/strict';

import { SocketBench } from '../../support/socket-bench';
import type { SocketModelOptions } from '../../support/socket-model';

const FRIEND = { ip: '10.0.0.2', port: 5555 };
const OTHER = { ip: '10.0.0.3', port: 5556 };

/** A read is on the line, and its consumer is removed, as by a deploy. */
async function reading(module: SocketModelOptions = {}) {
  const bench = await SocketBench.ready({ module });
  const { model } = bench;
  const [port] = model.ports;
  const friend = model.connect(FRIEND)!;
  await bench.pass(20_000);
  model.send(friend, 'hello');
  while (port.transfer());
  await bench.clock.advance(0);
  bench.modem.removeConsumer(bench.notes);
  return { bench, model, port, friend };
}

describe('A loss of data while there is no consumer', () => {
  it('is reported by the modem if the response to a read is lost', async () => {
    const { bench } = await reading({ answer: (line) => (/^AT\+QFWDRECV=\d/.test(line) ? [] : undefined) });
    await bench.pass(10_000);
    assert.equal(bench.problems[0]?.code, 'QFWD_UNKNOWN_OUTCOME');
  });

  it('is reported by the modem if the connection of the data is unknown', async () => {
    const { bench, model, port, friend } = await reading();
    const { id, serverId } = friend;
    port.execute();
    // There is no URC for the end, but the next URC implies it.
    model.report(`"client/incoming",${serverId},${id},"${OTHER.ip}",${OTHER.port},"0.0.0.0",2020`);
    while (port.answer());
    await bench.pass(10_000);
    assert.match(bench.problems[0]?.message ?? '', /^5 bytes of socket 2 /);
  });

  it('is reported by the modem if the connection ends before there is a consumer', async () => {
    const { bench, model, friend } = await reading();
    await bench.quiet();
    model.end(friend);
    model.connect(OTHER);
    await bench.pass(1000);
    assert.match(bench.problems[0]?.message ?? '', /^5 bytes /);
    bench.modem.addConsumer(bench.notes);
    await bench.pass(1000);
    assert.deepEqual(bench.notes.byPeer, {});
  });

  it('does not happen if there is a consumer again in time', async () => {
    const { bench, model, friend } = await reading();
    await bench.quiet();
    model.end(friend);
    await bench.pass(1000);
    bench.modem.addConsumer(bench.notes);
    await bench.pass(1000);
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'hello' });
    assert.deepEqual(bench.problems, []);
  });
});
