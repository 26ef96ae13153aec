import assert from 'node:assert/strict';

import { newMemory } from '../../src/modem';
import { delayNext } from '../../src/simulator';
import { type Peer, tcpServer } from '../support/peers';
import { scenario } from '../support/modem/family';
import { readyRig, type Rig, startRig } from '../support/modem/rig';

/** A read is on the line when this resolves; its answer comes a little later. */
async function reading(rig: Rig, data: string): Promise<{ socketId: number; peer: Peer; port: number }> {
  const server = await rig.openServer();
  const { peer, socketId } = await server.connect();
  // What follows a new connection by itself is over by then.
  await rig.pass(20_000);
  const isAsked = new Promise<void>((resolve) => {
    rig.module.on('command', (line) => {
      if (!line.startsWith(`${rig.family.commands.receive}${socketId},`)) return;
      rig.module.inject(delayNext(30));
      resolve();
    });
  });
  peer.socket.write(data);
  await isAsked;
  return { socketId, peer, port: server.settings.port };
}

scenario('Data that is read while its consumer', () => {
  it('is deployed again is kept for the new one, and is delivered before later data', async () => {
    const rig = await readyRig();
    const before = rig.collect();
    const { peer, socketId } = await reading(rig, 'asked for by the one before;');
    rig.modem.removeConsumer(before);
    await rig.modem.requests.raw('AT');
    const after = rig.collect();
    await after.until(socketId, 28);
    peer.socket.write('and what comes after');
    await after.untilText(socketId, 'after');
    assert.equal(after.data(socketId).toString(), 'asked for by the one before;and what comes after');
    assert.equal(before.data(socketId).length, 0);
  });

  it('is deployed again while the peer closes is kept as well', async () => {
    const rig = await readyRig();
    const before = rig.collect();
    const { socketId, peer } = await reading(rig, 'last words');
    rig.modem.removeConsumer(before);
    peer.socket.end();
    await rig.pass(4000);
    const after = rig.collect();
    await after.until(socketId, 10);
    assert.equal(after.data(socketId).toString(), 'last words');
  });

  it('is removed for good does not delay the close', async () => {
    const rig = await readyRig();
    const before = rig.collect();
    const { peer } = await reading(rig, 'last words');
    rig.modem.removeConsumer(before);
    peer.socket.end();
    await rig.pass(4000);
    assert.equal(rig.modem.connections().length, 1);
    await rig.pass(2000);
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('is stopped with its modem is kept for the next modem', async () => {
    const memory = newMemory();
    const first = await readyRig({ memory });
    const before = first.collect();
    const { socketId, port } = await reading(first, 'asked for by the modem before');
    first.modem.removeConsumer(before);
    await first.stop();
    const second = startRig({ module: first.module, memory });
    const after = second.collect();
    await second.declareServer({ port });
    await after.until(socketId, 29);
    assert.equal(after.data(socketId).toString(), 'asked for by the modem before');
    assert.equal(memory.unread.size, 0);
  });
});

scenario('A modem that is stopped in the middle of a send', () => {
  it('waits for the response, so that the outcome is known', async () => {
    const rig = await readyRig();
    const { peer, socketId } = await (await rig.openServer()).connect();
    rig.module.once('command', () => rig.module.inject(delayNext(30)));
    const sent = rig.modem.send(socketId, Buffer.from('known'), 10_000);
    await rig.modem.stop();
    assert.equal((await sent).bytes, 5);
    await peer.untilText('known');
  });
});

scenario('A client whose opening is not reported before its modem is stopped', () => {
  it('is not reported as closed by the next modem', async () => {
    const memory = newMemory();
    const target = await tcpServer();
    const first = await readyRig({ memory });
    let isOpening = false;
    const restore = first.module.inject({ receive: (bytes) => (isOpening ? Buffer.alloc(0) : bytes) });
    first.module.on('command', (line) => (isOpening ||= line.startsWith(first.family.commands.openClient)));
    const before = first.declareClient({ port: target.port });
    const peer = await target.peers.next();
    await first.pass(2000);
    await first.stop();
    restore();
    peer.socket.destroy();
    await first.pass(2000);

    const second = startRig({ module: first.module, memory });
    const after = second.declareClient({ port: target.port });
    await after.event('client/open');
    assert.deepEqual([before.events, after.events], [[], ['client/open']]);
  });
});
