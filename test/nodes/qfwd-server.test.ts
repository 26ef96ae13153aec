import assert from 'node:assert/strict';
import { setVariable } from './support/environment';
import { type Message, node, outputOf, simulatorModem, startFlow } from './support/flow';
import { serveModule } from './support/module';
import { freePort } from '../support/free-port';
import { connectPeer, tcpServer, isOpen, type Peer, UdpPeer } from '../support/peers';

const ADDRESSES = ['ip', 'port', 'localIp', 'localPort'] as const;
const EADDRINUSE = 98;

describe('qfwd-server', () => {
  describe('events', () => {
    it('server/open has the socket and the result 0', async () => {
      const flow = await startFlow(node('server', { port: await freePort() }));
      const { socketId, payload } = await flow.event('server', 'server/open');
      assert.equal(typeof socketId, 'number');
      assert.deepEqual(payload, { socketId, result: 0 });
    });

    it('client/incoming has both ends, as properties and as payload', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port }));
      const { socketId: serverId } = await flow.event('server', 'server/open');
      const peer = await connectPeer(port, '127.0.0.1', '127.0.0.5');

      const message = await flow.event('server', 'client/incoming');
      const expected = {
        serverId,
        socketId: message.socketId,
        ip: '127.0.0.5',
        port: peer.port,
        localIp: message.localIp,
        localPort: port,
      };
      assert.notEqual(message.socketId, serverId);
      assert.equal(typeof message.localIp, 'string');
      assert.deepEqual(message.payload, expected);
      for (const name of ['serverId', ...ADDRESSES] as const)
        assert.equal(message[name], expected[name], name);
    });

    it('client/close is emitted after the last data, with both ends', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port, to: [outputOf('recv')] }), node('recv'));
      await flow.event('server', 'server/open');
      const peer = await connectPeer(port);
      peer.socket.end(Buffer.alloc(5000, 'x'));

      const { payload: ends } = await flow.event('server', 'client/incoming');
      const messages = await flow.from('recv').until(({ event }) => event === 'client/close');
      const data = messages.filter(({ event }) => event === undefined);
      assert.equal(Buffer.concat(data.map(({ payload }) => payload as Buffer)).length, 5000);
      const { ms, ...closed } = messages.at(-1)?.payload as { ms: number };
      assert.equal(typeof ms, 'number');
      assert.deepEqual(closed, { ...(ends as object), reason: 'peer', bytesIn: 5000, bytesOut: 0 });
    });

    it('client/close is also emitted for a peer that has sent nothing and reset the connection', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port }), node('recv'));
      await flow.event('server', 'server/open');
      const peer = await connectPeer(port);
      const { socketId } = await flow.event('server', 'client/incoming');
      peer.socket.resetAndDestroy();
      assert.equal((await flow.event('server', 'client/close')).socketId, socketId);
    });

    it('follow a restart of the module: connections are closed, and the server opens again', async () => {
      const port = await freePort();
      const { module, modem } = await serveModule();
      const flow = await startFlow(modem, node('server', { port }));
      await flow.event('server', 'server/open');
      await connectPeer(port);
      const { socketId } = await flow.event('server', 'client/incoming');

      await module.reboot();
      assert.equal((await flow.event('server', 'client/close')).socketId, socketId);
      await flow.event('server', 'server/open');
      await connectPeer(port);
      await flow.event('server', 'client/incoming');
    });
  });

  describe('input', () => {
    it('opens and closes, with settings of the message, and passes on its other properties', async () => {
      const [configured, chosen] = [await freePort(), await freePort()];
      const flow = await startFlow(node('server', { port: configured, autoOpen: false }));
      await flow.status('server', 'closed');

      flow.input('server', { action: 'open', payload: { port: chosen }, topic: 'mine' });
      const opened = await flow.event('server', 'server/open');
      assert.equal(opened.topic, 'mine');
      assert.deepEqual(opened.payload, { socketId: opened.socketId, result: 0 });
      await flow.completed.next();
      await connectPeer(chosen);
      assert.equal((await flow.event('server', 'client/incoming')).localPort, chosen);
      assert.equal(await isOpen(configured), false);

      flow.input('server', { action: 'close', topic: 'mine' });
      const closed = await flow.event('server', 'server/close');
      assert.equal(closed.topic, 'mine');
      assert.deepEqual(closed.payload, { socketId: opened.socketId, reason: 'local' });
      await flow.completed.next();
      assert.equal(await isOpen(chosen), false);
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.errors.pending, []);
    });

    it('moves an open server to another port', async () => {
      const [first, second] = [await freePort(), await freePort()];
      const flow = await startFlow(node('server', { port: first }));
      await flow.event('server', 'server/open');
      flow.input('server', { action: 'open', payload: { port: String(second) } });
      await flow.event('server', 'server/open');
      assert.deepEqual([await isOpen(first), await isOpen(second)], [false, true]);
    });

    it('ends once for each message, also if there is nothing to do', async () => {
      const flow = await startFlow(node('server', { port: await freePort() }));
      await flow.event('server', 'server/open');
      for (const action of ['open', 'close', 'close']) {
        flow.input('server', { action });
        await flow.completed.next(({ action: of }) => of === action);
      }
      assert.equal(flow.dones.pending.filter((done) => done.node.id === 'server').length, 3);
    });

    const wrong: [string, object][] = [
      ['an action that does not exist', { action: 'dance' }],
      ['no action', { payload: { port: 2020 } }],
      ['a payload that is a list', { action: 'open', payload: [2020] }],
      ['a port out of range', { action: 'open', payload: { port: 65_536 } }],
      ['a port that is no number', { action: 'open', payload: { port: 'http' } }],
      ['a protocol that does not exist', { action: 'open', payload: { protocol: 'sctp' } }],
      ['a wrong address to allow', { action: 'open', payload: { allow: '10.0.0.0/33' } }],
    ];
    it('rejects invalid messages with QFWD_INVALID', async () => {
      const flow = await startFlow(node('server', { port: await freePort() }));
      await flow.event('server', 'server/open');
      for (const [what, message] of wrong) {
        assert.equal((await flow.refusal('server', message)).code, 'QFWD_INVALID', what);
      }
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('server').pending, []);
    });

    it('fails with QFWD_OFFLINE without a module', async () => {
      const modem = node('modem', { transport: 'tcp', host: '127.0.0.1', port: await freePort() });
      const flow = await startFlow(modem, node('server', { port: await freePort(), autoOpen: false }));
      assert.equal((await flow.refusal('server', { action: 'open' })).code, 'QFWD_OFFLINE');
    });
  });

  describe('on a port that is taken', () => {
    it('reports that once, by an error and an event, and opens when the port is free', async () => {
      const blocker = await tcpServer();
      const { port } = blocker;
      const flow = await startFlow(node('server', { port }));
      const { error } = await flow.errors.next();
      assert.equal(error?.code, 'QFWD_OPEN_FAILED');
      const { payload, socketId } = await flow.event('server', 'server/failed');
      const reason =
        'the port is in use: choose another one, or close what has it (the module gave result 98)';
      assert.deepEqual(payload, { socketId, result: EADDRINUSE, reason });
      const { fill, shape } = await flow.status('server', 'retrying-in-use');
      assert.deepEqual({ fill, shape }, { fill: 'yellow', shape: 'ring' });

      blocker.close();
      await flow.event('server', 'server/open');
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.errors.pending, []);
    });

    it('fails with the result if a message requests it', async () => {
      const { port } = await tcpServer(await freePort());
      const flow = await startFlow(node('server', { port, autoOpen: false }));
      await flow.status('server', 'closed');
      assert.equal((await flow.refusal('server', { action: 'open' })).code, 'QFWD_OPEN_FAILED');
      const { error } = await flow.dones.next((done) => done.node.id === 'server');
      assert.equal(error?.result, EADDRINUSE);
    });
  });

  describe('settings', () => {
    it('may be environment variables', async () => {
      const port = await freePort();
      setVariable('QFWD_TEST_PORT', String(port));
      setVariable('QFWD_TEST_OPEN', 'true');
      const config = { port: '${QFWD_TEST_PORT}', autoOpen: '${QFWD_TEST_OPEN}', backlog: '3' };
      const flow = await startFlow(node('server', config));
      await flow.event('server', 'server/open');
      assert.equal(await isOpen(port), true);
    });

    it('may name a variable that is not set, which is reported in the log and for every message', async () => {
      const flow = await startFlow(node('server', { port: '${QFWD_TEST_UNSET}' }));
      const { fill, shape } = await flow.status('server', 'error');
      assert.deepEqual({ fill, shape }, { fill: 'red', shape: 'ring' });
      assert.match(String((await flow.log.next()).msg), /port .* \$\{QFWD_TEST_UNSET\} is not set/);
      const { code, message } = await flow.refusal('server', { action: 'open' });
      assert.equal(code, 'QFWD_INVALID');
      assert.match(message, /QFWD_TEST_UNSET/);
    });

    it('have default values, except for the port', async () => {
      const port = await freePort();
      const { module, modem } = await serveModule();
      const flow = await startFlow(modem, node('server', { port }));
      const { socketId } = await flow.event('server', 'server/open');
      const command = `AT+QFWDSEVER=0,${socketId},"IP","tcp",${port},5,3600,"usbat"`;
      assert.ok(module.commands.includes(command), module.commands.join('\n'));
    });

    it('are used in the command', async () => {
      const port = await freePort();
      const { module, modem } = await serveModule({}, { pdpCid: 1, urcPort: 'usbmodem' });
      const own = { socketId: 77, protocol: 'udp', backlog: 2, idleTimeout: 90, pdpCid: 3, urcPort: 'usbat' };
      const flow = await startFlow(modem, node('server', { port, ...own }));
      assert.equal((await flow.event('server', 'server/open')).socketId, 77);
      const command = `AT+QFWDSEVER=3,77,"IP","udp",${port},2,90,"usbat"`;
      assert.ok(module.commands.includes(command), module.commands.join('\n'));
    });
  });

  describe('allow', () => {
    it('admits addresses and blocks; the flow gets neither data nor events of other peers', async () => {
      const port = await freePort();
      const allow = '127.0.0.2,\n127.3.0.0/16';
      const flow = await startFlow(node('server', { port, allow }), node('recv'));
      await flow.event('server', 'server/open');

      const stranger = await connectPeer(port);
      stranger.socket.write('secret');
      await stranger.closed;
      for (const address of ['127.0.0.2', '127.3.200.1']) {
        const friend = await connectPeer(port, '127.0.0.1', address);
        friend.socket.write(address);
        assert.equal((await flow.from('server').next(isEvent)).ip, address);
        assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from(address));
      }
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('server').pending.filter(isEvent), []);
    });
  });

  describe('allow, on a server that is about to open', () => {
    it('rejects peers that connect before the OK of the module', async () => {
      const port = await freePort();
      const modem = simulatorModem({ openOrder: 'urc-first', answerDelay: 50 });
      const flow = await startFlow(
        modem,
        node('server', { port, allow: '127.0.0.2' }),
        node('recv'),
        node('urc'),
      );
      await flow.event('urc', 'server/open');
      const stranger = await connectPeer(port);
      stranger.socket.write('secret');
      await flow.event('urc', 'client/incoming');
      await flow.event('server', 'server/open');
      const friend = await connectPeer(port, '127.0.0.1', '127.0.0.2');
      friend.socket.write('hello');
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('hello'));
      await stranger.closed;
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('recv').pending, []);
    });
  });

  it('reports an admitted connection that is made before the OK of the module', async () => {
    const port = await freePort();
    const modem = simulatorModem({ openOrder: 'urc-first', answerDelay: 50 });
    const flow = await startFlow(modem, node('server', { port }), node('urc'));
    const { socketId } = await flow.event('urc', 'server/open');
    await connectPeer(port);
    assert.equal((await flow.event('server', 'client/incoming')).serverId, socketId);
  });

  describe('allow, over UDP', () => {
    it('drops the datagrams of peers that are not admitted', async () => {
      const port = await freePort();
      const server = node('server', { port, protocol: 'udp', allow: '127.0.0.2' });
      const flow = await startFlow(server, node('recv'), node('urc'));
      await flow.event('server', 'server/open');
      (await UdpPeer.bind()).send('secret', port);
      await flow.event('urc', 'client/read');
      (await UdpPeer.bind('127.0.0.2')).send('hello', port);
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('hello'));
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('recv').pending, []);
    });
  });

  describe('maxClients', () => {
    it('rejects connections above the limit, until one is closed', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port, maxClients: 1 }), node('recv'));
      await flow.event('server', 'server/open');
      const first = await connectPeer(port);
      await flow.event('server', 'client/incoming');
      const second = await connectPeer(port);
      second.socket.write('too many');
      await second.closed;

      first.socket.end();
      await flow.event('server', 'client/close');
      const third = await connectPeer(port);
      third.socket.write('hello');
      await flow.event('server', 'client/incoming');
      assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('hello'));
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('recv').pending, []);
    });
  });

  it('applies to each server separately', async () => {
    const ports = { one: await freePort(), two: await freePort() };
    const flow = await startFlow(
      node('server', { id: 'one', port: ports.one }),
      node('server', { id: 'two', port: ports.two }),
      node('recv', { from: 'node', source: 'two' }),
    );
    const { socketId: one } = await flow.event('one', 'server/open');
    const { socketId: two } = await flow.event('two', 'server/open');
    assert.notEqual(one, two);
    const peers: Peer[] = [await connectPeer(ports.one), await connectPeer(ports.two)];
    for (const { socket } of peers) socket.write(`from ${socket.remotePort ?? 0}`);
    assert.equal((await flow.event('one', 'client/incoming')).serverId, one);
    assert.equal((await flow.event('two', 'client/incoming')).serverId, two);
    const { payload, serverId } = await flow.from('recv').next();
    assert.deepEqual([payload, serverId], [Buffer.from(`from ${ports.two}`), two]);
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.from('recv').pending, []);
  });

  for (const udpServer of ['per-peer', 'shared']) {
    it(`answers datagrams over UDP, with ids ${udpServer}`, async () => {
      const port = await freePort();
      const modem = simulatorModem({ udpServer });
      const flow = await startFlow(
        modem,
        node('server', { port, protocol: 'udp' }),
        node('recv', { to: ['send'] }),
        node('send'),
      );
      await flow.event('server', 'server/open');
      const peer = await UdpPeer.bind();
      for (const text of ['one', 'two']) {
        peer.send(text, port);
        assert.equal((await peer.datagrams.next()).data.toString(), text);
      }
      await flow.clock.pass(20_000);
      assert.equal(flow.from('recv').pending.length, 2);
    });
  }

  it('shows its state', async () => {
    const port = await freePort();
    const flow = await startFlow(node('server', { port }));
    const shown = async (text: string) => {
      const { fill, shape } = await flow.status('server', text);
      return `${fill ?? ''} ${shape ?? ''}`;
    };
    assert.equal(await shown('connecting'), 'yellow ring');
    assert.equal(await shown('initializing'), 'yellow ring');
    assert.equal(await shown('opening'), 'yellow ring');
    assert.equal(await shown(`:${port} · 0`), 'green dot');
    const peer = await connectPeer(port);
    assert.equal(await shown(`:${port} · 1`), 'green dot');
    peer.socket.end();
    assert.equal(await shown(`:${port} · 0`), 'green dot');
    flow.input('server', { action: 'close' });
    assert.equal(await shown('closed'), 'grey ring');
  });

  describe('that is redeployed', () => {
    it('with another port closes the old one', async () => {
      const [before, after] = [await freePort(), await freePort()];
      const modem = simulatorModem();
      const flow = await startFlow(modem, node('server', { port: before }));
      await flow.event('server', 'server/open');
      await flow.deploy([modem, node('server', { port: after })], 'nodes');
      await flow.event('server', 'server/open');
      assert.deepEqual([await isOpen(before), await isOpen(after)], [false, true]);
    });

    it('with another allow list closes connections that it does not admit', async () => {
      const port = await freePort();
      const modem = simulatorModem();
      const flow = await startFlow(modem, node('server', { port }), node('recv'));
      await flow.event('server', 'server/open');
      const [stranger, friend] = [await connectPeer(port), await connectPeer(port, '127.0.0.1', '127.0.0.2')];
      for (const { socket } of [stranger, friend]) {
        socket.write('before');
        await flow.from('recv').next();
      }
      await flow.deploy([modem, node('server', { port, allow: '127.0.0.2' }), node('recv')]);
      for (const { socket } of [stranger, friend]) socket.write('after');
      assert.equal((await flow.from('recv').next()).ip, '127.0.0.2');
      await stranger.closed;
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('recv').pending, []);
    });

    it('without its node closes its port and connections', async () => {
      const port = await freePort();
      const modem = simulatorModem();
      const flow = await startFlow(modem, node('server', { port }), node('recv'));
      await flow.event('server', 'server/open');
      const peer = await connectPeer(port);
      await flow.event('server', 'client/incoming');
      await flow.deploy([modem, node('recv')], 'nodes');
      await peer.closed;
      assert.equal(await isOpen(port), false);
    });
  });
});

function isEvent({ event }: Message): boolean {
  return event !== undefined && event !== 'server/open';
}

describe('qfwd-server for UDP, on firmware with one socket for all peers', () => {
  it('reads no peer if not all peers are admitted', async () => {
    const port = await freePort();
    const flow = await startFlow(
      simulatorModem({ udpServer: 'shared' }),
      node('server', { port, protocol: 'udp', allow: '10.0.0.1' }),
      node('recv'),
      node('urc'),
      node('ack'),
    );
    const { socketId } = await flow.event('server', 'server/open');
    (await UdpPeer.bind()).send('secret', port);
    await flow.from('urc').next(({ event }) => event === 'client/read');
    // Whatever the report gave rise to comes before the answer to this.
    flow.input('ack', { socketId });
    const { payload } = await flow.from('ack').next();
    assert.equal((payload as { recvUsed: number }).recvUsed, 6);
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.from('recv').pending, []);
  });
});
