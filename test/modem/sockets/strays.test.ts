import assert from 'node:assert/strict';

import { freePort } from '../../support/free-port';
import { tcpServer } from '../../support/peers';
import type { Client } from '../../support/modem/owners';
import { newModule, readyRig, type Rig, startRig } from '../../support/modem/rig';

describe('A socket of an earlier run', () => {
  it('is adopted by its owner', async () => {
    const outside = await tcpServer();
    const module = newModule();
    const first = await readyRig({ module });
    const { settings, socketId } = await first.openServer();
    const client = first.declareClient({ port: outside.port });
    await client.event('client/open');
    await first.stop();

    const second = startRig({ module });
    const server = await second.declareServer(settings);
    const again = second.declareClient({ port: outside.port });
    assert.deepEqual(await server.event('server/open'), {
      event: 'server/open',
      socketId,
      result: 0,
      adopted: true,
    });
    assert.equal((await again.event('client/open')).adopted, true);
    assert.equal(outside.peers.all.length, 1);
  });

  it('is closed with its connections if it is no longer declared', async () => {
    const outside = await tcpServer();
    const module = newModule();
    const first = await readyRig({ module });
    const { peer } = await (await first.openServer()).connect();
    await first.declareClient({ port: outside.port }).event('client/open');
    const other = await outside.peers.next();
    await first.stop();

    const second = await readyRig({ module });
    await second.openServer({ owner: 'somebody else' });
    await Promise.all([peer.ended, other.ended]);
    assert.equal((await second.servers()).length, 1);
    assert.deepEqual(await second.clients(), []);
  });

  it('is kept if it was opened by another program', async () => {
    const outside = await tcpServer();
    const module = newModule();
    const first = await readyRig({ module });
    const { peer } = await (await first.openServer({ socketId: 9 })).connect();
    await first.declareClient({ port: outside.port, socketId: 10 }).event('client/open');
    await first.stop();

    const second = await readyRig({ module });
    await second.openServer({ owner: 'somebody else' });
    assert.equal((await second.servers()).length, 2);
    assert.equal((await second.clients()).length, 2);
    peer.socket.write('x');
    assert.equal((await second.modem.read(2)).data.toString(), 'x');
  });
});

describe('A socket that its owner releases', () => {
  let rig: Rig;
  let client: Client;

  beforeEach(async () => {
    rig = await readyRig();
    client = rig.declareClient({ port: (await tcpServer()).port });
    await client.event('client/open');
  });

  it('for good is no longer remembered', async () => {
    const openedWith = new Map<string, string>();
    const other = await readyRig({ openedWith });
    await other.openServer();
    assert.deepEqual([...openedWith.keys()], ['a server']);
    other.modem.endpoints.release('a server', true);
    assert.deepEqual([...openedWith.keys()], []);
  });

  it('for good is closed at once, with its connections', async () => {
    const server = await rig.openServer();
    const { peer } = await server.connect();
    rig.modem.endpoints.release('a server', true);
    rig.modem.endpoints.release('a client', true);
    await peer.ended;
    assert.deepEqual(rig.modem.connections(), []);
    assert.deepEqual(await rig.servers(), []);
    assert.deepEqual(await rig.clients(), []);
    assert.deepEqual(server.events, ['server/open', 'client/incoming', 'client/close', 'server/close']);
    assert.deepEqual(client.events, ['client/open', 'client/close']);
    assert.equal(rig.count('AT+QFWDCLOSE='), 3);
  });

  it('for a moment stays open, and is adopted by the next declaration', async () => {
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    rig.modem.endpoints.release('a server', false);
    rig.modem.endpoints.release('a client', false);
    const late = await server.dial();
    const again = await rig.declareServer(server.settings);
    const clientAgain = rig.declareClient(client.settings);
    assert.equal((await again.event('server/open')).adopted, true);
    assert.equal((await clientAgain.event('client/open')).adopted, true);
    const ports = [(await again.event('client/incoming')).port, (await again.event('client/incoming')).port];
    assert.deepEqual(
      ports,
      [peer, late].map(({ port }) => port),
    );
    await rig.pass(60_000);
    await rig.modem.send(socketId, Buffer.from('x'), 1000);
    assert.equal(rig.modem.connection(socketId).owner, 'a server');
    assert.equal(rig.count('AT+QFWDCLOSE=6'), 0);
  });

  it('twice in a short time is not closed because of the first time', async () => {
    const server = await rig.openServer();
    rig.modem.endpoints.release('a server', false);
    await rig.pass(4000);
    const again = await rig.declareServer(server.settings);
    await again.event('server/open');
    rig.modem.endpoints.release('a server', false);
    await rig.pass(2000);
    const third = await rig.declareServer(server.settings);
    assert.equal((await third.event('server/open')).adopted, true);
  });

  it('is closed if the owner does not return', async () => {
    const { peer } = await (await rig.openServer()).connect();
    rig.modem.endpoints.release('a server', false);
    const released = rig.clock.now();
    await peer.ended;
    assert.equal(rig.clock.now() - released, 5000);
    assert.deepEqual(await rig.servers(), []);
  });

  it('is closed if the owner returns with another port, and the other port is opened', async () => {
    const server = await rig.openServer();
    const { peer } = await server.connect();
    const port = await freePort();
    const other = await rig.declareServer({ port });
    assert.equal((await other.event('server/open')).adopted, undefined);
    await peer.ended;
    const [listed, ...more] = await rig.servers();
    assert.match(listed!, new RegExp(`,${port},`));
    assert.deepEqual(more, []);
  });

  it('is closed when the modem is removed, even if the time is not over', async () => {
    const { peer } = await (await rig.openServer()).connect();
    rig.modem.endpoints.release('a server', false);
    rig.modem.endpoints.release('a client', false);
    await rig.modem.stop({ closesSockets: true });
    await peer.ended;
    assert.equal(rig.count('AT+QFWDCLOSE='), 3);
  });

  it('while the modem is offline is closed when it is ready again', async () => {
    const server = await rig.openServer({ socketId: 9 });
    const { peer } = await server.connect();
    rig.module.unplug();
    await rig.state('offline');
    rig.modem.endpoints.release('a server', true);
    rig.modem.endpoints.release('a client', true);
    await peer.ended;
    assert.deepEqual(await rig.servers(), []);
    assert.deepEqual(await rig.clients(), []);
    assert.deepEqual(rig.modem.connections(), []);
  });
});

describe('A server with other settings that no list shows', () => {
  for (const socketId of [undefined, 9]) {
    it(`is reopened, once (under ${socketId === undefined ? 'any id' : 'an id of its own'})`, async () => {
      const rig = await readyRig();
      const server = await rig.openServer({ socketId });
      const same = await rig.declareServer(server.settings);
      assert.equal((await same.event('server/open')).adopted, true);
      const other = await rig.declareServer({ ...server.settings, idleTimeout: 600 });
      assert.equal((await other.event('server/open')).adopted, undefined);
      assert.equal(rig.count('AT+QFWDSEVER=0'), 2);
      const [, again = ''] = rig.module.commands.filter((line) => line.startsWith('AT+QFWDSEVER=0'));
      assert.match(again, /,5,600,/);
      await rig.replug();
      assert.equal((await other.event('server/open')).adopted, true);
    });
  }
});

describe('A new run', () => {
  it('does not adopt a server with other settings that no list shows', async () => {
    const first = await readyRig();
    const { settings, socketId } = await first.openServer({ idleTimeout: 600 });
    await first.stop();
    const second = startRig({ module: first.module });
    const server = await second.declareServer({ ...settings, idleTimeout: 30 });
    assert.equal((await server.event('server/open')).adopted, undefined);
    assert.notEqual(server.socketId, socketId);
    assert.deepEqual(await second.servers(), [
      `+QFWDSEVER: ${server.socketId},"tcp",${settings.port},"usbat"`,
    ]);
  });

  it('does not adopt a client of a host with another name', async () => {
    const outside = await tcpServer();
    const first = await readyRig();
    await first.declareClient({ port: outside.port, host: 'localhost' }).event('client/open');
    const before = await outside.peers.next();
    await first.stop();
    const second = startRig({ module: first.module });
    const client = second.declareClient({ port: outside.port, host: '127.0.0.1' });
    assert.equal((await client.event('client/open')).adopted, undefined);
    await outside.peers.next();
    await before.ended;
  });
});

describe('A server that is declared again with a shorter allow list', () => {
  it('closes peers that are no longer on it, and reports that', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const before = await rig.openServer({ allow: ['127.0.0.0/8'] });
    const { peer, socketId } = await before.connect();
    const after = await rig.declareServer({ ...before.settings, allow: ['10.0.0.1'] });
    assert.equal((await after.event('server/open')).adopted, true);
    assert.equal((await after.event('client/close')).socketId, socketId);
    peer.socket.write('let me in');
    await peer.ended;
    assert.equal(collector.data(socketId).length, 0);
    assert.deepEqual(after.events, ['server/open', 'client/close']);
  });
});

describe('A socket that is closed by a call', () => {
  it('while the modem is offline is reported as closed, and is closed when the modem is ready again', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    const peer = await outside.peers.next();
    rig.module.unplug();
    await rig.state('offline');
    await assert.rejects(client.endpoint.close(), { code: 'QFWD_OFFLINE' });
    await peer.ended;
    await rig.pass(60_000);
    assert.deepEqual(client.events, ['client/open']);
    assert.equal(outside.peers.all.length, 1);
  });

  it('that is a connection is reported to its owner', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    await rig.modem.requests.close(socketId);
    await peer.ended;
    assert.equal((await server.event('client/close')).socketId, socketId);
    await assert.rejects(rig.modem.requests.close(socketId), { code: 'QFWD_CLOSED' });
  });

  it('is reported as closed even if the module has already closed it', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    rig.module.inject({ send: (packet) => (packet.bytes.includes('client/close') ? [] : [packet]) });
    peer.socket.destroy();
    // The module closes it before it is listed.
    await rig.pass(1000);
    assert.ok((await rig.ask(`AT+QFWDACK=${socketId}`)).includes('ERROR'));
    await assert.rejects(rig.modem.requests.close(socketId), { code: 'QFWD_CLOSED' });
    await server.event('client/close');
  });
});
