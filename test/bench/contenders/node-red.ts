import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import RED from 'node-red';
import { type Contender, Inbound } from './contender';

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

export interface FlowContender {
  /** The flow that serves `port` of the module at `tty`. Its function nodes find a {@link Hooks} as global `bench`. */
  flow(tty: string, port: number): FlowNode[];
  /** Where the nodes are. */
  readonly nodesDir: string;
}

/** What the function nodes of a flow call. */
export interface Hooks {
  /** Set by the flow: emits a message with `socketId`, `payload`, and whatever else is in it. */
  source(message: Record<string, unknown>): void;
  /** The server listens. */
  opened(): void;
  /** So many bytes were received. */
  received(bytes: number): void;
  /** A message from the source was taken by the module. */
  sent(message: { settle?: () => void }): void;
}

/** A flow in a Node-RED of its own, without the editor. */
export class NodeRedContender implements Contender {
  readonly inbound = new Inbound();
  private readonly hooks: Hooks = {
    source: () => undefined,
    opened: () => undefined,
    received: (bytes) => this.inbound.add(bytes),
    sent: (message) => message.settle?.(),
  };

  constructor(private readonly its: FlowContender) {}

  async open(tty: string, port: number): Promise<void> {
    const userDir = await mkdtemp(path.join(tmpdir(), 'qfwd-bench-'));
    process.once('exit', () => void rm(userDir, { recursive: true }));
    await writeFile(path.join(userDir, 'flows.json'), JSON.stringify(this.its.flow(tty, port)));
    const opened = new Promise<void>((resolve) => (this.hooks.opened = resolve));
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    RED.init(server, {
      userDir,
      flowFile: 'flows.json',
      nodesDir: this.its.nodesDir,
      httpAdminRoot: false,
      httpNodeRoot: false,
      functionGlobalContext: { bench: this.hooks },
      logging: { console: { level: 'warn', metrics: false, audit: false } },
    } as never);
    await RED.start();
    await opened;
  }

  send(socketId: number, payload: Buffer, isHostile: boolean): Promise<unknown> {
    return new Promise<void>((settle) => this.hooks.source({ socketId, payload, isHostile, settle }));
  }
}

/** The node that emits what the benchmark wants to be sent. */
export const source = (to: string): FlowNode => ({
  ...functionNode('source', ''),
  initialize: `global.get('bench').source = (message) => node.send(message);`,
  wires: [[to]],
});

/** The node that counts what is received. */
export const sink = functionNode('sink', `global.get('bench').received(msg.payload.length);`);

/** The node that is told what was sent. */
export const sent = functionNode('sent', `global.get('bench').sent(msg);`);

export function functionNode(id: string, func: string, ...wires: string[][]): FlowNode {
  return { id, type: 'function', z: 'tab', func, outputs: Math.max(1, wires.length), wires, libs: [] };
}
