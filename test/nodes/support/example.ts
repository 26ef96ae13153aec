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

  private constructor(name: string, port: number, simulator: object) {
    super();
    this.port = port;
    this.nodes = readExample(name)
      .filter(({ type }) => !DASHBOARD.test(type))
      .map((config) => {
        if (config.type === 'qfwd-modem') return { ...config, simulator };
        if (SHOWING.test(config.type)) return { ...config, type: 'helper' };
        return config.type === 'qfwd-server' || config.type === 'qfwd-client' ? { ...config, port } : config;
      });
  }

  /** Starts it on a port that nobody uses, or this one, with a module with these options; resolves once its server is open or its client connected. */
  static async start(name: string, port?: number, simulator: object = {}): Promise<Example> {
    const example = new Example(name, port ?? (await freePort()), simulator);
    await example.start(example.nodes);
    const endpoint = example.nodes.find(({ type }) => type === 'qfwd-server' || type === 'qfwd-client')!;
    await example.statuses(endpoint.id).next(({ fill }) => fill === 'green');
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

/** One of Node-RED's own nodes, which come without types. */
function coreNode(name: string): NodeInitializer {
  const load = createRequire(require.resolve('node-red'));
  return load(`@node-red/nodes/core/${name}.js`) as NodeInitializer;
}
