import assert from 'node:assert/strict';
import { once } from 'node:events';

import type { QfwdError } from '../../../src/modem';
import { family, scenario, TCPIP } from '../../support/modem/family';
import { hostileBytes } from '../../support/hostile';
import { readyRig, type Rig } from '../../support/modem/rig';
import { acceptedStream, contents, endOf, openedStream } from '../../support/modem/streams';

/** Maximum bytes that may wait in one direction of a stream. */
const BOUND = 2 * 64 * 1024 + 2048;

/** The connections of the driver and the module, once the module has closed what it was told to. */
async function left(rig: Rig): Promise<unknown[]> {
  await rig.quiet();
  return [...rig.modem.connections(), ...(await rig.modem.requests.clients())];
}

scenario('A connection as a stream', (current) => {
  for (const [kind, open] of [
    ['accepted', acceptedStream],
    ['opened', openedStream],
  ] as const) {
    it(`carries every byte both ways, in order (${kind})`, async () => {
      const rig = await readyRig({ simulator: { sendBuffer: 8192, recvBuffer: 8192 } });
      const { stream, peer } = await open(rig);
      const there = hostileBytes(200_000, 'there');
      const back = hostileBytes(200_000, 'back');
      const received = contents(stream);
      stream.end(there);
      peer.socket.write(back);
      assert.ok((await peer.until(there.length)).equals(there));
      peer.socket.end();
      assert.ok((await received).equals(back));
      assert.equal(await endOf(stream), undefined);
      assert.deepEqual(await left(rig), []);
    });
  }

  it('is delivered to no other consumer, even one that covers all connections', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const { stream, peer } = await acceptedStream(rig);
    const received = contents(stream);
    peer.socket.end('secret');
    assert.equal((await received).toString(), 'secret');
    assert.deepEqual(collector.connections(), []);
  });

  it('gives what was read at the same time as one piece, and all of it before its end', async () => {
    const rig = await readyRig();
    const { stream } = await acceptedStream(rig);
    const pieces: string[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece.toString()));
    await rig.quiet();
    const { connection } = stream;
    for (const text of ['a', 'b', 'c']) connection.receiver?.take(connection, Buffer.from(text));
    await rig.pass(1);
    connection.receiver?.take(connection, Buffer.from('d'));
    connection.receiver?.onPeerEnd(connection);
    await once(stream, 'end');
    assert.deepEqual(pieces, ['abc', 'd']);
  });

  it('that is not read holds back its peer, and takes no unlimited memory', async () => {
    const rig = await readyRig();
    const { stream, peer } = await acceptedStream(rig);
    const bytes = hostileBytes(2_000_000, 'much');
    peer.socket.write(bytes);
    await rig.pass(60_000);
    assert.ok(stream.connection.bytesIn <= BOUND, `${stream.connection.bytesIn} bytes were read`);
    const received = contents(stream);
    peer.socket.end();
    assert.ok((await received).equals(bytes));
  });

  it('to a peer that does not read is slowed down, without an effect on others', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 8192 }, modem: { queueLimit: 10_000 } });
    const stuck = await acceptedStream(rig, { owner: 'stuck' });
    const other = await acceptedStream(rig, { owner: 'other' });
    const release = rig.module.holdSending(stuck.stream.connection.socketId);
    const bytes = hostileBytes(100_000, 'stuck');
    for (let at = 0; at < bytes.length; at += 10_000) stuck.stream.write(bytes.subarray(at, at + 10_000));
    const otherBytes = hostileBytes(50_000, 'other');
    const received = contents(other.stream);
    other.stream.write(otherBytes);
    other.peer.socket.end(otherBytes);
    assert.ok((await received).equals(otherBytes));
    await other.peer.until(otherBytes.length);
    assert.equal(rig.modem.waiting, 0, 'the queue of the flows is used');
    await rig.pass(600_000);
    assert.equal(stuck.stream.errored, null);
    release();
    assert.ok((await stuck.peer.until(bytes.length)).equals(bytes));
  });

  for (const refusal of current === TCPIP ? ['ERROR', 'SEND FAIL'] : ['ERROR'])
    it(`whose peer has ended, and which can send no more, returns all that the peer has sent, and then fails (${refusal})`, async () => {
      const rig = await readyRig({
        simulator: { halfClose: 0, recvBuffer: 65_536 },
        modem: { payloadMode: 'hex' },
      });
      const { stream, peer } = await acceptedStream(rig);
      const question = hostileBytes(60_000, 'question');
      peer.socket.end(question);
      await rig.pass(2000);
      rig.module.inject({
        send: (packet) =>
          packet.kind === 'result' && rig.module.commands.at(-1)?.startsWith('AT+QISENDEX')
            ? [{ ...packet, bytes: Buffer.from(`\r\n${refusal}\r\n`) }]
            : [packet],
      });
      stream.write('refused');
      stream.write('and more');
      await rig.pass(5000);
      assert.ok((await contents(stream)).equals(question));
      assert.equal(((await endOf(stream)) as QfwdError).code, 'QFWD_CLOSED');
      assert.deepEqual(await left(rig), []);
    });

  it('whose peer has ended can still send a response', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 8192 } });
    const { stream, peer } = await acceptedStream(rig);
    const received = contents(stream);
    peer.socket.end('question');
    assert.equal((await received).toString(), 'question');
    const answer = hostileBytes(100_000, 'answer');
    stream.end(answer);
    assert.ok((await peer.until(answer.length)).equals(answer));
    assert.equal(await endOf(stream), undefined);
    await peer.ended;
    await rig.until(async () => (await left(rig)).length === 0);
  });

  it('whose own side has ended waits for the response of a slow peer', async () => {
    const rig = await readyRig();
    const { stream, peer } = await openedStream(rig);
    const received = contents(stream);
    stream.end('question');
    await peer.untilText('question');
    await rig.pass(4000);
    peer.socket.write('ans');
    await rig.pass(900);
    peer.socket.write('wer');
    assert.equal((await received).toString(), 'answer');
    await peer.ended;
    assert.equal(await endOf(stream), undefined);
    assert.deepEqual(await left(rig), []);
  });

  it('whose own side has ended is closed soon if the peer has already responded', async () => {
    const rig = await readyRig();
    const { stream, peer } = await openedStream(rig);
    stream.resume();
    stream.write('question');
    await peer.untilText('question');
    peer.socket.write('answer');
    await once(stream, 'data');
    stream.end();
    const started = rig.clock.now();
    await peer.ended;
    assert.ok(rig.clock.now() - started < 2000);
    assert.equal(await endOf(stream), undefined);
  });

  it('that is destroyed during a write is closed in the module at once', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 8192 } });
    const { stream, server } = await acceptedStream(rig);
    rig.module.holdSending(stream.connection.socketId);
    stream.write(Buffer.alloc(100_000));
    await rig.asked(family().commands.send, 2);
    stream.destroy();
    assert.equal(await endOf(stream), undefined);
    assert.deepEqual(await left(rig), []);
    assert.equal(rig.count(family().commands.close), 1);
    await server.event('client/close');
  });

  it('that is destroyed while the modem is offline is closed once it is ready', async () => {
    const rig = await readyRig();
    const { stream, peer } = await acceptedStream(rig);
    rig.module.unplug();
    await rig.state('offline');
    stream.destroy();
    await endOf(stream);
    await rig.state('ready');
    await peer.ended;
    assert.deepEqual(await left(rig), []);
  });

  it('is kept if the cable is disconnected while nothing is sent', async () => {
    const rig = await readyRig();
    const { stream, peer } = await acceptedStream(rig);
    const received = contents(stream);
    peer.socket.write('before ');
    await once(stream, 'data');
    // No read is on the line whose data could be lost.
    await rig.quiet();
    rig.module.unplug();
    peer.socket.write('meanwhile ');
    await rig.state('ready');
    peer.socket.end('after');
    assert.equal((await received).toString(), 'before meanwhile after');
  });

  it('sends waiting data once a disconnected cable is connected again', async () => {
    const rig = await readyRig();
    const { stream, peer } = await acceptedStream(rig);
    rig.module.unplug();
    await rig.state('offline');
    stream.write('after');
    await peer.untilText('after');
    assert.equal(stream.errored, null);
  });

  it('fails with a code when the module restarts', async () => {
    const rig = await readyRig();
    const { stream } = await acceptedStream(rig);
    const ended = endOf(stream);
    await rig.module.reboot();
    assert.equal(((await ended) as { code?: string }).code, 'QFWD_CLOSED');
  });

  it('fails with a code when its peer is gone during a write', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 8192, halfClose: 0 } });
    const { stream, peer } = await acceptedStream(rig);
    const ended = endOf(stream);
    stream.resume();
    stream.write(Buffer.alloc(1_000_000));
    await peer.until(10_000);
    peer.socket.resetAndDestroy();
    assert.equal(((await ended) as { code?: string }).code, 'QFWD_CLOSED');
    assert.deepEqual(await left(rig), []);
  });

  it('fails with a code when data may be lost', async () => {
    const rig = await readyRig();
    const { stream, peer } = await acceptedStream(rig);
    const ended = endOf(stream);
    stream.resume();
    peer.socket.write('lost');
    rig.module.inject({ send: (packet) => (packet.bytes.includes('lost') ? [] : [packet]) });
    await rig.asked(family().commands.receive);
    rig.module.unplug();
    assert.equal(((await ended) as { code?: string }).code, 'QFWD_UNKNOWN_OUTCOME');
  });
});
