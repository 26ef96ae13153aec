import assert from 'node:assert/strict';
import { setVariable } from './support/environment';
import { type Flow, node, simulatorModem, startFlow } from './support/flow';
import { serveModule } from './support/module';
import { freePort } from '../support/free-port';
import { tcpServer, UdpPeer } from '../support/peers';

const ECONNREFUSED = 111;

describe('qfwd-client', () => {
  /** A flow whose client is connected to a server here, and the server's end of the connection. */
  async function connected(properties: object = {}, ...nodes: Parameters<typeof startFlow>) {
    const host = await tcpServer();
    const flow = await startFlow(
      node('client', { host: '127.0.0.1', port: host.port, ...properties }),
      ...nodes,
    );
    const peer = await host.peers.next();
    const { socketId, payload } = await flow.event('client', 'client/open');
    assert.deepEqual(payload, {
      socketId,
      result: 0,
      ip: '127.0.0.1',
      port: host.port,
      localIp: '127.0.0.1',
      localPort: peer.socket.remotePort,
    });
    return { host, flow, peer, socketId };
  }

  it('connects at startup, emits an event, and transfers data both ways', async () => {
    const { flow, peer, socketId } = await connected({}, node('recv'), node('send'));
    flow.input('send', { socketId, payload: 'ping' });
    assert.equal(await peer.text(4), 'ping');
    peer.socket.write('pong');
    const message = await flow.from('recv').next();
    assert.deepEqual(message.payload, Buffer.from('pong'));
    assert.deepEqual([message.socketId, message.ip, message.port], [socketId, '127.0.0.1', peer.port]);
    assert.deepEqual([message.localIp, message.localPort], ['127.0.0.1', peer.socket.remotePort]);
  });

  it('emits client/close after the last data when the peer closes, and connects again', async () => {
    const { host, flow, peer, socketId } = await connected({}, node('recv'));
    peer.socket.end('bye');
    const { payload, ip, port } = await flow.event('client', 'client/close');
    const { ms, ...closed } = payload as { ms: number };
    assert.equal(typeof ms, 'number');
    assert.deepEqual({ ip, port }, { ip: '127.0.0.1', port: host.port });
    assert.deepEqual(closed, {
      reason: 'peer',
      bytesIn: 3,
      bytesOut: 0,
      socketId,
      ip: '127.0.0.1',
      port: host.port,
      localIp: '127.0.0.1',
      localPort: peer.socket.remotePort,
    });
    assert.deepEqual(
      flow.from('recv').pending.map(({ payload: data }) => data),
      [Buffer.from('bye')],
    );
    const { fill, shape } = await flow.status('client', 'retrying');
    assert.deepEqual({ fill, shape }, { fill: 'yellow', shape: 'ring' });
    await host.peers.next();
    await flow.event('client', 'client/open');
    await flow.status('client', 'connected');
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.errors.pending, []);
  });

  it('tries again until the host listens, and reports the failure once', async () => {
    const port = await freePort();
    const flow = await startFlow(node('client', { host: '127.0.0.1', port }));
    const { payload, socketId } = await flow.event('client', 'client/failed');
    const { error } = await flow.errors.next();
    assert.equal(error?.code, 'QFWD_OPEN_FAILED');
    const reason = 'connection refused: does the host listen on this port? (the module gave result 111)';
    assert.deepEqual(payload, { socketId, result: ECONNREFUSED, reason });
    await tcpServer(port);
    await flow.event('client', 'client/open');
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.errors.pending, []);
  });

  it('without reconnect stays closed after the peer has closed, until a message opens it', async () => {
    const { host, flow, peer } = await connected({ reconnect: false });
    peer.socket.end();
    await flow.event('client', 'client/close');
    flow.input('client', { action: 'open' });
    await flow.completed.next();
    await host.peers.next();
    await flow.event('client', 'client/open');
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.from('client').pending, []);
  });

  it('fails with QFWD_OPEN_FAILED and the result when a message cannot open it', async () => {
    const port = await freePort();
    const flow = await startFlow(
      node('client', { host: '127.0.0.1', port, autoOpen: false, reconnect: false }),
    );
    await flow.status('client', 'closed');
    assert.equal((await flow.refusal('client', { action: 'open' })).code, 'QFWD_OPEN_FAILED');
    assert.equal((await flow.dones.next((done) => done.node.id === 'client')).error?.result, ECONNREFUSED);
    await flow.status('client', 'closed');
  });

  it('connects to the host of a message, passes the message on, and closes', async () => {
    const host = await tcpServer();
    const flow = await startFlow(
      node('client', { host: '127.0.0.1', port: await freePort(), autoOpen: false }),
    );
    await flow.status('client', 'closed');
    flow.input('client', { action: 'open', payload: { port: host.port, host: 'localhost' }, topic: 'mine' });
    const peer = await host.peers.next();
    const opened = await flow.event('client', 'client/open');
    assert.equal(opened.topic, 'mine');
    await flow.completed.next();

    flow.input('client', { action: 'close', topic: 'mine' });
    const closed = await flow.event('client', 'client/close');
    assert.deepEqual([closed.topic, closed.socketId], ['mine', opened.socketId]);
    await peer.closed;
    await flow.completed.next();
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.from('client').pending, []);
  });

  it('rejects hosts that could end the command, and sends nothing', async () => {
    const { module, modem } = await serveModule();
    const flow = await startFlow(modem, node('client', { host: '127.0.0.1', port: 1, autoOpen: false }));
    await flow.status('client', 'closed');
    const before = module.commands.length;
    const hosts = ['a\r', 'a\nb', 'a"b', 'a\x1a', 'a\x1b', 'a\0', 'a b', '', 'a\u0085'];
    for (const host of hosts) await assertInvalid(flow, { action: 'open', payload: { host } });
    await assertInvalid(flow, { action: 'open', payload: { host: ['a'] } });
    await assertInvalid(flow, { action: 'jump' });
    assert.deepEqual(module.commands.slice(before).filter(isOpening), []);
  });

  it('rejects such a host in its configuration, too', async () => {
    const { module, modem } = await serveModule();
    const flow = await startFlow(modem, node('client', { host: '127.0.0.1"\rATD1;', port: 1 }), node('urc'));
    const { fill, shape } = await flow.status('client', 'error');
    assert.deepEqual({ fill, shape }, { fill: 'red', shape: 'ring' });
    assert.match(String((await flow.log.next()).msg), /host must be an address or a domain name/);
    await flow.status('urc', 'ready');
    assert.deepEqual(module.commands.filter(isOpening), []);
  });

  it('accepts environment variables', async () => {
    const host = await tcpServer();
    setVariable('QFWD_TEST_HOST', '127.0.0.1');
    setVariable('QFWD_TEST_PORT', String(host.port));
    setVariable('QFWD_TEST_RECONNECT', 'false');
    const config = {
      host: '${QFWD_TEST_HOST}',
      port: '${QFWD_TEST_PORT}',
      reconnect: '${QFWD_TEST_RECONNECT}',
    };
    const flow = await startFlow(node('client', config));
    (await host.peers.next()).socket.end();
    await flow.status('client', 'closed');
    await flow.clock.pass(20_000);
    assert.equal(host.peers.all.length, 1);
  });

  it('sends its settings to the module', async () => {
    const host = await tcpServer();
    const { module, modem } = await serveModule();
    const flow = await startFlow(
      modem,
      node('client', { host: '127.0.0.1', port: host.port, socketId: '9' }),
    );
    assert.equal((await flow.event('client', 'client/open')).socketId, 9);
    const command = `AT+QFWDCLIENT=0,9,"IP","tcp","127.0.0.1",${host.port},"usbat"`;
    assert.ok(module.commands.includes(command), module.commands.join('\n'));
  });

  it('exchanges datagrams over UDP', async () => {
    const peer = await UdpPeer.bind();
    const flow = await startFlow(
      node('client', { host: '127.0.0.1', port: peer.port, protocol: 'udp' }),
      node('recv'),
      node('send'),
    );
    const { socketId } = await flow.event('client', 'client/open');
    flow.input('send', { socketId, payload: 'question' });
    const { data, from } = await peer.datagrams.next();
    assert.equal(data.toString(), 'question');
    peer.send('answer', from.port);
    assert.deepEqual((await flow.from('recv').next()).payload, Buffer.from('answer'));
  });

  it('closes its connection when it is removed by a deploy', async () => {
    const host = await tcpServer();
    const modem = simulatorModem();
    const flow = await startFlow(modem, node('client', { host: '127.0.0.1', port: host.port }));
    const peer = await host.peers.next();
    await flow.event('client', 'client/open');
    await flow.deploy([modem], 'nodes');
    await peer.closed;
  });
});

async function assertInvalid(flow: Flow, message: object): Promise<void> {
  assert.equal((await flow.refusal('client', message)).code, 'QFWD_INVALID', JSON.stringify(message));
}

function isOpening(command: string): boolean {
  return /^AT(\+QFWDCLIENT=[^?]|D)/.test(command);
}
