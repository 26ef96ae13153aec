import assert from 'node:assert/strict';
import { hostileBytes } from '../../support/hostile';
import { readyRig } from '../../support/modem/rig';

describe('A command that takes long', () => {
  it('ends within its timeout', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    rig.module.inject({ delay: () => (rig.module.commands.at(-1) === 'AT+COPS=?' ? 60_000 : 0) });
    const slow = rig.modem.requests.raw('AT+COPS=?', 180_000);
    const started = rig.clock.now();
    const connection = rig.modem.connection(socketId);
    const results = await Promise.allSettled([
      rig.modem.send(socketId, Buffer.from('first'), 1000),
      rig.modem.send(socketId, Buffer.from('second'), 2000),
      rig.modem.awaitDelivery(connection, 1500),
    ]);
    assert.equal(rig.clock.now() - started, 2000);
    assert.deepEqual(
      results.map((it) => (it.status === 'rejected' ? (it.reason as { code: string }).code : 'done')),
      ['QFWD_TIMEOUT', 'QFWD_TIMEOUT', 'QFWD_TIMEOUT'],
    );
    await slow;
    await rig.modem.send(socketId, Buffer.from('third'), 10_000);
    assert.equal((await peer.until(5)).toString(), 'third');
  });
});

describe('Sending', () => {
  it('rejects what exceeds the queue limit', async () => {
    const rig = await readyRig({ modem: { queueLimit: 3000 } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    const first = rig.modem.send(socketId, Buffer.alloc(2000, 'a'), 10_000);
    await assert.rejects(rig.modem.send(socketId, Buffer.alloc(1001), 10_000), { code: 'QFWD_QUEUE_FULL' });
    const second = rig.modem.send(socketId, Buffer.alloc(1000, 'b'), 10_000);
    await Promise.all([first, second]);
    await rig.modem.send(socketId, Buffer.alloc(3000, 'c'), 10_000);
    assert.equal((await peer.until(6000)).toString(), 'a'.repeat(2000) + 'b'.repeat(1000) + 'c'.repeat(3000));
  });

  it('to a peer that does not read fails after the timeout with the bytes sent, and does not delay other sends', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 5000 } });
    const server = await rig.openServer();
    const stuck = await server.connect();
    const other = await server.connect();
    const release = rig.module.holdSending(stuck.socketId);
    const started = rig.clock.now();
    const ended: number[] = [];
    const sends = Promise.allSettled(
      [
        rig.modem.send(stuck.socketId, Buffer.alloc(20_000), 4000),
        rig.modem.send(stuck.socketId, Buffer.from('behind'), 2000),
      ].map((sending) => sending.finally(() => ended.push(rig.clock.now() - started))),
    );
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
    assert.deepEqual(ended, [2000, 4000], 'one waited for the other');
    release();
    await rig.modem.send(stuck.socketId, Buffer.from('free'), 20_000);
    await stuck.peer.untilText('free');
  });

  it('that was rejected because the buffer was full continues when there is room', async () => {
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

  it('continues at once if the module takes little at a time and has room', async () => {
    const rig = await readyRig({ simulator: { partial: 100 } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    const started = rig.clock.now();
    await rig.modem.send(socketId, Buffer.alloc(1000, 'x'), 60_000);
    assert.equal(rig.clock.now(), started, 'it paused');
    await peer.until(1000);
  });

  for (const hexActual of ['bytes', 'chars'] as const) {
    it(`as HEX detects that actual_send_len counts ${hexActual}`, async () => {
      const rig = await readyRig({ simulator: { hexActual, partial: 333 }, modem: { payloadMode: 'hex' } });
      const { peer, socketId } = await (await rig.openServer()).connect();
      const bytes = hostileBytes(3000, 'hex');
      await rig.modem.send(socketId, bytes, 60_000);
      await rig.modem.send(socketId, Buffer.from('.'), 60_000);
      assert.deepEqual(await peer.until(3001), Buffer.concat([bytes, Buffer.from('.')]));
    });
  }

  it('keeps the pieces of a message together, and takes connections in turn', async () => {
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

  it('an empty message resolves at once', async () => {
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

  it('without a connection is rejected', async () => {
    const rig = await readyRig();
    await assert.rejects(rig.modem.send(99, Buffer.from('x'), 1000), { code: 'QFWD_CLOSED' });
  });

  it('on a connection that is closed meanwhile is rejected with the bytes sent', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 5000 } });
    const { socketId } = await (await rig.openServer()).connect();
    rig.module.holdSending(socketId);
    const sends = Promise.allSettled([
      rig.modem.send(socketId, Buffer.alloc(6000), 600_000),
      rig.modem.send(socketId, Buffer.alloc(10), 600_000),
    ]);
    await rig.asked('AT+QFWDACK=', 3);
    await rig.modem.requests.close(socketId);
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

  describe('and waiting for delivery', () => {
    it('ends when the peer has everything', async () => {
      const rig = await readyRig();
      const { socketId } = await (await rig.openServer()).connect();
      const release = rig.module.holdSending(socketId);
      await rig.modem.send(socketId, Buffer.from('x'), 1000);
      let isDelivered = false;
      const delivery = rig.modem.awaitDelivery(socketId, 60_000).then(() => (isDelivered = true));
      await rig.asked('AT+QFWDACK=', 3);
      assert.equal(isDelivered, false);
      release();
      await delivery;
    });

    it('ends at a time limit', async () => {
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
      await rig.asked('AT+QFWDACK=', 3);
      await rig.modem.requests.close(socketId);
      await delivery;
    });

    it('is rejected if the firmware has no AT+QFWDACK', async () => {
      const rig = await readyRig({ simulator: { lacks: 'QFWDACK' } });
      const { socketId } = await (await rig.openServer()).connect();
      await assert.rejects(rig.modem.awaitDelivery(socketId, 1000), { code: 'QFWD_UNSUPPORTED' });
    });
  });
});
