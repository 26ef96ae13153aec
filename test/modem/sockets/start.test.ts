import assert from 'node:assert/strict';

import { newMemory } from '../../../src/modem';
import { SocketBench, type SocketBenchOptions } from '../../support/socket-bench';
import type { SocketModel } from '../../support/socket-model';

const FRIEND = { ip: '10.0.0.2', port: 5555 };
const STRANGER = { ip: '10.0.0.3', port: 5555 };

/** A modem that starts, and whose module has an open server, before its sockets are listed. */
async function starting(
  options: SocketBenchOptions = {},
  meanwhile: (model: SocketModel) => void = () => undefined,
) {
  const memory = newMemory();
  const before = await SocketBench.ready({ ...options, memory });
  await before.stop();
  const { model } = before;
  meanwhile(model);
  const bench = new SocketBench({ ...options, memory, model });
  bench.modem.addConsumer(bench.notes);
  bench.declareServer();
  bench.modem.start();
  const [port] = model.ports;
  port.commands.length = 0;
  return { bench, model, port, memory };
}

/** Continues until this command was executed. */
async function until({ clock, model }: SocketBench, line: string): Promise<void> {
  const [port] = model.ports;
  for (let steps = 0; !port.commands.includes(line); steps++) {
    assert.ok(steps < 1000, `${line} does not come`);
    await clock.advance(10);
    port.answer();
    port.transfer();
    port.execute();
  }
}

describe('A peer that connects while the modem starts', () => {
  it('and closes before the sockets are listed gets through: its data is delivered, and events are in order', async () => {
    const { bench, model } = await starting();
    await until(bench, 'AT+QFWDSEVER=?');
    for (const port of [1, 2, 3]) {
      const peer = model.connect({ ...FRIEND, port })!;
      model.send(peer, `hello ${port}`);
      model.end(peer);
    }
    await bench.pass(60_000);
    assert.deepEqual(bench.notes.byPeer, {
      '10.0.0.2:1': 'hello 1',
      '10.0.0.2:2': 'hello 2',
      '10.0.0.2:3': 'hello 3',
    });
    const events = bench.told.filter((event) => event.endsWith(':2'));
    assert.deepEqual(events, ['client/incoming 10.0.0.2:2', 'client/close 10.0.0.2:2']);
    assert.deepEqual(model.live, []);
    assert.deepEqual(bench.problems, []);
  });

  it('is not read before it is admitted', async () => {
    const { bench, model } = await starting({ allow: [FRIEND.ip] });
    await until(bench, 'AT+QFWDSEVER=?');
    const stranger = model.connect(STRANGER)!;
    model.send(stranger, 'let me in');
    const gone = model.connect({ ...STRANGER, port: 1 })!;
    model.send(gone, 'and me');
    model.end(gone);
    await bench.pass(60_000);
    assert.equal(bench.notes.data.size, 0);
    assert.deepEqual(model.live, []);
    assert.deepEqual(
      bench.told.filter((event) => event.startsWith('client')),
      [],
    );
  });

  it('is not assumed from URCs that the port has kept from before', async () => {
    const { bench, model, port } = await starting({}, (model) => {
      model.reset(model.connect(FRIEND)!);
      const other = model.connect(STRANGER)!;
      model.send(other, 'of the other');
      model.end(other);
    });
    await bench.clock.advance(0);
    port.say(`\r\n+QFWDURC: "client/incoming",${model.serverId},2,"10.0.0.2",5555,"0.0.0.0",2020\r\n`);
    port.transfer();
    await bench.pass(60_000);
    const { [`${FRIEND.ip}:${FRIEND.port}`]: ofTheOld = '' } = bench.notes.byPeer;
    assert.equal(ofTheOld, '');
    assert.deepEqual(model.live, []);
    assert.equal(bench.notes.missed[0]?.error.code, 'QFWD_UNKNOWN_OUTCOME');
  });
});

describe('A peer that connects while the server has no node', () => {
  it('is not read before there is a node again, whose allow list decides about it', async () => {
    const bench = await SocketBench.ready({ allow: [FRIEND.ip] });
    bench.modem.endpoints.release('a server', false);
    const stranger = bench.model.connect(STRANGER)!;
    bench.model.send(stranger, 'let me in');
    const friend = bench.model.connect(FRIEND)!;
    bench.model.send(friend, 'hello');
    await bench.pass(2000);
    assert.equal(bench.notes.data.size, 0);
    bench.declareServer();
    await bench.pass(2000);
    assert.deepEqual(bench.notes.byPeer, { '10.0.0.2:5555': 'hello' });
    assert.ok(stranger.isGone);
    assert.deepEqual(bench.told.slice(-2), ['server/open', 'client/incoming 10.0.0.2:5555']);
  });
});

describe('Data that was read for a modem that was stopped', () => {
  async function interrupted() {
    const memory = newMemory();
    const first = await SocketBench.ready({ memory });
    const friend = first.model.connect(FRIEND)!;
    await first.pass(20_000);
    const { id } = first.modem.connection(friend.id);
    first.modem.removeConsumer(first.notes);
    memory.unread.set(id, [{ data: Buffer.from('left over') }]);
    await first.stop();
    const second = new SocketBench({ memory, model: first.model });
    second.modem.addConsumer(second.notes);
    second.declareServer();
    return { second, model: first.model, friend, memory, id };
  }

  it('is delivered to the next modem, for the connection with the same id', async () => {
    const { second, model, friend, memory, id } = await interrupted();
    second.modem.start();
    await second.pass(10_000);
    assert.deepEqual(second.notes.byPeer, { '10.0.0.2:5555': 'left over' });
    assert.equal(second.modem.connection(friend.id).id, id);
    assert.equal(memory.unread.size, 0);
    model.send(friend, ', and more');
    await second.pass(1000);
    assert.deepEqual(second.notes.byPeer, { '10.0.0.2:5555': 'left over, and more' });
  });

  it('is not delivered to another connection with its socket id that is reported before the end of the first', async () => {
    const { second, model, friend } = await interrupted();
    model.end(friend);
    const stranger = model.connect(STRANGER)!;
    model.send(stranger, 'hello');
    second.modem.start();
    await second.pass(10_000);
    assert.deepEqual(second.notes.byPeer, { '10.0.0.2:5555': 'left over', '10.0.0.3:5555': 'hello' });
    assert.deepEqual(second.told, [
      'client/close 10.0.0.2:5555',
      'server/open',
      'client/incoming 10.0.0.3:5555',
    ]);
  });

  it('is reported as lost and not kept if nothing else is known of its connection', async () => {
    const { second, memory } = await interrupted();
    memory.unread.set('unknown', [{ data: Buffer.from('12345') }]);
    second.modem.start();
    await second.pass(10_000);
    assert.equal(memory.unread.size, 0);
    assert.match(second.problems[0]!.message, /^5 bytes/);
  });
});
