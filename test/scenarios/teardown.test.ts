import assert from 'node:assert/strict';
import { newMemory } from '../../src/modem';
import { readyRig, startRig } from '../support/modem/rig';

describe('A modem that is stopped', () => {
  it('first sends waiting messages', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const payload = Buffer.alloc(20_000, 'x');
    const sent = rig.modem.send(socketId, payload, 60_000);
    await rig.stop();
    assert.equal((await sent).bytes, payload.length);
    await peer.until(payload.length);
    assert.deepEqual(rig.warnings.all, []);
  });

  it('reports what it could not send', async () => {
    const rig = await readyRig({ simulator: { baud: 115_200 } });
    const server = await rig.openServer();
    const { socketId } = await server.connect();
    const failures: unknown[] = [];
    const sends = [1, 2, 3].map(() =>
      rig.modem.send(socketId, Buffer.alloc(400_000), 60_000).catch((error: unknown) => failures.push(error)),
    );
    await rig.stop();
    await Promise.all(sends);
    assert.ok(failures.length > 0);
    assert.match(rig.warnings.all.at(-1) ?? '', /messages with \d+ bytes were waiting/);
  });

  it('keeps data that was read and not delivered, for the next modem', async () => {
    const memory = newMemory();
    const first = await readyRig({ memory });
    const collector = first.collect();
    const server = await first.openServer({ owner: 's' });
    const { peer, socketId } = await server.connect();
    peer.socket.write('one');
    await collector.until(socketId, 3);
    await first.stop();
    const second = startRig({ module: first.module, memory });
    const again = await second.declareServer({ owner: 's', port: server.settings.port });
    const { adopted } = await again.event('client/incoming');
    assert.equal(adopted, true);
  });

  it('closes its servers and their connections if they are not to be kept', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer } = await server.connect();
    await rig.modem.stop({ closesSockets: true });
    await peer.ended;
    await assert.rejects(server.dial());
  });

  it('makes the next modem report connections that ended meanwhile', async () => {
    const memory = newMemory();
    const first = await readyRig({ memory });
    const server = await first.openServer({ owner: 's' });
    const { peer, socketId } = await server.connect();
    await first.stop();
    peer.socket.destroy();
    const second = startRig({ module: first.module, memory });
    const again = await second.declareServer({ owner: 's', port: server.settings.port });
    assert.equal((await again.event('client/close')).socketId, socketId);
  });
});

describe('An owner that is away for a short time', () => {
  it('is notified afterwards of connections that ended meanwhile', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ owner: 's' });
    const { peer, socketId } = await server.connect();
    rig.modem.endpoints.release('s', false);
    const closed = new Promise<void>((resolve) => {
      rig.modem.on('urc', ({ event }) => event === 'client/close' && resolve());
    });
    peer.socket.destroy();
    await closed;
    const again = await rig.declareServer({ owner: 's', port: server.settings.port });
    assert.equal((await again.event('client/close')).socketId, socketId);
  });
});
