import assert from 'node:assert/strict';
import { once } from 'node:events';
import { hostileBytes } from '../support/hostile';
import {
  type Flow,
  type Message,
  type NodeConfig,
  node,
  outputOf,
  simulatorModem,
  startFlow,
} from './support/flow';
import { freePort } from '../support/free-port';
import { connectPeer, type Peer, UdpPeer } from '../support/peers';

describe('qfwd-recv', () => {
  /** A flow with a server and one peer. */
  async function withPeer(...nodes: NodeConfig[]) {
    const port = await freePort();
    const flow = await startFlow(node('server', { port }), ...nodes);
    await flow.event('server', 'server/open');
    return { flow, port, ...(await join(flow, port)) };
  }

  describe('as data arrives', () => {
    it('names the source of the data, under the topic of the node', async () => {
      const { flow, peer, socketId } = await withPeer(node('recv', { topic: 'mine' }));
      peer.socket.write('hello');
      const { payload, topic, ...message } = await flow.from('recv').next();
      assert.deepEqual([payload, topic, message.socketId], [Buffer.from('hello'), 'mine', socketId]);
      assert.deepEqual([message.ip, message.port], ['127.0.0.1', peer.port]);
      assert.deepEqual([message.localIp, message.localPort], ['0.0.0.0', peer.socket.remotePort]);
      assert.equal(typeof message.serverId, 'number');
    });

    it('emits every byte once and in order, from several peers at the same time', async () => {
      const { flow, port, ...first } = await withPeer(node('recv'));
      const ends = [first, await join(flow, port), await join(flow, port)];
      const bytes = hostileBytes(100_000);
      for (const { peer } of ends) peer.socket.end(bytes);
      for (const { socketId } of ends) {
        await flow.from('server').next((event) => isClose(event) && event.socketId === socketId);
      }
      for (const { socketId } of ends) {
        const pieces = flow.from('recv').pending.filter((message) => message.socketId === socketId);
        assert.ok(joined(pieces).equals(bytes));
      }
    });

    it('gives every byte to each of two nodes', async () => {
      const { flow, peer } = await withPeer(node('recv'), node('recv', { id: 'second', output: 'base64' }));
      const bytes = hostileBytes(5000);
      peer.socket.end(bytes);
      await flow.event('server', 'client/close');
      assert.deepEqual(joined(flow.from('recv').pending), bytes);
      const texts = flow
        .from('second')
        .pending.map(({ payload }) => Buffer.from(payload as string, 'base64'));
      assert.deepEqual(Buffer.concat(texts), bytes);
    });

    it('of one socket or one server emits nothing of others', async () => {
      const otherPort = await freePort();
      const { flow, peer, socketId } = await withPeer(
        node('server', { id: 'other', port: otherPort }),
        node('recv', { id: 'fixed', from: 'fixed', socketId: '2' }),
        node('recv', { id: 'of other', from: 'node', source: 'other' }),
        node('recv', { id: 'any' }),
      );
      assert.equal(socketId, 2);
      const other = await connectPeer(otherPort);
      peer.socket.write('two');
      other.socket.write('three');
      await flow.from('any').take(2);
      assert.deepEqual((await flow.from('fixed').next()).payload, Buffer.from('two'));
      assert.deepEqual((await flow.from('of other').next()).payload, Buffer.from('three'));
      await flow.clock.pass(20_000);
      assert.deepEqual([...flow.from('fixed').pending, ...flow.from('of other').pending], []);
    });

    it('keeps datagrams separate', async () => {
      const port = await freePort();
      const server = node('server', { port, protocol: 'udp' });
      const flow = await startFlow(server, node('recv', { framing: 'length', length: 3, output: 'utf8' }));
      await flow.event('server', 'server/open');
      const peer = await UdpPeer.bind();
      const texts = ['a', 'four', 'x'.repeat(1024)];
      for (const text of texts) peer.send(text, port);
      assert.deepEqual(payloads(await flow.from('recv').take(3)), texts);
    });
  });

  describe('output', () => {
    it('utf8 joins characters that are received in pieces', async () => {
      const { flow, peer } = await withPeer(node('recv', { output: 'utf8' }));
      const text = 'ä€😀'.repeat(300);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 7) peer.socket.write(bytes.subarray(at, at + 7));
      peer.socket.end(Buffer.from([0xe2, 0x82]));
      await flow.event('server', 'client/close');
      assert.equal(payloads(flow.from('recv').pending).join(''), `${text}\ufffd`);
    });
  });

  describe('framing', () => {
    it('delimiter emits lines, and the rest before client/close', async () => {
      const recv = node('recv', {
        framing: 'delimiter',
        delimiter: '\\r\\n',
        output: 'utf8',
        to: [outputOf('server')],
      });
      const { flow, peer } = await withPeer(recv);
      for (const part of ['one\r', '\ntwo\nand a half\r\n\r', '\nrest']) peer.socket.write(part);
      peer.socket.end();
      const messages = await flow.from('server').until(isClose);
      assert.deepEqual(payloads(messages.slice(0, -1)), ['one', 'two\nand a half', '', 'rest']);
    });

    it('length emits blocks, for each connection separately', async () => {
      const { flow, port, peer } = await withPeer(
        node('recv', { framing: 'length', length: '4', output: 'utf8' }),
      );
      const { peer: second } = await join(flow, port);
      peer.socket.write('abc');
      second.socket.write('1234');
      assert.equal((await flow.from('recv').next()).payload, '1234');
      peer.socket.end('defghi');
      await flow.event('server', 'client/close');
      assert.deepEqual(payloads(flow.from('recv').pending), ['abcd', 'efgh', 'i']);
    });
  });

  describe('pause and resume', () => {
    const size = 5 * 2 ** 20;

    /** What was written is not taken any further, and the flow sees none of it, while `another` is served. */
    async function assertHeldBack(flow: Flow, { socketId }: Joined, { peer: another, ...its }: Joined) {
      await flow.from('urc').next((urc) => urc.event === 'client/read' && urc.socketId === socketId);
      another.socket.write('hello');
      assert.equal((await flow.from('recv').next()).socketId, its.socketId);
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('recv').pending, []);
    }

    it('of one socket makes only its peer wait', async () => {
      const { flow, port, ...held } = await withPeer(node('recv'), node('urc', { events: ['client/read'] }));
      const another = await join(flow, port);
      flow.input('recv', { action: 'pause', socketId: held.socketId });
      await flow.completed.next();
      const { socket } = held.peer;
      assert.equal(socket.write(hostileBytes(size)), false);
      const drained = once(socket, 'drain');
      await assertHeldBack(flow, held, another);
      assert.ok(socket.writableNeedDrain);

      flow.input('recv', { action: 'resume', socketId: held.socketId });
      await drained;
      assert.equal((await flow.from('recv').next()).socketId, held.socketId);
    });

    it('of all connections can be ended for one, or for all', async () => {
      const { flow, port, ...first } = await withPeer(node('recv'), node('urc', { events: ['client/read'] }));
      const second = await join(flow, port);
      flow.input('recv', { action: 'pause' });
      const { fill, shape } = await flow.status('recv', 'paused');
      assert.deepEqual({ fill, shape }, { fill: 'yellow', shape: 'dot' });
      flow.input('recv', { action: 'resume', socketId: second.socketId });
      await flow.completed.take(2);
      first.peer.socket.write('later');
      await assertHeldBack(flow, first, second);

      flow.input('recv', { action: 'resume' });
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('later'));
      await flow.status('recv', 'ready');
    });

    it('loses no data if the peer closes meanwhile', async () => {
      const { flow, peer, socketId } = await withPeer(
        node('recv', { to: [outputOf('server')] }),
        node('urc'),
      );
      flow.input('recv', { action: 'pause', socketId });
      await flow.completed.next();
      peer.socket.end('last words');
      await flow.event('urc', 'client/close');
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('server').pending, []);
      flow.input('recv', { action: 'resume', socketId });
      const [data, close] = await flow.from('server').until(isClose);
      assert.deepEqual(data?.payload, Buffer.from('last words'));
      assert.equal(close?.socketId, socketId);
    });

    it('rejects other actions', async () => {
      const { flow } = await withPeer(node('recv'));
      assert.equal((await flow.refusal('recv', { action: 'pause', socketId: 4711 })).code, 'QFWD_CLOSED');
      const event = { event: 'client/incoming' };
      for (const message of [
        { action: 'stop' },
        { action: 'stop', ...event },
        {},
        { action: 'pause', socketId: 'all' },
      ]) {
        assert.equal((await flow.refusal('recv', message)).code, 'QFWD_INVALID');
      }
    });

    it('is not affected by events of a server that is wired to the node', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port, to: ['recv'] }), node('recv'));
      await flow.event('server', 'server/open');
      const { peer } = await join(flow, port);
      await flow.completed.take(2);
      peer.socket.write('hello');
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('hello'));
      assert.deepEqual(flow.errors.pending, []);
    });
  });

  it('is not needed for an echo of more than queueLimit, which does not overflow', async () => {
    const port = await freePort();
    const flow = await startFlow(
      simulatorModem({}, { queueLimit: 4096 }),
      node('server', { port }),
      node('recv', { to: ['send'] }),
      node('send'),
    );
    await flow.event('server', 'server/open');
    const { peer } = await join(flow, port);
    const bytes = hostileBytes(100_000);
    peer.socket.write(bytes);
    assert.ok((await peer.read(bytes.length)).equals(bytes));
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.errors.pending, []);
  });

  describe('on request', () => {
    const reader = node('recv', { mode: 'request', topic: 'answer' });
    const reports = node('urc', { events: ['client/read'] });

    it('reads all available data, or a length, or nothing', async () => {
      const { flow, peer, socketId } = await withPeer(reader, reports);
      flow.input('recv', { socketId, mark: 1 });
      const empty = await flow.from('recv').next();
      assert.deepEqual([empty.payload, empty.mark, empty.topic], [Buffer.alloc(0), 1, 'answer']);

      peer.socket.write('abcdefgh');
      await flow.event('urc', 'client/read');
      flow.input('recv', { socketId, length: 3 });
      const some = await flow.from('recv').next();
      assert.deepEqual([some.payload, some.ip, some.port], [Buffer.from('abc'), '127.0.0.1', peer.port]);
      flow.input('recv', { socketId, length: '100' });
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('defgh'));
      await flow.completed.take(3);
    });

    it('reads more than fits into one command as one message', async () => {
      const { flow, peer, socketId } = await withPeer(reader, reports);
      const bytes = hostileBytes(10_000);
      peer.socket.write(bytes);
      await flow.event('urc', 'client/read');
      const received: Buffer[] = [];
      while (Buffer.concat(received).length < bytes.length) {
        flow.input('recv', { socketId });
        received.push((await flow.from('recv').next()).payload as Buffer);
      }
      assert.ok(Buffer.concat(received).equals(bytes));
      assert.ok(received.some(({ length }) => length > 1024));
    });

    it('returns what the peer has sent before it closed', async () => {
      const { flow, peer, socketId } = await withPeer(reader, node('urc'));
      peer.socket.end('last words');
      await flow.event('urc', 'client/close');
      flow.input('recv', { socketId });
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('last words'));
      assert.equal((await flow.event('server', 'client/close')).socketId, socketId);
      assert.equal((await flow.refusal('recv', { socketId })).code, 'QFWD_CLOSED');
    });

    it('as utf8 keeps back a character until all its bytes were requested', async () => {
      const { flow, peer, socketId } = await withPeer({ ...reader, output: 'utf8' }, node('urc'));
      const ask = async (length?: number) => {
        flow.input('recv', { socketId, length });
        return (await flow.from('recv').next()).payload;
      };
      peer.socket.write('a€b');
      await flow.event('urc', 'client/read');
      assert.deepEqual([await ask(2), await ask(1), await ask(2)], ['a', '', '€b']);
      peer.socket.end(Buffer.from([0x63, 0xe2]));
      await flow.event('urc', 'client/close');
      assert.deepEqual([await ask(1), await ask()], ['c', '\ufffd']);
    });

    it('rejects invalid requests', async () => {
      const { flow, socketId } = await withPeer(reader);
      for (const message of [{}, { socketId, length: 0 }, { socketId, length: 'all' }]) {
        assert.equal((await flow.refusal('recv', message)).code, 'QFWD_INVALID', JSON.stringify(message));
      }
      assert.equal((await flow.refusal('recv', { socketId: 4711 })).code, 'QFWD_CLOSED');
    });

    it('fails with QFWD_OFFLINE without a module', async () => {
      const modem = node('modem', { transport: 'tcp', host: '127.0.0.1', port: await freePort() });
      const flow = await startFlow(modem, reader);
      assert.equal((await flow.refusal('recv', { socketId: 2 })).code, 'QFWD_OFFLINE');
    });
  });

  for (const wrong of [{ framing: 'length' }, { framing: 'delimiter', delimiter: '' }, { from: 'node' }]) {
    it(`rejects ${JSON.stringify(wrong)}`, async () => {
      const flow = await startFlow(node('recv', wrong));
      const { fill, shape } = await flow.status('recv', 'error');
      assert.deepEqual({ fill, shape }, { fill: 'red', shape: 'ring' });
      assert.equal((await flow.refusal('recv', { action: 'pause' })).code, 'QFWD_INVALID');
    });
  }

  it('shows in its status that the server it reads from was deleted', async () => {
    const flow = await startFlow(node('recv', { from: 'node', source: 'gone' }));
    const { fill } = await flow.status('recv', 'no-source');
    assert.equal(fill, 'red');
  });
});

interface Joined {
  peer: Peer;
  socketId: number;
}

/** Another peer of the server. */
async function join(flow: Flow, port: number): Promise<Joined> {
  const peer = await connectPeer(port);
  const { socketId } = await flow.event('server', 'client/incoming');
  return { peer, socketId: socketId! };
}

function isClose({ event }: Message): boolean {
  return event === 'client/close';
}

function payloads(messages: readonly Message[]): unknown[] {
  return messages.map(({ payload }) => payload);
}

function joined(messages: readonly Message[]): Buffer {
  return Buffer.concat(payloads(messages) as Buffer[]);
}
