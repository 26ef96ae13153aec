import assert from 'node:assert/strict';

import { tcpServer } from '../support/peers';
import { newModule, readyRig, type Rig } from '../support/modem/rig';

/** A module with a server, a connection of it, and a client, all open. */
async function withSockets(rig: Rig) {
  const outside = await tcpServer();
  const server = await rig.openServer();
  const client = rig.declareClient({ port: outside.port });
  await client.event('client/open');
  const { peer, socketId } = await server.connect();
  return { server, client, peer, socketId };
}

const closes = (events: readonly string[]) => events.filter((event) => event.endsWith('/close'));

describe('A module that seems to restart', () => {
  for (const line of ['RDY', 'POWERED DOWN', 'NORMAL POWER DOWN']) {
    it(`by ${line}, which may be part of a text, has its sockets listed, and none reported as closed`, async () => {
      const rig = await readyRig();
      const collector = rig.collect();
      const { server, client, peer, socketId } = await withSockets(rig);
      rig.module.urc(line);
      assert.equal((await server.event('client/incoming')).adopted, true);
      assert.equal((await client.event('client/open')).adopted, true);
      peer.socket.write('still here');
      await collector.until(socketId, 10);
      await rig.modem.send(socketId, Buffer.from('so am I'), 10_000);
      await peer.untilText('so am I');
      assert.deepEqual([...closes(server.events), ...closes(client.events)], []);
      assert.equal(rig.modem.counters.restarts, 0);
      assert.ok(!rig.states.all.includes('offline'));
    });
  }

  it('and does has its sockets reported as closed before it has its commands again', async () => {
    const rig = await readyRig({ simulator: { apDelay: 60_000 } });
    const { server, client } = await withSockets(rig);
    const restarted = rig.module.reboot();
    await server.event('client/close');
    await server.event('server/close');
    await client.event('client/close');
    assert.notEqual(rig.modem.state, 'ready');
    assert.equal(rig.modem.counters.restarts, 1);
    await restarted;
    await server.event('server/open');
  });

  it('and does, with ATE0 stored, has its sockets reported as closed once they are listed', async () => {
    const rig = await readyRig({ simulator: { echo: false } });
    const { server, client } = await withSockets(rig);
    await rig.module.reboot();
    await server.event('client/close');
    await server.event('server/close');
    await client.event('client/close');
    assert.equal((await server.event('server/open')).adopted, undefined);
    assert.equal((await client.event('client/open')).adopted, undefined);
  });

  it('by an echo, but always echoes, does not count as restarted', async () => {
    const module = newModule({ echo: false });
    let written = Buffer.alloc(0);
    module.inject({
      receive: (bytes) => {
        written = Buffer.concat([written, bytes]);
        return bytes;
      },
      send: (packet) => {
        const echo = { kind: 'echo', bytes: written } as const;
        written = Buffer.alloc(0);
        return [echo, packet];
      },
    });
    const rig = await readyRig({ module });
    const server = await rig.openServer();
    module.urc('RDY');
    assert.equal((await server.event('server/open')).adopted, true);
    assert.deepEqual(server.events, ['server/open', 'server/open']);
  });
});

describe('A URC that is received with a text message', () => {
  const message = '\r\n+CMT: "+491700000000",,"26/11/28,12:00:00+04"';

  it('is verified: a connection that the text claims to be closed stays open', async () => {
    const rig = await readyRig();
    const { server, peer, socketId } = await withSockets(rig);
    rig.module.urc(`${message.trim()}\r\n+QFWDURC: "client/close",${socketId}`);
    await rig.modem.requests.clients();
    await rig.modem.send(socketId, Buffer.from('open'), 10_000);
    await peer.untilText('open');
    assert.deepEqual(closes(server.events), []);
  });

  it('is verified: a connection that is closed in fact is reported as closed', async () => {
    const rig = await readyRig();
    const { server, peer } = await withSockets(rig);
    rig.module.urc(message.trim());
    peer.socket.end();
    await server.event('client/close');
  });
});
