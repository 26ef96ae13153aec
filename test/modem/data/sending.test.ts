import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';

import { hostileBytes } from '../../support/hostile';
import { type Collector, readyRig, type Rig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

/** Writes without end until the other side takes no more; tells how much went. */
async function flood(socket: Socket): Promise<number> {
  const chunk = Buffer.alloc(1 << 20, 'x');
  let written = 0;
  for (;;) {
    written += chunk.length;
    if (socket.write(chunk)) continue;
    const drained = await Promise.race([
      once(socket, 'drain').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 150, false)),
    ]);
    if (!drained) return written;
  }
}

/** Every time, in ms, that somebody sets a timer to. */
function recordWaits({ clock }: Rig): number[] {
  const waits: number[] = [];
  const after = clock.after.bind(clock);
  clock.after = (ms, action) => {
    waits.push(ms);
    return after(ms, action);
  };
  return waits;
}

function bytesRead(rig: Rig): number {
  return rig.count('AT+QFWDRECV=2') * 1024;
}

describe('A command that takes long', () => {
  it('makes nobody wait longer than he wants to', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    let isHeld = true;
    rig.module.inject({ delay: () => (isHeld && rig.module.commands.at(-1) === 'AT+COPS=?' ? 400 : 0) });
    const slow = rig.modem.requests.raw('AT+COPS=?', 180_000);
    const started = rig.clock.now();
    const connection = rig.modem.connection(socketId);
    const results = await Promise.allSettled([
      rig.modem.send(socketId, Buffer.from('first'), 1000),
      rig.modem.send(socketId, Buffer.from('second'), 2000),
      rig.modem.awaitDelivery(connection, 1500),
    ]);
    assert.ok(rig.clock.now() - started < 6000);
    assert.deepEqual(
      results.map((it) => (it.status === 'rejected' ? (it.reason as { code: string }).code : 'done')),
      ['QFWD_TIMEOUT', 'QFWD_TIMEOUT', 'QFWD_TIMEOUT'],
    );
    isHeld = false;
    await slow;
    await rig.modem.send(socketId, Buffer.from('third'), 10_000);
    assert.equal((await peer.until(5)).toString(), 'third');
  });
});

describe('Reading', () => {
  it('does not pause after each short read of a module that has more', async () => {
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
    const waits = recordWaits(rig);
    module.say('\r\n+QFWDURC: "client/incoming",7,2,"10.0.0.1",1001,"0.0.0.0",2020\r\n');
    await collector.until(2, 40);
    assert.ok(waits.filter((ms) => ms === 50).length < 4);
  });

  it('does not begin before somebody wants the data, and the peer is held up', async () => {
    const rig = await readyRig({ simulator: { recvBuffer: 8192 } });
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    await flood(peer.socket);
    assert.equal(bytesRead(rig), 0);
    const collector = rig.collect();
    await collector.until(socketId, 100_000);
    assert.ok(collector.data(socketId).equals(Buffer.alloc(collector.data(socketId).length, 'x')));
  });

  it('stops for everybody while one holds the connection back', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const [one, two] = [rig.collect(), rig.collect()] as [Collector, Collector];
    one.paused.add(socketId);
    peer.socket.write('abc');
    await once(rig.module, 'sent');
    rig.clock.forward(5000);
    assert.equal(two.data(socketId).length, 0);
    one.paused.clear();
    rig.modem.resumeReading();
    await Promise.all([one.until(socketId, 3), two.until(socketId, 3)]);
  });

  it('goes on when who held it back has gone', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const [one, two] = [rig.collect(), rig.collect()] as [Collector, Collector];
    one.paused.add(socketId);
    peer.socket.write('abc');
    rig.modem.removeConsumer(one);
    await two.until(socketId, 3);
  });

  it('pauses while more than half of the queue waits to be sent, and goes on after', async () => {
    const rig = await readyRig({ modem: { queueLimit: 100_000 } });
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const slow = await server.connect();
    const release = rig.module.holdSending(slow.socketId);
    const sending = rig.modem.send(slow.socketId, hostileBytes(90_000, 'pressure'), 1_000_000);
    const collector = rig.collect();
    peer.socket.write('abc');
    await once(rig.module, 'command');
    rig.clock.forward(3000);
    await once(rig.module, 'command');
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

    it('gives what there is, or as much as was asked for, or nothing', async () => {
      for (const emptyRead of ['zero', 'error'] as const) {
        const rig = await readyRig({ simulator: { emptyRead } });
        rig.modem.addConsumer(onRequest);
        const { peer, socketId } = await (await rig.openServer()).connect();
        assert.equal((await rig.modem.read(socketId)).length, 0);
        const bytes = hostileBytes(5000, 'on request');
        peer.socket.write(bytes);
        const first = await rig.modem.read(socketId, 1500);
        const rest: Buffer[] = [];
        while (rest.reduce((sum, { length }) => sum + length, first.length) < bytes.length) {
          rest.push(await rig.modem.read(socketId));
        }
        assert.deepEqual(Buffer.concat([first, ...rest]), bytes);
        assert.equal((await rig.modem.read(socketId)).length, 0);
      }
    });

    it('tells the end of a peer that left nothing, and of one that did when it was read', async () => {
      const rig = await readyRig({ simulator: { halfClose: 500 } });
      rig.modem.addConsumer(onRequest);
      const server = await rig.openServer();
      const silent = await server.connect();
      silent.peer.socket.end();
      assert.equal((await server.event('client/close')).socketId, silent.socketId);

      const { peer, socketId } = await server.connect();
      peer.socket.end('last words');
      await once(rig.module, 'sent');
      rig.clock.forward(1000);
      assert.equal((await rig.modem.read(socketId)).toString(), 'last words');
      assert.equal((await server.event('client/close')).socketId, socketId);
      await assert.rejects(rig.modem.read(socketId), { code: 'QFWD_CLOSED' });
    });
  });
});

describe('Sending', () => {
  it('refuses what is more than may wait', async () => {
    const rig = await readyRig({ modem: { queueLimit: 3000 } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    const first = rig.modem.send(socketId, Buffer.alloc(2000, 'a'), 10_000);
    await assert.rejects(rig.modem.send(socketId, Buffer.alloc(1001), 10_000), { code: 'QFWD_QUEUE_FULL' });
    const second = rig.modem.send(socketId, Buffer.alloc(1000, 'b'), 10_000);
    await Promise.all([first, second]);
    await rig.modem.send(socketId, Buffer.alloc(3000, 'c'), 10_000);
    assert.equal((await peer.until(6000)).toString(), 'a'.repeat(2000) + 'b'.repeat(1000) + 'c'.repeat(3000));
  });

  it('to a peer that does not read times out with what went, and holds nobody else up', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 5000 } });
    const server = await rig.openServer();
    const stuck = await server.connect();
    const other = await server.connect();
    const release = rig.module.holdSending(stuck.socketId);
    const started = rig.clock.now();
    const sends = Promise.allSettled([
      rig.modem.send(stuck.socketId, Buffer.alloc(20_000), 4000),
      rig.modem.send(stuck.socketId, Buffer.from('behind'), 2000).catch((error: unknown) => {
        assert.ok(rig.clock.now() - started < 3900, 'it waited for the one before');
        throw error;
      }),
    ]);
    const bytes = hostileBytes(20_000, 'other');
    await rig.modem.send(other.socketId, bytes, 20_000);
    assert.deepEqual(await other.peer.until(20_000), bytes);
    const results = await sends;
    assert.deepEqual(
      results.map((it) => {
        assert.ok(it.status === 'rejected');
        const { code, sent } = it.reason as { code: string; sent: number };
        return { code, sent };
      }),
      [
        { code: 'QFWD_TIMEOUT', sent: 5000 },
        { code: 'QFWD_TIMEOUT', sent: 0 },
      ],
    );
    release();
    await rig.modem.send(stuck.socketId, Buffer.from('free'), 20_000);
    await stuck.peer.untilText('free');
  });

  it('that was refused for want of room goes on when there is some', async () => {
    for (const simulator of [
      { sendBuffer: 3000 },
      { sendBuffer: 3000, lacks: 'QFWDACK' },
      { partial: 100 },
    ]) {
      const rig = await readyRig({ simulator });
      const { peer, socketId } = await (await rig.openServer()).connect();
      const bytes = hostileBytes(10_000, 'partly');
      const sent = await rig.modem.send(socketId, bytes, 60_000);
      assert.equal(sent.bytes, bytes.length);
      assert.deepEqual(await peer.until(bytes.length), bytes);
    }
  });

  it('goes on without waiting where the module takes little at a time and has room', async () => {
    const rig = await readyRig({ simulator: { partial: 100 }, modem: { commandTimeout: 4000 } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    const waits = recordWaits(rig);
    await rig.modem.send(socketId, Buffer.alloc(1000, 'x'), 60_000);
    await peer.until(1000);
    // Time-outs of commands and of the message, but no pause.
    assert.deepEqual(
      waits.filter((ms) => ms < 1000),
      [],
    );
  });

  for (const hexActual of ['bytes', 'chars'] as const) {
    it(`as HEX finds out that actual_send_len counts ${hexActual}`, async () => {
      const rig = await readyRig({ simulator: { hexActual, partial: 333 }, modem: { payloadMode: 'hex' } });
      const { peer, socketId } = await (await rig.openServer()).connect();
      const bytes = hostileBytes(3000, 'hex');
      await rig.modem.send(socketId, bytes, 60_000);
      await rig.modem.send(socketId, Buffer.from('.'), 60_000);
      assert.deepEqual(await peer.until(3001), Buffer.concat([bytes, Buffer.from('.')]));
    });
  }

  it('keeps the pieces of each message together, and the connections in turn', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const one = await server.connect();
    const two = await server.connect();
    const sends = ['a', 'b', 'c'].map((letter) =>
      rig.modem.send(one.socketId, Buffer.alloc(4000, letter), 30_000),
    );
    const quick = rig.modem
      .send(two.socketId, Buffer.from('quick'), 30_000)
      .then(() => one.peer.received.length);
    await Promise.all(sends);
    assert.ok((await quick) < 4000);
    assert.equal(
      (await one.peer.until(12_000)).toString(),
      ['a', 'b', 'c'].map((it) => it.repeat(4000)).join(''),
    );
  });

  it('of nothing is done at once', async () => {
    const rig = await readyRig();
    const { socketId } = await (await rig.openServer()).connect();
    assert.deepEqual(
      { ...(await rig.modem.send(socketId, Buffer.alloc(0), 1000)), ms: 0 },
      {
        bytes: 0,
        commands: 0,
        ms: 0,
      },
    );
  });

  it('to nobody is rejected', async () => {
    const rig = await readyRig();
    await assert.rejects(rig.modem.send(99, Buffer.from('x'), 1000), { code: 'QFWD_CLOSED' });
  });

  it('to a connection that closes meanwhile is rejected with what went', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 5000 } });
    const { socketId } = await (await rig.openServer()).connect();
    rig.module.holdSending(socketId);
    const sends = Promise.allSettled([
      rig.modem.send(socketId, Buffer.alloc(6000), 600_000),
      rig.modem.send(socketId, Buffer.alloc(10), 600_000),
    ]);
    while (rig.count('AT+QFWDACK=') < 3) await once(rig.module, 'command');
    await rig.modem.close(socketId);
    assert.deepEqual(
      (await sends).map((it) => {
        assert.ok(it.status === 'rejected');
        const { code, sent } = it.reason as { code: string; sent: number };
        return { code, sent };
      }),
      [
        { code: 'QFWD_CLOSED', sent: 5000 },
        { code: 'QFWD_CLOSED', sent: 0 },
      ],
    );
  });

  describe('and delivery', () => {
    it('is awaited', async () => {
      const rig = await readyRig();
      const { socketId } = await (await rig.openServer()).connect();
      const release = rig.module.holdSending(socketId);
      await rig.modem.send(socketId, Buffer.from('x'), 1000);
      let isDelivered = false;
      const delivery = rig.modem.awaitDelivery(socketId, 60_000).then(() => (isDelivered = true));
      while (rig.count('AT+QFWDACK=') < 3) await once(rig.module, 'command');
      assert.equal(isDelivered, false);
      release();
      await delivery;
    });

    it('is not awaited for ever', async () => {
      const rig = await readyRig();
      const { socketId } = await (await rig.openServer()).connect();
      rig.module.holdSending(socketId);
      await rig.modem.send(socketId, Buffer.from('x'), 1000);
      await assert.rejects(rig.modem.awaitDelivery(socketId, 1000), { code: 'QFWD_TIMEOUT' });
    });

    it('ends with the connection', async () => {
      const rig = await readyRig();
      const { socketId } = await (await rig.openServer()).connect();
      rig.module.holdSending(socketId);
      await rig.modem.send(socketId, Buffer.from('x'), 1000);
      const delivery = assert.rejects(rig.modem.awaitDelivery(socketId, 600_000), { code: 'QFWD_CLOSED' });
      while (rig.count('AT+QFWDACK=') < 3) await once(rig.module, 'command');
      await rig.modem.close(socketId);
      await delivery;
    });

    it('cannot be told by a firmware without AT+QFWDACK', async () => {
      const rig = await readyRig({ simulator: { lacks: 'QFWDACK' } });
      const { socketId } = await (await rig.openServer()).connect();
      await assert.rejects(rig.modem.awaitDelivery(socketId, 1000), { code: 'QFWD_UNSUPPORTED' });
    });
  });
});
