/** Much at once, for long. SOAK_MB says how much goes through the soak, in megabytes. */
import assert from 'node:assert/strict';
import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Connection, Consumer, QfwdError } from '../../src/modem';
import { defer } from '../support/cleanup';
import { sha256 } from '../support/hostile';
import { readyRig } from '../support/modem/rig';

const SOAK_BYTES = Number(process.env.SOAK_MB ?? 96) * 2 ** 20;
/** Each way at once, so that the queue is never empty. */
const CHUNK = 64 * 1024;
/** What the heap may grow by, after the first part of the soak has warmed everything up. */
const HEAP_GROWTH = 8 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('One modem', () => {
  it('echoes megabytes with equal hashes in constant memory', async function () {
    this.timeout(60_000 + SOAK_BYTES / 2 ** 9);
    const { rig, server } = await running();
    // Not an echo of the rig, which keeps what it gets.
    rig.modem.addConsumer(consumer((connection, data) => void rig.modem.send(connection, data, 600_000)));
    const socket = await dial(server.settings.port);

    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    const heaps: number[] = [];
    await Promise.all([
      write(socket, sent),
      read(socket, received, (bytes) => {
        if (bytes < (heaps.length * SOAK_BYTES) / 32) return;
        collectGarbage();
        const { heapUsed, external } = process.memoryUsage();
        heaps.push(heapUsed + external);
      }),
    ]);
    assert.equal(received.digest('hex'), sent.digest('hex'));
    const half = Math.ceil(heaps.length / 2);
    const growth = Math.min(...heaps.slice(half)) - Math.min(...heaps.slice(0, half));
    assert.ok(growth < HEAP_GROWTH, `memory grew by ${growth} bytes`);
  });

  it('handles 200 connections at the same time, each with its own data', async function () {
    this.timeout(60_000);
    const { rig, server } = await running();
    rig.echo();
    const peers = [];
    while (peers.length < 200) peers.push((await server.connect()).peer);
    await Promise.all(
      peers.map(async (peer, number) => {
        const text = `${number} `.repeat(1000);
        peer.socket.write(text);
        assert.equal(await peer.text(text.length), text);
      }),
    );
  });

  it('handles a peer that connects and disconnects a thousand times, and keeps nothing of it', async function () {
    this.timeout(60_000);
    const { rig, server } = await running({ simulator: { halfClose: 0 } });
    const collector = rig.collect();
    for (let number = 0; number < 1000; number++) {
      const { socket } = await server.dial();
      if (number % 2 === 0) socket.write(`hello ${number}`);
      if (number % 3 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await rig.until(() => rig.modem.connections().length === 0);
    const count = (name: string) => server.events.filter((event) => event === name).length;
    assert.ok(count('client/incoming') > 500);
    assert.equal(count('client/close'), count('client/incoming'));
    assert.equal(collector.ended.all.length, count('client/incoming'));
    await server.connect();
    assert.equal(rig.modem.connections().length, 1);
  });

  it('rejects what exceeds the queue of a slow peer, delivers what it accepted, and continues', async () => {
    const QUEUE_LIMIT = 100_000;
    const { rig, server } = await running({
      simulator: { sendBuffer: 4096 },
      modem: { queueLimit: QUEUE_LIMIT },
    });
    const { peer, socketId } = await server.connect();
    const release = rig.module.holdSending(socketId);
    const sendAll = (first: number) =>
      Array.from({ length: 200 }, (_, index) =>
        rig.modem.send(socketId, Buffer.alloc(1000, (first + index) % 251), 60_000).then(
          () => first + index,
          (error: unknown) => (error as QfwdError).code,
        ),
      );
    const outcomes = sendAll(0);
    await rig.pass(20_000);
    outcomes.push(...sendAll(200));
    release();
    const all = await Promise.all(outcomes);
    const taken = all.filter((outcome) => typeof outcome === 'number');
    assert.deepEqual(new Set(all.filter((it) => typeof it === 'string')), new Set(['QFWD_QUEUE_FULL']));
    // What the module has taken meanwhile has left the queue.
    assert.ok(
      taken.length >= QUEUE_LIMIT / 1000 && taken.length <= (QUEUE_LIMIT + 4096) / 1000,
      `${taken.length}`,
    );
    const expected = Buffer.concat(taken.map((number) => Buffer.alloc(1000, number % 251)));
    assert.deepEqual(await peer.until(expected.length), expected);
    await rig.modem.send(socketId, Buffer.from('more'), 60_000);
    await peer.untilText('more');
  });

  it('makes a peer wait whose flow is paused, and loses none of its data', async () => {
    const { rig, server } = await running({ simulator: { recvBuffer: 4096 } });
    let isPaused = true;
    let bytes = 0;
    const hash = createHash('sha256');
    rig.modem.addConsumer({
      ...consumer((_connection, data) => {
        hash.update(data);
        bytes += data.length;
      }),
      isPaused: () => isPaused,
    });
    const { peer } = await server.connect();
    const all = Buffer.alloc(16 * 2 ** 20, 'back-pressure ');
    let isWritten = false;
    peer.socket.write(all, () => (isWritten = true));
    await rig.pass(60_000);
    assert.equal(bytes, 0);
    assert.equal(isWritten, false, 'somebody took 16 MB that nobody wanted');
    isPaused = false;
    rig.modem.resumeReading();
    await rig.until(() => bytes === all.length);
    assert.equal(hash.digest('hex'), sha256(all));
  });
});

/** A modem with an open TCP server. */
async function running(options: Parameters<typeof readyRig>[0] = {}) {
  const rig = await readyRig(options);
  return { rig, server: await rig.openServer() };
}

function consumer(take: (connection: Connection, data: Buffer) => void): Consumer {
  return {
    mode: 'auto',
    covers: () => true,
    isPaused: () => false,
    take,
    end: () => undefined,
    miss: (_connection, error) => assert.fail(error),
  };
}

/** A peer that keeps nothing of what it is sent. */
async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  defer(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Random bytes, every one of them once. */
async function write(socket: Socket, hash: Hash): Promise<void> {
  const source = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  for (let written = 0; written < SOAK_BYTES; written += CHUNK) {
    const chunk = source.update(Buffer.alloc(CHUNK));
    hash.update(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
}

async function read(socket: Socket, hash: Hash, onBytes: (bytes: number) => void): Promise<void> {
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    onBytes(bytes);
    if (bytes >= SOAK_BYTES) return;
  }
}
