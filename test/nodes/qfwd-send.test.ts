import assert from 'node:assert/strict';
import { dropNext } from '../../src/simulator';
import { hostileBytes, sha256 } from '../support/hostile';
import { type Flow, type Message, node, simulatorModem, startFlow } from './support/flow';
import { serveModule } from './support/module';
import { freePort } from '../support/free-port';
import { connectPeer, type Peer, UdpPeer } from '../support/peers';

interface Sent {
  bytes: number;
  commands: number;
  ms: number;
}

describe('qfwd-send', () => {
  /** A flow with a server, and peers connected to it. */
  async function withPeers(count: number, ...nodes: Parameters<typeof startFlow>) {
    const port = await freePort();
    const flow = await startFlow(node('server', { port }), ...nodes);
    await flow.event('server', 'server/open');
    const ends: { peer: Peer; socketId: number }[] = [];
    while (ends.length < count) {
      const peer = await connectPeer(port);
      const { socketId } = await flow.event('server', 'client/incoming');
      ends.push({ peer, socketId: socketId! });
    }
    return { flow, port, ends, peer: ends[0]!.peer, socketId: ends[0]!.socketId };
  }

  const payloads: [what: string, payload: unknown, bytes: Buffer][] = [
    ['a Buffer', Buffer.from([0, 1, 0x1a, 0x1b, 255]), Buffer.from([0, 1, 0x1a, 0x1b, 255])],
    ['text', 'größer €', Buffer.from('größer €')],
    ['a number', -1.5, Buffer.from('-1.5')],
    ['a boolean', false, Buffer.from('false')],
    ['an object', { a: [1, 'b'] }, Buffer.from('{"a":[1,"b"]}')],
    ['an array', [1, null], Buffer.from('[1,null]')],
    ['an empty Buffer', Buffer.alloc(0), Buffer.alloc(0)],
    ['empty text', '', Buffer.alloc(0)],
  ];
  it('sends any kind of payload, and passes the message on with the bytes sent', async () => {
    const { flow, peer, socketId } = await withPeers(1, node('send'));
    for (const [what, payload, bytes] of payloads) {
      flow.input('send', { socketId, payload, topic: 'mine' });
      const message = await flow.from('send').next();
      assert.deepEqual(await peer.read(bytes.length), bytes, what);
      assert.deepEqual([message.payload, message.topic, message.socketId], [payload, 'mine', socketId], what);
      const { bytes: count, commands, ms } = message.sent as Sent;
      assert.equal(count, bytes.length, what);
      assert.equal(commands > 0, bytes.length > 0, what);
      assert.equal(ms, 0, what);
    }
  });

  it('divides a megabyte of hostile bytes and delivers it unchanged', async () => {
    const { flow, peer, socketId } = await withPeers(1, node('send'));
    const bytes = hostileBytes(2 ** 20);
    flow.input('send', { socketId, payload: bytes });
    assert.equal(sha256(await peer.read(bytes.length)), sha256(bytes));
    const { bytes: count, commands } = (await flow.from('send').next()).sent as Sent;
    assert.equal(count, bytes.length);
    assert.ok(commands >= 1024);
  });

  it('keeps messages whole and in order, whatever their length', async () => {
    const { flow, ends } = await withPeers(2, node('send'));
    const texts = Array.from({ length: 100 }, (_, index) => `${index}:${'x'.repeat((index * 97) % 3000)};`);
    for (const payload of texts) for (const { socketId } of ends) flow.input('send', { socketId, payload });
    const whole = texts.join('');
    for (const { peer } of ends) assert.equal(await peer.text(whole.length), whole);
    const passed = await flow.from('send').take(2 * texts.length);
    for (const { socketId } of ends) {
      const order = passed.filter((message) => message.socketId === socketId).map(({ payload }) => payload);
      assert.deepEqual(order, texts);
    }
  });

  it('ends each message once: with an output and Complete, or with an error', async () => {
    const { flow, socketId } = await withPeers(1, node('send'));
    const inputs: Message[] = Array.from({ length: 50 }, (_, n) => ({ n, payload: `${n}`, socketId }));
    for (const [n, message] of inputs.entries()) {
      if (n % 3 === 0) message.socketId = 4711;
      if (n % 7 === 0) delete message.payload;
      flow.input('send', message);
    }
    const dones = await flow.dones.take(inputs.length, (done) => done.node.id === 'send');
    const failed = dones.filter(({ error }) => error).length;
    const ended = [
      ...(await flow.errors.take(failed)),
      ...(await flow.completed.take(inputs.length - failed)),
    ];
    assert.deepEqual(
      ended.map(({ n }) => n).sort((a, b) => Number(a) - Number(b)),
      inputs.map(({ n }) => n),
    );
    assert.equal((await flow.from('send').take(inputs.length - failed)).length, inputs.length - failed);
    assert.equal(failed, inputs.filter((_, n) => n % 3 === 0 || n % 7 === 0).length);
    assert.deepEqual(
      flow.dones.pending.filter((done) => done.node.id === 'send'),
      [],
    );
    await flow.clock.pass(20_000);
    assert.deepEqual([...flow.errors.pending, ...flow.completed.pending, ...flow.from('send').pending], []);
  });

  describe('target', () => {
    it('fixed is the socket of the node, whatever the message contains', async () => {
      const port = await freePort();
      const client = { host: '127.0.0.1', port, socketId: 50 };
      const udp = { id: 'sink', protocol: 'udp', port };
      const flow = await startFlow(
        node('server', udp),
        node('client', { ...client, protocol: 'udp' }),
        node('recv', { from: 'node', source: 'sink' }),
        node('send', { target: 'fixed', socketId: '50' }),
      );
      await flow.event('sink', 'server/open');
      await flow.event('client', 'client/open');
      flow.input('send', { socketId: 99, payload: 'hello' });
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('hello'));
    });

    it('node is every open connection of a server, and no other', async () => {
      const otherPort = await freePort();
      const { flow, ends } = await withPeers(
        3,
        node('server', { id: 'other', port: otherPort }),
        node('send', { target: 'node', source: 'server' }),
        node('send', { id: 'send to other', target: 'node', source: 'other' }),
      );
      const bystander = await connectPeer(otherPort);
      await flow.event('other', 'client/incoming');
      ends[2]!.peer.socket.destroy();
      await flow.event('server', 'client/close');

      flow.input('send', { payload: 'to all' });
      for (const { peer } of ends.slice(0, 2)) assert.equal(await peer.text(6), 'to all');
      const { bytes, commands } = (await flow.from('send').next()).sent as Sent;
      assert.deepEqual({ bytes, commands }, { bytes: 12, commands: 2 });
      flow.input('send to other', { payload: 'other' });
      assert.equal(await bystander.text(5), 'other');
    });

    it('node without a connection fails with QFWD_CLOSED', async () => {
      const flow = await startFlow(
        node('server', { port: await freePort() }),
        node('send', { target: 'node', source: 'server' }),
      );
      await flow.event('server', 'server/open');
      assert.equal((await flow.refusal('send', { payload: 'x' })).code, 'QFWD_CLOSED');
    });

    it('node with a UDP server is every peer that has sent something', async () => {
      const port = await freePort();
      const flow = await startFlow(
        node('server', { port, protocol: 'udp' }),
        node('recv'),
        node('send', { target: 'node', source: 'server' }),
      );
      await flow.event('server', 'server/open');
      const peers = [await UdpPeer.bind(), await UdpPeer.bind()];
      for (const peer of peers) {
        peer.send('hello', port);
        await flow.from('recv').next();
      }
      flow.input('send', { payload: 'to all' });
      for (const peer of peers) assert.equal((await peer.datagrams.next()).data.toString(), 'to all');
    });
  });

  describe('errors', () => {
    const invalid: [what: string, message: object][] = [
      ['no socketId', { payload: 'x' }],
      ['a socketId out of range', { socketId: 65_536, payload: 'x' }],
      ['a socketId that is no number', { socketId: '2\rATD', payload: 'x' }],
      ['no payload', { socketId: 2 }],
      ['null', { socketId: 2, payload: null }],
      ['a function', { socketId: 2, payload: () => 1 }],
    ];
    it('QFWD_INVALID if the payload cannot be sent, and nothing is sent', async () => {
      const { flow, peer, socketId } = await withPeers(1, node('send'));
      for (const [what, message] of invalid) {
        assert.equal((await flow.refusal('send', message)).code, 'QFWD_INVALID', what);
      }
      flow.input('send', { socketId, payload: 'first' });
      assert.equal(await peer.text(5), 'first');
    });

    it('QFWD_CLOSED if the socket does not exist, or no longer', async () => {
      const { flow, peer, socketId } = await withPeers(1, node('send'), node('recv'));
      assert.equal((await flow.refusal('send', { socketId: 4711, payload: 'x' })).code, 'QFWD_CLOSED');
      peer.socket.destroy();
      await flow.event('server', 'client/close');
      assert.equal((await flow.refusal('send', { socketId, payload: 'x' })).code, 'QFWD_CLOSED');
    });

    it('QFWD_OFFLINE without a module', async () => {
      const modem = node('modem', { transport: 'tcp', host: '127.0.0.1', port: await freePort() });
      const flow = await startFlow(modem, node('send'));
      assert.equal((await flow.refusal('send', { socketId: 2, payload: 'x' })).code, 'QFWD_OFFLINE');
    });

    it('QFWD_INVALID if a datagram is too long; it is never divided', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port, protocol: 'udp' }), node('recv'), node('send'));
      await flow.event('server', 'server/open');
      const peer = await UdpPeer.bind();
      peer.send('hello', port);
      const { socketId } = await flow.from('recv').next();
      assert.equal(
        (await flow.refusal('send', { socketId, payload: Buffer.alloc(1025) })).code,
        'QFWD_INVALID',
      );
      flow.input('send', { socketId, payload: Buffer.alloc(1024, 'x') });
      assert.equal((await peer.datagrams.next()).data.length, 1024);
    });

    it('QFWD_QUEUE_FULL above queueLimit; what was queued before is delivered', async () => {
      const { flow, module, socketId, peer } = await withModule({ queueLimit: '2048' }, node('send'));
      const release = module.holdSending(socketId);
      const payload = Buffer.alloc(2048, 'x');
      flow.input('send', { socketId, payload });
      assert.equal((await flow.refusal('send', { socketId, payload: 'y' })).code, 'QFWD_QUEUE_FULL');
      release();
      await flow.from('send').next();
      assert.deepEqual(await peer.read(2048), payload);
      flow.input('send', { socketId, payload: 'z' });
      assert.equal(await peer.text(1), 'z');
    });

    it('QFWD_TIMEOUT if the peer does not read, with the bytes accepted; others are sent', async () => {
      const { flow, module, port, socketId } = await withModule(
        {},
        node('send', { timeout: 500 }),
        node('send', { id: 'send to another' }),
      );
      const another = await connectPeer(port);
      const { socketId: anotherId } = await flow.event('server', 'client/incoming');
      module.holdSending(socketId);
      const before = flow.clock.now();
      flow.input('send', { socketId, payload: Buffer.alloc(10_000) });
      for (const text of ['one', 'two', 'three']) {
        flow.input('send to another', { socketId: anotherId, payload: text });
        assert.equal(await another.text(text.length), text);
      }
      assert.deepEqual(flow.errors.pending, []);
      const { error } = await flow.dones.next((done) => done.node.id === 'send');
      assert.equal(flow.clock.now() - before, 500);
      assert.equal(error?.code, 'QFWD_TIMEOUT');
      assert.equal(error.sent, 4096);
      assert.match(error.message, /4096 of 10000 bytes/);
    });
  });

  it('QFWD_UNKNOWN_OUTCOME if the line fails before the response; nothing is sent twice', async () => {
    const { flow, module, socketId, peer } = await withModule({}, node('send'));
    await flow.status('send', 'ready');
    module.inject(dropNext('info'));
    module.inject(dropNext('result'));
    flow.input('send', { socketId, payload: 'once' });
    assert.equal(await peer.text(4), 'once');
    module.unplug();
    assert.equal((await flow.errors.next()).error?.code, 'QFWD_UNKNOWN_OUTCOME');
    await flow.status('send', 'offline');
    await flow.status('send', 'ready');
    flow.input('send', { socketId, payload: 'next' });
    assert.equal(await peer.text(4), 'next');
  });

  it('continues when a peer that did not read reads again', async () => {
    const { flow, module, socketId, peer } = await withModule({}, node('send'));
    const release = module.holdSending(socketId);
    const payload = hostileBytes(20_000);
    flow.input('send', { socketId, payload });
    await commandOf(module, /^AT\+QFWDACK=/);
    release();
    assert.equal(sha256(await peer.read(payload.length)), sha256(payload));
    assert.equal(((await flow.from('send').next()).sent as Sent).bytes, payload.length);
  });

  it('with confirm waits until the peer has acknowledged all', async () => {
    const { flow, module, socketId } = await withModule({}, node('send', { confirm: true }));
    const release = module.holdSending(socketId);
    flow.input('send', { socketId, payload: 'hello' });
    await commandOf(module, /^AT\+QFWDACK=/);
    await commandOf(module, /^AT\+QFWDACK=/);
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.from('send').pending, []);
    release();
    await flow.from('send').next();
  });

  it('with confirm fails with QFWD_TIMEOUT if the peer never does', async () => {
    const { flow, module, socketId } = await withModule({}, node('send', { confirm: true, timeout: 200 }));
    module.holdSending(socketId);
    assert.equal((await flow.refusal('send', { socketId, payload: 'hello' })).code, 'QFWD_TIMEOUT');
  });

  it('with confirm fails with QFWD_UNSUPPORTED if the firmware cannot tell', async () => {
    const modem = simulatorModem({ lacks: 'QFWDACK' });
    const { flow, socketId } = await withPeers(1, modem, node('send', { confirm: true }));
    assert.equal((await flow.refusal('send', { socketId, payload: 'hello' })).code, 'QFWD_UNSUPPORTED');
  });

  it('with closeAfter closes when all was delivered', async () => {
    const { flow, module, peer, socketId } = await withModule({}, node('send', { closeAfter: true }));
    const release = module.holdSending(socketId);
    flow.input('send', { socketId, payload: Buffer.alloc(4000, 'x') });
    await flow.clock.pass(10_000);
    assert.ok(!module.commands.includes(`AT+QFWDCLOSE=${socketId}`));
    release();
    await peer.ended;
    assert.equal(peer.received.length, 4000);
    assert.equal((await flow.event('server', 'client/close')).socketId, socketId);
    await flow.from('send').next();
  });

  it('shows in its status whether it can send', async () => {
    const flow = await startFlow(node('send'));
    assert.deepEqual(await flow.status('send', 'ready'), {
      fill: 'green',
      shape: 'dot',
      text: 'qfwd-send.status.ready',
    });
  });

  it('rejects invalid settings', async () => {
    const flow = await startFlow(node('send', { timeout: '${QFWD_TEST_UNSET}' }));
    await flow.status('send', 'error');
    assert.equal((await flow.refusal('send', { socketId: 2, payload: 'x' })).code, 'QFWD_INVALID');
  });
});

/** A flow whose module is at hand, with a server and one peer. */
async function withModule(properties: object, ...nodes: Parameters<typeof startFlow>) {
  const port = await freePort();
  const { module, modem } = await serveModule({ sendBuffer: 4096 }, properties);
  const flow: Flow = await startFlow(modem, node('server', { port }), ...nodes);
  await flow.event('server', 'server/open');
  const peer = await connectPeer(port);
  const { socketId } = await flow.event('server', 'client/incoming');
  return { flow, module, port, peer, socketId: socketId! };
}

/** Waits until the module runs the next command like this. */
function commandOf(module: Awaited<ReturnType<typeof serveModule>>['module'], wanted: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const look = (command: string): void => {
      if (!wanted.test(command)) return;
      module.off('command', look);
      resolve();
    };
    module.on('command', look);
  });
}
