/** One contender in a process of its own, driven over the channel that its parent opened. */
import { BareContender } from './bare';
import {
  type Contender,
  type ContenderName,
  type FamilyName,
  now,
  payload,
  sendAll,
  type SendJob,
} from './contender';
import { DriverContender } from './driver';
import { ForwardedContender } from './forwarded';
import { NodeRedContender } from './node-red';
import { nodesFlow } from './nodes';
import { serialNodesFlow } from './serial-nodes';

export interface WorkerConfig {
  readonly contender: ContenderName;
  readonly family: FamilyName;
  /** Of the package. */
  readonly root: string;
  /** Where the serial nodes are installed. */
  readonly serialNodes: string;
}

/** Bytes, after everything that can be freed was. */
export interface Memory {
  /** Heap and buffers. */
  readonly used: number;
  readonly resident: number;
}

export interface Call {
  readonly id: number;
  readonly method: keyof Worker;
  readonly args: readonly unknown[];
}

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Durations in ms. */
export interface Overtaken {
  /** Of the short messages. */
  readonly short: readonly number[];
  /** Between one message of the job being taken and the next. */
  readonly gaps: readonly number[];
  /** Of all. */
  readonly total: number;
}

/** What the parent can call. */
export interface Worker extends Pick<Contender, 'open'> {
  calibrate(): Promise<void>;
  /** Resolves when the module has taken everything, with the ms that took. */
  send(job: SendJob): Promise<number>;
  /** Resolves when so many bytes more have been received, with the moment of the last; see {@link now}. */
  receive(bytes: number): Promise<number>;
  /** Bytes received so far, by socket id. */
  shares(): Promise<readonly (readonly [socketId: number, bytes: number])[]>;
  /** Does the job, and meanwhile sends short messages to another socket, one at a time, at any moment of a command's life. */
  overtake(job: SendJob, socketId: number, bytes: number): Promise<Overtaken>;
  memory(): Promise<Memory>;
  /** Has `bytes` sent in messages, and tells how much memory was taken while none of them was. */
  backlog(socketId: number, bytes: number, message: number): Promise<number>;
  /** Ends in its own way, so that a profile is written. */
  stop(): Promise<void>;
}

function contender({ contender: name, family, root, serialNodes }: WorkerConfig): Contender {
  switch (name) {
    case 'bare':
      return new BareContender(family);
    case 'driver':
      return new DriverContender(family);
    case 'nodes':
    case 'forward':
      return new NodeRedContender(nodesFlow(root, family, name === 'forward'));
    case 'inward':
    case 'outward':
      return new ForwardedContender(name);
    case 'serial-nodes':
      return new NodeRedContender(serialNodesFlow(serialNodes));
  }
}

/** Buffers are freed in the background, so what the round before left behind is waited for. */
async function settled(): Promise<Memory> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return memory();
}

function memory(): Memory {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, resident: rss };
}

function workerAround(it: Contender): Worker {
  return {
    open: (tty, port, second) => it.open(tty, port, second),
    calibrate: async () => {
      await it.calibrate?.();
    },
    send: async (job) => {
      const started = now();
      await sendAll(it, job);
      return now() - started;
    },
    overtake: async (job, socketId, bytes) => {
      const short: number[] = [];
      const started = now();
      const ended = new AbortController();
      const bulk = sendAll(it, job).finally(() => ended.abort());
      const data = payload(bytes, false);
      while (!ended.signal.aborted) {
        const sent = now();
        await it.send(socketId, data, false);
        short.push(now() - sent);
        await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
      }
      const taken = await bulk;
      return {
        short,
        gaps: taken.slice(1).map((at, index) => at - (taken[index] ?? NaN)),
        total: now() - started,
      };
    },
    receive: (bytes) => it.inbound.next(bytes),
    shares: () => Promise.resolve([...it.inbound.shares]),
    memory: settled,
    backlog: async (socketId, bytes, message) => {
      const before = await settled();
      const sending = Array.from({ length: bytes / message }, () =>
        it.send(socketId, payload(message, false), false),
      );
      const after = memory();
      await Promise.all(sending);
      return after.used - before.used;
    },
    stop: () => {
      setImmediate(() => process.exit());
      return Promise.resolve();
    },
  };
}

const worker = workerAround(contender(JSON.parse(process.argv[2] ?? '') as WorkerConfig));

async function answer({ id, method, args }: Call): Promise<Reply> {
  try {
    const calls = worker as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
    return { id, value: await calls[method]?.(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (call: Call) => void answer(call).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
