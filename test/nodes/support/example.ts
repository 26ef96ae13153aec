import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { NodeInitializer } from 'node-red';
import type { Inbox } from '../../support/inbox';
import { Flow, type Message, type NodeConfig } from './flow';
import { freePort } from '../../support/free-port';

const folder = path.resolve(__dirname, '../../../examples');

export const exampleNames = readdirSync(folder).map((file) => path.basename(file, '.json'));

/** The example as it ships. */
export function readExample(name: string): NodeConfig[] {
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as NodeConfig[];
}

const CORE_NODES = [
  'common/20-inject',
  'common/60-link',
  'common/90-comment',
  'function/10-function',
  'function/10-switch',
  'function/15-change',
  'network/06-httpproxy',
  'network/21-httprequest',
  'network/31-tcpin',
];

/** Nodes that show something, of Dashboard 2.0 as well. */
const SHOWING = /^(debug|ui-chart|ui-text)$/;
/** The config nodes of Dashboard 2.0, which is not installed. */
const DASHBOARD = /^ui-(base|theme|page|group)$/;

/** An example that runs. What its debug nodes and charts would show comes to inboxes of their names. */
export class Example extends Flow {
  /** Where the module listens, or where its client connects to. */
  readonly port: number;
  private readonly nodes: readonly NodeConfig[];

  private constructor(nodes: readonly NodeConfig[], port: number, simulator: object) {
    super();
    this.port = port;
    this.nodes = nodes
      .filter(({ type }) => !DASHBOARD.test(type))
      .map((config) => {
        if (config.type === 'qfwd-modem') return { ...config, simulator };
        return SHOWING.test(config.type) ? { ...config, type: 'helper' } : config;
      });
  }

  /**
   * Starts it on a port that nobody uses, or this one, with a module with these options; resolves once its server is open
   * or its client connected.
   */
  static async start(name: string, port?: number, simulator: object = {}): Promise<Example> {
    const own = port ?? (await freePort());
    const nodes = await onPorts(readExample(name), own);
    const example = new Example(nodes, own, simulator);
    await example.start(example.nodes);
    await example.statuses(endpointOf(example.nodes).id).next(({ fill }) => fill === 'green');
    return example;
  }

  /** What a debug node or a chart gets. */
  debug(name: string): Inbox<Message> {
    return this.from(this.idOf('helper', name));
  }

  /** Presses the button of an inject node. */
  press(name: string): void {
    this.input(this.idOf('inject', name), {});
  }

  protected override types(): NodeInitializer[] {
    return [...super.types(), ...CORE_NODES.map(coreNode)];
  }

  protected override file(nodes: readonly NodeConfig[]): object[] {
    return [...nodes];
  }

  protected override listen(nodes: readonly NodeConfig[]): void {
    for (const { id, type } of nodes) {
      if (type === 'helper') this.collect(id, this.from(id));
    }
  }

  private idOf(type: string, name: string): string {
    const found = this.nodes.find((config) => config.type === type && config.name === name);
    if (!found) throw new Error(`there is no ${type} node called ${name}`);
    return found.id;
  }
}

/** The node that listens, or connects, at the module. */
export function endpointOf(nodes: readonly NodeConfig[]): NodeConfig {
  return nodes.find(({ type }) => /^qfwd-(server|client|forward)$/.test(type))!;
}

/** The port where it listens, or to which it connects. */
export function portOf({ port, listenPort = port }: NodeConfig): unknown {
  return listenPort;
}

/** The same with another port, and with the nodes that stand in for something else at ports that nobody uses. */
async function onPorts(nodes: readonly NodeConfig[], port: number): Promise<NodeConfig[]> {
  const changes = new Map([[String(portOf(endpointOf(nodes))), port]]);
  for (const standIn of nodes.filter(({ type }) => type === 'tcp in')) {
    changes.set(String(standIn.port), await freePort());
  }
  const text = [...changes].reduce(
    (all, [from, to]) => all.replaceAll(from, String(to)),
    JSON.stringify(nodes),
  );
  return JSON.parse(text) as NodeConfig[];
}

/** One of Node-RED's own nodes, which come without types. */
function coreNode(name: string): NodeInitializer {
  const load = createRequire(require.resolve('node-red'));
  return load(`@node-red/nodes/core/${name}.js`) as NodeInitializer;
}
