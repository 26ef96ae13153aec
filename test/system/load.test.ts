/** Much at once, for long. SOAK_MB says how much goes through the soak, in megabytes. */
import assert from 'node:assert/strict';
import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { systemClock } from '../../src/at';
import { AllowList, type Connection, type Consumer, Modem, type QfwdError } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import { SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';
import { freePort } from '../support/free-port';
import { type Scope, useScope } from './support/scope';

const SOAK_BYTES = Number(process.env.SOAK_MB ?? 96) * 2 ** 20;
/** Each way at once, so that the queue is never empty. */
const CHUNK = 64 * 1024;
/** The most that the manual allows. */
const BACKLOG = 10;
/** What the heap may grow by, after the first part of the soak has warmed everything up. */
const HEAP_GROWTH = 8 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('One modem', () => {
  const scope = useScope();

  it('echoes megabytes with equal hashes in flat memory', async function () {
    this.timeout(60_000 + SOAK_BYTES / 2 ** 9);
    const { modem, port } = await running(scope);
    modem.addConsumer(consumer((connection, data) => void modem.send(connection, data, 600_000)));
    const socket = dial(port, '127.0.0.1');
    scope.defer(() => void socket.destroy());
    await once(socket, 'connect');

    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    const heaps: number[] = [];
    const started = performance.now();
    await Promise.all([
      write(socket, sent),
      read(socket, received, (bytes) => {
        if (bytes < (heaps.length * SOAK_BYTES) / 32) return;
        collectGarbage();
        const { heapUsed, external } = process.memoryUsage();
        heaps.push(heapUsed + external);
      }),
    ]);
    const seconds = (performance.now() - started) / 1000;
    assert.equal(received.digest('hex'), sent.digest('hex'));
    const half = Math.ceil(heaps.length / 2);
    const growth = Math.min(...heaps.slice(half)) - Math.min(...heaps.slice(0, half));
    assert.ok(growth < HEAP_GROWTH, `memory grew by ${growth} bytes`);
    console.log(
      `      ${SOAK_BYTES / 2 ** 20} MB in ${seconds.toFixed(0)} s, ${(SOAK_BYTES / 2 ** 20 / seconds).toFixed(1)} MB/s; memory ${(growth / 2 ** 20).toFixed(1)} MB`,
    );
  });

  it('has 200 connections at once, and gives each its own bytes', async function () {
    this.timeout(60_000);
    const { modem, port } = await running(scope);
    modem.addConsumer(consumer((connection, data) => void modem.send(connection, data, 60_000)));
    const sockets: Socket[] = [];
    while (sockets.length < 200) {
      const socket = dial(port, '127.0.0.1');
      scope.defer(() => void socket.destroy());
      sockets.push(socket);
      // More at once than the backlog holds are kept waiting by the operating system, for long.
      if (sockets.length % BACKLOG === 0) await until(() => modem.connections().length === sockets.length);
    }
    await Promise.all(
      sockets.map(async (socket, number) => {
        const text = `${number} `.repeat(1000);
        socket.write(text);
        let got = '';
        for await (const chunk of socket as AsyncIterable<Buffer>) {
          got += chunk.toString();
          if (got.length >= text.length) break;
        }
        assert.equal(got, text);
      }),
    );
  });

  it('bears a peer that connects and drops a thousand times, and keeps nothing of it', async function () {
    this.timeout(60_000);
    const { modem, module, port } = await running(scope, { halfClose: 0 });
    let ended = 0;
    modem.addConsumer({ ...consumer(() => undefined), end: () => (ended += 1) });
    for (let number = 0; number < 1000; number++) {
      const socket = dial(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      if (number % 2 === 0) socket.write(`hello ${number}`);
      if (number % 3 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await until(() => modem.connections().length === 0);
    assert.ok(ended > 0);
    const last = dial(port, '127.0.0.1');
    scope.defer(() => void last.destroy());
    await once(last, 'connect');
    await until(() => modem.connections().length === 1);
    assert.ok(module.commands.length > 0);
  });

  it('refuses what a slow peer makes too much, delivers what it took, and goes on', async () => {
    const { modem, port } = await running(scope, { sendBuffer: 4096, recvBuffer: 4096 }, 100_000);
    const socket = dial({ port, host: '127.0.0.1' });
    scope.defer(() => void socket.destroy());
    await once(socket, 'connect');
    socket.pause();
    await until(() => modem.connections().length === 1);
    const [connection] = modem.connections();
    const outcomes = await Promise.all(
      Array.from({ length: 600 }, async (_, number) => {
        const sending = modem.send(connection!, Buffer.alloc(1000, number % 251), 20_000);
        // A peer that does not read fills the buffers of the operating system first.
        if (number === 100) setTimeout(() => socket.resume(), 500);
        return sending.then(
          () => number,
          (error: unknown) => (error as QfwdError).code,
        );
      }),
    );
    const taken = outcomes.filter((outcome) => typeof outcome === 'number');
    assert.deepEqual([...new Set(outcomes.filter((it) => typeof it === 'string'))], ['QFWD_QUEUE_FULL']);
    assert.ok(taken.length >= 100 && taken.length < 600);
    let got = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => (got = Buffer.concat([got, chunk])));
    socket.resume();
    await until(() => got.length >= taken.length * 1000);
    assert.deepEqual(got, Buffer.concat(taken.map((number) => Buffer.alloc(1000, number % 251))));
  });

  it('slows a peer down whose flow is paused, and loses nothing of it', async () => {
    const { modem, port } = await running(scope, { recvBuffer: 4096 });
    let isPaused = true;
    const hash = createHash('sha256');
    let bytes = 0;
    modem.addConsumer({
      ...consumer((_connection, data) => {
        hash.update(data);
        bytes += data.length;
      }),
      isPaused: () => isPaused,
    });
    const socket = dial(port, '127.0.0.1');
    scope.defer(() => void socket.destroy());
    await once(socket, 'connect');
    const all = Buffer.alloc(16 * 2 ** 20, 'back-pressure ');
    let isWritten = false;
    socket.write(all, () => (isWritten = true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(bytes, 0);
    assert.equal(isWritten, false, 'somebody took 16 MB that nobody wanted');
    isPaused = false;
    modem.resumeReading();
    await until(() => bytes === all.length);
    assert.equal(hash.digest('hex'), createHash('sha256').update(all).digest('hex'));
  });
});

/** A modem with an open TCP server at a module in this process. */
async function running(scope: Scope, options: Partial<SimulatorOptions> = {}, queueLimit = 2 ** 20) {
  const module = new SimulatedModule(options);
  scope.defer(() => module.powerOff());
  const modem = new Modem(
    {
      dialect: 'auto',
      init: [],
      waitForNetwork: false,
      commandTimeout: 5000,
      openTimeout: 10_000,
      payloadMode: 'auto',
      urcPort: 'usbat',
      pdpCid: 0,
      queueLimit,
    },
    {
      transport: inProcessTransport('the module', () => module.attach()),
      families: [qfwdFamily],
      clock: systemClock,
      random: () => 0,
    },
  );
  scope.defer(() => modem.stop());
  const port = await freePort();
  const isOpen = new Promise<void>((resolve) => {
    modem.declareServer(
      'the server',
      {
        pdpCid: 0,
        ipVersion: 'IP',
        protocol: 'tcp',
        port,
        backlog: BACKLOG,
        idleTimeout: 3600,
        urcPort: 'usbat',
        allow: new AllowList(),
        maxClients: 0,
      },
      true,
      {
        onEvent: ({ event }) => {
          if (event === 'server/open') resolve();
        },
        onState: () => undefined,
        onError: (error) => assert.fail(error),
      },
    );
  });
  modem.start();
  await isOpen;
  return { modem, module, port };
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

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, 'it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
