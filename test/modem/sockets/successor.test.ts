import assert from 'node:assert/strict';

import { newMemory } from '../../../src/modem';
import { SocketBench } from '../../support/socket-bench';
import type { ModelConnection, SocketModel } from '../../support/socket-model';

const FRIEND = { ip: '10.0.0.2', port: 5555 };
const OTHER = { ip: '10.0.0.3', port: 5556 };

/**
 * A modem whose nodes are gone, and the next one, which is created while the first still works.
 * @param meanwhile called before the data of its nodes is settled
 */
async function replaced(meanwhile: (model: SocketModel, friend: ModelConnection) => void = () => undefined) {
  const memory = newMemory();
  const before = await SocketBench.ready({ memory });
  const { model } = before;
  const friend = model.connect(FRIEND)!;
  await before.pass(1000);
  before.modem.endpoints.release('a server', false);
  before.modem.removeConsumer(before.notes);
  meanwhile(model, friend);
  await before.pass(1000);
  await before.modem.settle();
  const after = new SocketBench({ memory, model });
  after.modem.addConsumer(after.notes);
  after.declareServer();
  return { before, after, memory };
}

describe('A modem that replaces another', () => {
  it('reports, once, the ends that were received while there were no nodes', async () => {
    const { before, after, memory } = await replaced((model, friend) => {
      model.end(friend);
      model.connect(OTHER);
    });
    await before.stop();
    after.modem.start();
    await after.pass(10_000);
    assert.deepEqual(after.told, [
      'client/close 10.0.0.2:5555',
      'server/open',
      'client/incoming 10.0.0.3:5556',
    ]);
    assert.deepEqual(memory.missed, []);
  });

  it('reports them even if a modem between the two was never ready', async () => {
    const { before, after, memory } = await replaced();
    await after.modem.settle();
    const third = new SocketBench({ memory, model: before.model });
    third.declareServer();
    await before.stop();
    await after.stop();
    before.model.reset(before.model.live[0]!);
    third.modem.start();
    await third.pass(10_000);
    assert.deepEqual(third.told, ['client/close 10.0.0.2:5555', 'server/open']);
  });

  it('reports to no node what concerned another one', async () => {
    const { before, after } = await replaced((model, friend) => {
      model.end(friend);
      model.connect(OTHER);
    });
    after.modem.endpoints.release('a server', true);
    await before.stop();
    after.modem.start();
    await after.pass(10_000);
    assert.deepEqual(after.told, []);
  });
});

describe('A server whose node is removed before the module has listed it', () => {
  async function unlisted() {
    const first = await SocketBench.ready({ allow: [FRIEND.ip] });
    const { model } = first;
    const friend = model.connect(FRIEND)!;
    await first.pass(1000);
    await first.stop();
    const stranger = model.connect(OTHER)!;
    model.send(stranger, 'let me in');
    const bench = new SocketBench({ model, allow: [FRIEND.ip] });
    bench.modem.addConsumer(bench.notes);
    bench.declareServer();
    bench.modem.start();
    bench.modem.endpoints.release('a server', false);
    await bench.pass(3000);
    return { bench, model, friend, stranger };
  }

  it('is kept with its connections for the node, which decides whom it admits', async () => {
    const { bench, model, friend, stranger } = await unlisted();
    assert.deepEqual(model.live, [friend, stranger]);
    assert.equal(bench.notes.data.size, 0);
    bench.declareServer();
    await bench.pass(3000);
    assert.deepEqual(bench.told, ['server/open', 'client/incoming 10.0.0.2:5555']);
    assert.deepEqual(model.live, [friend]);
    await bench.pass(60_000);
    assert.equal(model.servers.size, 1);
  });

  it('is closed with its connections if the node does not come back', async () => {
    const { bench, model } = await unlisted();
    await bench.pass(10_000);
    assert.equal(model.servers.size, 0);
    assert.deepEqual(model.live, []);
    assert.equal(bench.notes.data.size, 0);
  });
});
