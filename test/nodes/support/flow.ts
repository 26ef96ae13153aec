import { EventEmitter, once } from 'node:events';
import RED, { type Node, type NodeInitializer, type NodeStatus } from 'node-red';
import helper from 'node-red-node-test-helper';
import ack from '../../../nodes/qfwd-ack/qfwd-ack';
import at from '../../../nodes/qfwd-at/qfwd-at';
import cfg from '../../../nodes/qfwd-cfg/qfwd-cfg';
import client from '../../../nodes/qfwd-client/qfwd-client';
import close from '../../../nodes/qfwd-close/qfwd-close';
import forward from '../../../nodes/qfwd-forward/qfwd-forward';
import modem from '../../../nodes/qfwd-modem/qfwd-modem';
import recv from '../../../nodes/qfwd-recv/qfwd-recv';
import send from '../../../nodes/qfwd-send/qfwd-send';
import server from '../../../nodes/qfwd-server/qfwd-server';
import state from '../../../nodes/qfwd-state/qfwd-state';
import urc from '../../../nodes/qfwd-urc/qfwd-urc';
import { defer } from '../../support/cleanup';
import { Inbox } from '../../support/inbox';
import { freePort } from '../../support/free-port';
import { connectPeer, type Peer } from '../../support/peers';
import { virtualClock } from '../../support/virtual-clock';

/** A message as a flow sees it. */
export interface Message {
  payload?: unknown;
  event?: string;
  socketId?: number;
  /** From a Catch node. */
  error?: { message: string; code?: string | undefined; cause?: { code?: string }; source: { id: string } };
  [property: string]: unknown;
}

/** A node as it stands in a flow file. */
export interface NodeConfig {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** What a node wrote to the log. */
interface LogEntry {
  readonly level: number;
  readonly type?: string;
  readonly msg: unknown;
}

/** A call of `done`. */
interface Done {
  readonly node: { readonly id: string };
  readonly msg: Message;
  readonly error?: Error & { code?: string; result?: number; sent?: number; cme?: unknown };
}

type DeployType = 'full' | 'nodes' | 'flows';

/** Node-RED's own way to deploy, which has no types. */
interface Deployer {
  setFlows(flows: object[], credentials: object | null, type: DeployType): Promise<unknown>;
}

const NODES = [modem, server, client, send, recv, urc, ack, state, close, cfg, at, forward];

const WARN = 30;
const TAB = 'tab';

let flows = 0;

/** A node of the type `qfwd-…`; its id is what stands for the dots, and `to` are the ids of nodes that it is wired to. */
export function node(type: string, properties: object = {}): NodeConfig {
  return { id: type, type: `qfwd-${type}`, name: '', ...properties };
}

/** A flow that runs: each node's messages, statuses and errors, to be awaited. */
export class Flow {
  /** What a Catch node for the whole tab emits. */
  readonly errors = new Inbox<Message>('the Catch node');
  /** What a Complete node for all nodes emits. */
  readonly completed = new Inbox<Message>('the Complete node');
  /** Calls of `done` by the nodes under test. */
  readonly dones = new Inbox<Done>('done');
  /** Warnings, and errors that no Catch node took. */
  readonly log = new Inbox<LogEntry>('the log');
  private readonly outputs = new Map<string, Inbox<Message>>();
  private readonly states = new Map<string, Inbox<NodeStatus>>();
  private readonly logger = new EventEmitter();
  private readonly heard = new WeakSet<Node>();
  private isLoaded = false;

  /** The time of the test. */
  readonly clock = virtualClock();

  /** The id of the modem node: another one in each flow, as a simulated module outlives its flow for a while. */
  readonly modemId = `modem ${++flows}`;

  constructor() {
    RED.events.on('node-status', this.onStatus);
    RED.log.addHandler(this.logger);
    this.logger.on('log', (entry: LogEntry) => {
      if (entry.level <= WARN && entry.type?.startsWith('qfwd-')) this.log.put(entry);
    });
    defer(() => this.remove());
  }

  /** Starts it, as Node-RED does when it starts. */
  async start(nodes: readonly NodeConfig[], credentials: object = {}): Promise<this> {
    await helper.load(this.types(), this.file(nodes), credentials);
    this.isLoaded = true;
    RED.hooks.add('onComplete.test', (done: Done) => this.dones.put(done));
    this.listen(nodes);
    return this;
  }

  /** Deploys other nodes instead. Resolves once they have started. */
  async deploy(nodes: readonly NodeConfig[], type: DeployType = 'full'): Promise<void> {
    const started = once(RED.events, 'flows:started');
    await (RED.nodes as Deployer).setFlows(this.file(nodes), null, type);
    await started;
    this.listen(nodes);
  }

  /** Stops it as Node-RED does when it stops. */
  async stop(): Promise<void> {
    RED.hooks.remove('*.test');
    await helper.unload();
    this.isLoaded = false;
  }

  /** Takes all nodes away and stops. */
  async remove(): Promise<void> {
    RED.events.off('node-status', this.onStatus);
    RED.log.removeHandler(this.logger);
    if (!this.isLoaded) return;
    await this.deploy([]);
    await this.stop();
  }

  /** What a node emits. */
  from(id: string): Inbox<Message> {
    return entry(this.outputs, id, () => new Inbox(`output of ${id}`));
  }

  /** What the editor shows below a node. */
  statuses(id: string): Inbox<NodeStatus> {
    return entry(this.states, id, () => new Inbox(`status of ${id}`));
  }

  /** Hands a message to a node. */
  input(id: string, message: object): void {
    const target = helper.getNode(id);
    if (!target) throw new Error(`there is no node ${id}`);
    target.receive(message as Message);
  }

  /** Hands a message to a node that is to refuse it; resolves with what the Catch node says. */
  async refusal(id: string, message: object): Promise<NonNullable<Message['error']>> {
    this.input(id, message);
    const { error } = await this.errors.next(({ error: caught }) => caught?.source.id === id);
    return error!;
  }

  /** The next event of a server or client, of this kind. */
  event(id: string, event: string): Promise<Message> {
    return this.from(id).next((message) => message.event === event);
  }

  /** Waits until a node's status text ends so; what it showed before is taken as well. */
  async status(id: string, text: string): Promise<NodeStatus> {
    const shown = await this.statuses(id).until((status) => status.text?.endsWith(text) === true);
    return shown.at(-1)!;
  }

  private readonly onStatus = ({ id, status }: { id: string; status?: NodeStatus }): void => {
    if (status) this.statuses(id).put(status);
  };

  /** The node types to load; Node-RED's Catch, Complete and Status are always there. */
  protected types(): NodeInitializer[] {
    return NODES;
  }

  protected file(nodes: readonly NodeConfig[]): object[] {
    const placed = nodes.map((config) =>
      config.type === 'qfwd-modem'
        ? { ...config, id: config.id === 'modem' ? this.modemId : config.id }
        : {
            modem: this.modemId,
            ...config,
            z: TAB,
            x: 0,
            y: 0,
            wires: [[outputOf(config.id), ...((config.to as string[] | undefined) ?? [])]],
          },
    );
    const taps = nodes.map(({ id }) => tap(outputOf(id)));
    return [
      { id: TAB, type: 'tab', label: '' },
      ...placed,
      ...taps,
      { ...tap('catch'), type: 'catch', scope: null, wires: [['caught']] },
      { ...tap('complete'), type: 'complete', scope: nodes.map(({ id }) => id), wires: [['completed']] },
      tap('caught'),
      tap('completed'),
    ];
  }

  protected listen(nodes: readonly NodeConfig[]): void {
    for (const { id } of nodes) this.collect(outputOf(id), this.from(id));
    this.collect('caught', this.errors);
    this.collect('completed', this.completed);
  }

  protected collect(id: string, inbox: Inbox<Message>): void {
    const node = helper.getNode(id);
    // A deploy does not necessarily create every node again.
    if (!node || this.heard.has(node)) return;
    this.heard.add(node);
    node.on('input', (message, _send, done) => {
      inbox.put(this.withCode(message));
      done();
    });
  }

  /** Node-RED 4.0 shows a Catch node the cause of an error, but not its code, which the cause has as well. */
  private withCode(message: Message): Message {
    const { error } = message;
    return error ? { ...message, error: { ...error, code: error.code ?? error.cause?.code } } : message;
  }
}

/** Starts a flow of these nodes, with a modem on the simulator if none is among them. */
export async function startFlow(...nodes: NodeConfig[]): Promise<Flow> {
  const hasModem = nodes.some(({ type }) => type === 'qfwd-modem');
  return new Flow().start(hasModem ? nodes : [simulatorModem(), ...nodes]);
}

/** The same with a server and a urc node too, and a peer that is connected to that server. */
export async function connectedFlow(
  ...nodes: NodeConfig[]
): Promise<{ flow: Flow; port: number; peer: Peer; socketId: number; serverId: number }> {
  const port = await freePort();
  const flow = await startFlow(...nodes, node('server', { port }), node('urc'));
  await flow.event('server', 'server/open');
  const peer = await connectPeer(port);
  const { socketId, serverId } = await flow.event('server', 'client/incoming');
  return { flow, port, peer, socketId: socketId!, serverId: serverId as number };
}

/** A modem on the built-in simulator with these options. */
export function simulatorModem(simulator: object = {}, properties: object = {}): NodeConfig {
  return node('modem', { transport: 'simulator', simulator, ...properties });
}

function tap(id: string): object {
  return { id, type: 'helper', z: TAB, x: 0, y: 0, wires: [] };
}

/** The id of the node that collects what a node emits. */
export function outputOf(id: string): string {
  return `${id} output`;
}

function entry<T>(map: Map<string, T>, key: string, create: () => T): T {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
