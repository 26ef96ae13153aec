import assert from 'node:assert/strict';
import type { Socket } from 'node:net';

import { hostileBytes } from '../../support/hostile';
import { readyRig, type Rig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

/** Writes until the other side accepts no more. */
async function flood(rig: Rig, socket: Socket): Promise<void> {
  const chunk = Buffer.alloc(1 << 20, 'x');
  do {
    if (!socket.write(chunk)) await rig.quiet();
  } while (!socket.writableNeedDrain);
}

/** A connection with data that one of two consumers pauses, so that neither gets it. */
async function heldBack() {
  const rig = await readyRig();
  const { peer, socketId } = await (await rig.openServer()).connect();
  const [one, two] = [rig.collect(), rig.collect()] as const;
  one.paused.add(socketId);
  peer.socket.write('abc');
  await rig.pass(60_000);
  assert.equal(two.data(socketId).length, 0);
  return { rig, socketId, one, two };
}

describe('Reading', () => {
  it('does not pause after each short read of a module that has more data', async () => {
    let waiting = 40;
    const module = new ScriptedModule((line) => {
      if (line === 'AT+QFWDSEVER?') return '\r\n+QFWDSEVER: 7,"tcp",2020,"usbat"\r\n\r\nOK\r\n';
      if (!line.startsWith('AT+QFWDRECV=2')) return undefined;
      const length = Math.min(2, waiting);
      waiting -= length;
      return `\r\n+QFWDRECV: 2,${length}\r\n${'x'.repeat(length)}\r\n\r\nOK\r\n`;
    });
    const rig = await readyRig({ transport: () => module });
    await (await rig.declareServer({ port: 2020, socketId: 7 })).event('server/open');
    const collector = rig.collect();
    module.say('\r\n+QFWDURC: "client/incoming",7,2,"10.0.0.1",1001,"0.0.0.0",2020\r\n');
    await collector.until(2, 2);
    const begun = rig.clock.now();
    await collector.until(2, 40);
    assert.equal(rig.clock.now(), begun, 'it paused');
  });

  it('does not begin before there is a consumer, and the peer has to wait', async () => {
    const rig = await readyRig({ simulator: { recvBuffer: 8192 } });
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    await flood(rig, peer.socket);
    await rig.pass(60_000);
    assert.equal(rig.count('AT+QFWDRECV=2'), 0);
    assert.ok(peer.socket.writableNeedDrain, 'somebody took what nobody wanted');
    const collector = rig.collect();
    await collector.until(socketId, 100_000);
    assert.ok(collector.data(socketId).equals(Buffer.alloc(collector.data(socketId).length, 'x')));
  });

  it('stops for all consumers while one of them pauses the connection', async () => {
    const { rig, socketId, one, two } = await heldBack();
    one.paused.clear();
    rig.modem.resumeReading();
    await Promise.all([one.until(socketId, 3), two.until(socketId, 3)]);
  });

  it('continues when the consumer that paused it was removed', async () => {
    const { rig, socketId, one, two } = await heldBack();
    rig.modem.removeConsumer(one);
    assert.equal((await two.until(socketId, 3)).toString(), 'abc');
  });

  it('pauses while more than half of the queue limit waits to be sent, and continues after that', async () => {
    const rig = await readyRig({ modem: { queueLimit: 100_000 } });
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const slow = await server.connect();
    const release = rig.module.holdSending(slow.socketId);
    const sending = rig.modem.send(slow.socketId, hostileBytes(90_000, 'pressure'), 1_000_000);
    const collector = rig.collect();
    peer.socket.write('abc');
    await rig.pass(60_000);
    assert.equal(collector.data(socketId).length, 0);
    release();
    await collector.until(socketId, 3);
    await sending;
    assert.deepEqual(await slow.peer.until(90_000), hostileBytes(90_000, 'pressure'));
  });

  describe('on request', () => {
    const onRequest = {
      mode: 'onRequest',
      covers: () => true,
      isPaused: () => false,
      take: () => undefined,
      end: () => undefined,
      miss: () => undefined,
    } as const;

    it('returns what there is, or as much as was requested, or nothing', async () => {
      for (const emptyRead of ['zero', 'error'] as const) {
        const rig = await readyRig({ simulator: { emptyRead } });
        rig.modem.addConsumer(onRequest);
        const { peer, socketId } = await (await rig.openServer()).connect();
        assert.equal((await rig.modem.read(socketId)).data.length, 0);
        const bytes = hostileBytes(5000, 'on request');
        peer.socket.write(bytes);
        const { data: first } = await rig.modem.read(socketId, 1500);
        const rest: Buffer[] = [];
        while (rest.reduce((sum, { length }) => sum + length, first.length) < bytes.length) {
          rest.push((await rig.modem.read(socketId)).data);
        }
        assert.deepEqual(Buffer.concat([first, ...rest]), bytes);
        assert.equal((await rig.modem.read(socketId)).data.length, 0);
      }
    });

    it('reports the end of a peer that left no data, and of one that did once it was read', async () => {
      const rig = await readyRig();
      rig.modem.addConsumer(onRequest);
      const server = await rig.openServer();
      const silent = await server.connect();
      silent.peer.socket.end();
      assert.equal((await server.event('client/close')).socketId, silent.socketId);

      const { peer, socketId } = await server.connect();
      peer.socket.end('last words');
      await rig.pass(60_000);
      assert.deepEqual(server.events.slice(-2), ['client/close', 'client/incoming']);
      assert.equal((await rig.modem.read(socketId)).data.toString(), 'last words');
      assert.equal((await server.event('client/close')).socketId, socketId);
      await assert.rejects(rig.modem.read(socketId), { code: 'QFWD_CLOSED' });
    });
  });
});
