import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './program';

export interface FlowNode {
  id: string;
  type: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** The examples that ship with the package, as the menu shows them, without the one that needs Dashboard 2.0. */
export const exampleNames = readdirSync(path.join(root, 'examples'))
  .map((file) => path.basename(file, '.json'))
  .filter((name) => name !== 'dashboard');

/** One of them. */
export function example(name: string): FlowNode[] {
  return JSON.parse(readFileSync(path.join(root, `examples/${name}.json`), 'utf8')) as FlowNode[];
}

export function exampleEcho(): FlowNode[] {
  return example('echo');
}

/** The bridge to MQTT with another server port, modem name and port of the broker. */
export function mqttBridge(port: number, modem: string, brokerPort: number): FlowNode[] {
  return example('mqtt-bridge').map((node) => {
    if (node.type === 'qfwd-server') return { ...node, port };
    if (node.type === 'mqtt-broker') return { ...node, port: brokerPort };
    if (node.type !== 'tab') return node;
    const env = node.env as { name: string }[];
    return {
      ...node,
      env: env.map((entry) => (entry.name === 'MODEM' ? { ...entry, value: modem } : entry)),
    };
  });
}

/** The example cut down to server, receive and send: what comes in goes out unchanged. */
export function rawEcho(port: number, modem: Record<string, unknown>): FlowNode[] {
  const flow = exampleEcho();
  const send = flow.find(({ type }) => type === 'qfwd-send')!;
  const changes: Record<string, Partial<FlowNode>> = {
    tab: {},
    'qfwd-modem': modem,
    'qfwd-server': { port, wires: [[]] },
    'qfwd-recv': { output: 'buffer', framing: 'stream', wires: [[send.id]] },
    'qfwd-send': { wires: [[]] },
  };
  return flow.filter(({ type }) => type in changes).map((node) => ({ ...node, ...changes[node.type] }));
}
