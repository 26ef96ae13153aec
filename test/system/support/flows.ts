import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './program';

export interface FlowNode {
  id: string;
  type: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** The example that ships with the package. */
export function exampleEcho(): FlowNode[] {
  return JSON.parse(readFileSync(path.join(root, 'examples/echo.json'), 'utf8')) as FlowNode[];
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
