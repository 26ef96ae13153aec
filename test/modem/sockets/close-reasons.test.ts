import assert from 'node:assert/strict';

import { newMemory } from '../../../src/modem';
import { dropNext } from '../../../src/simulator';
import { newModule, readyRig, type Rig, startRig } from '../../support/modem/rig';
import type { Server } from '../../support/modem/owners';
import { freePort } from '../../support/free-port';
import { tcpServer } from '../../support/peers';

/** A connection that has received ten bytes and sent three. */
async function usedConnection(rig: Rig, server: Server) {
  const collector = rig.collect();
  const { peer, socketId } = await server.connect();
  peer.socket.write('ten bytes.');
  await collector.until(socketId, 10);
  await rig.modem.send(socketId, Buffer.from('abc'), 10_000);
  return { peer, socketId };
}

describe('The end of a connection is reported with its reason', () => {
  it('peer, with what was transferred and for how long it was open', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await usedConnection(rig, server);
    const { ends } = rig.modem.connection(socketId);
    await rig.pass(5000);
    peer.socket.end();
    const { ms, ...event } = await server.event('client/close');
    assert.deepEqual(event, {
      event: 'client/close',
      reason: 'peer',
      bytesIn: 10,
      bytesOut: 3,
      serverId: server.socketId,
      socketId,
      ...ends,
    });
    assert.ok(Number.isInteger(ms) && ms >= 5000 && ms < 10_000, `${ms} ms`);
  });

  it('peer, if its URC was lost', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer } = await usedConnection(rig, server);
    rig.module.inject(dropNext('urc'));
    peer.socket.end();
    assert.equal((await server.event('client/close')).reason, 'peer');
  });

  it('idle, if the module has closed it after the idle timeout of its server', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ idleTimeout: 20 });
    await usedConnection(rig, server);
    await rig.pass(15_000);
    assert.equal(rig.modem.connections().length, 1);
    assert.equal((await server.event('client/close')).reason, 'idle');
  });

  it('idle, even if there were reads without data meanwhile', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ idleTimeout: 20 });
    const { socketId } = await server.connect();
    await rig.pass(15_000);
    assert.equal((await rig.modem.read(socketId)).data.length, 0);
    assert.equal((await server.event('client/close')).reason, 'idle');
  });

  it('peer, if it was not idle for that long', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ idleTimeout: 20 });
    const { peer, socketId } = await usedConnection(rig, server);
    await rig.pass(15_000);
    await rig.modem.send(socketId, Buffer.from('still here'), 10_000);
    await rig.pass(10_000);
    peer.socket.end();
    assert.equal((await server.event('client/close')).reason, 'peer');
  });

  it('local, if a call has closed it', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { socketId } = await usedConnection(rig, server);
    await rig.modem.requests.close(socketId);
    const { reason, bytesIn, bytesOut } = await server.event('client/close');
    assert.deepEqual({ reason, bytesIn, bytesOut }, { reason: 'local', bytesIn: 10, bytesOut: 3 });
  });

  it('peer, if a call has closed it after its peer', async () => {
    const rig = await readyRig({ simulator: { halfClose: 60_000 } });
    const collector = rig.collect();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    collector.paused.add(socketId);
    peer.socket.end('unread');
    const connection = rig.modem.connection(socketId);
    await rig.until(() => connection.state === 'ending');
    await rig.modem.requests.closeConnection(connection);
    assert.equal((await server.event('client/close')).reason, 'peer');
  });

  it('lost, if the module restarted', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await usedConnection(rig, server);
    await rig.module.reboot();
    const { reason, bytesIn, bytesOut } = await server.event('client/close');
    assert.deepEqual({ reason, bytesIn, bytesOut }, { reason: 'lost', bytesIn: 10, bytesOut: 3 });
    assert.equal((await server.event('server/close')).reason, 'lost');
  });

  it('lost, if it ended while the link was lost', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer } = await usedConnection(rig, server);
    rig.module.unplug();
    peer.socket.destroy();
    assert.equal((await server.event('client/close')).reason, 'lost');
  });

  it('lost, if it ended before the next modem object of the module was ready', async () => {
    const module = newModule();
    const memory = newMemory();
    const first = await readyRig({ module, memory });
    const before = await first.openServer();
    const { socketId } = await usedConnection(first, before);
    await first.stop();
    await first.ask(`AT+QFWDCLOSE=${socketId}`);

    const second = startRig({ module, memory });
    const server = await second.declareServer(before.settings);
    const { reason, bytesIn, bytesOut, ms } = await server.event('client/close');
    assert.deepEqual({ reason, bytesIn, bytesOut }, { reason: 'lost', bytesIn: 10, bytesOut: 3 });
    assert.ok(ms >= 0);
  });

  it('local, if its server is no longer declared', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await usedConnection(rig, server);
    rig.modem.endpoints.release('a server', true);
    assert.equal((await server.event('client/close')).reason, 'local');
    assert.equal((await server.event('server/close')).reason, 'local');
  });

  it('local, if its server is deployed with other settings', async () => {
    const rig = await readyRig();
    const before = await rig.openServer();
    await usedConnection(rig, before);
    const after = await rig.declareServer({ ...before.settings, port: await freePort() });
    assert.equal((await after.event('client/close')).reason, 'local');
  });

  it('refused, if a new list of its server does not allow it', async () => {
    const rig = await readyRig();
    const before = await rig.openServer();
    await usedConnection(rig, before);
    const after = await rig.declareServer({ ...before.settings, allow: ['10.0.0.1'] });
    assert.equal((await after.event('client/close')).reason, 'refused');
  });
});

describe('The end of a client is reported with its reason', () => {
  it('peer, lost or local', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    const closings = [
      ['peer', async () => (await outside.peers.next()).socket.end()],
      ['lost', () => rig.module.reboot()],
      ['local', () => rig.modem.requests.close(client.socketId)],
    ] as const;
    for (const [expected, end] of closings) {
      await end();
      const { reason, bytesIn, bytesOut } = await client.event('client/close');
      assert.deepEqual({ reason, bytesIn, bytesOut }, { reason: expected, bytesIn: 0, bytesOut: 0 });
      if (expected !== 'local') await client.event('client/open');
    }
  });

  it('lost, if it ended while the link was lost', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    const peer = await outside.peers.next();
    rig.module.unplug();
    peer.socket.destroy();
    assert.equal((await client.event('client/close')).reason, 'lost');
  });

  it('peer, if it is found missing by a call that wants it open', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    rig.module.inject(dropNext('urc'));
    (await outside.peers.next()).socket.end();
    await rig.quiet();
    await client.endpoint.open(client.settings);
    assert.equal((await client.event('client/close')).reason, 'peer');
  });
});

describe('The close of a server is reported with its reason', () => {
  it('local, if a call has closed it', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { socketId } = server;
    await rig.modem.requests.close(socketId);
    assert.deepEqual(await server.event('server/close'), {
      event: 'server/close',
      reason: 'local',
      socketId,
    });
  });

  it('lost, if the module no longer has it', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    assert.equal((await server.event('server/close')).reason, 'lost');
  });
});
