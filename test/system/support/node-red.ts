import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FlowNode } from './flows';
import { freePort } from '../../support/free-port';
import { Program } from './program';
import { tempDir, type Scope } from './scope';

/** Node-RED and the Node that runs it: the clone's own unless the environment names others. */
const { NODE_RED = 'node_modules/node-red/red.js', NODE_PROGRAM = process.execPath } = process.env;

export interface NodeRed {
  readonly program: Program;
  /** Of the editor and the admin API. */
  readonly url: string;
}

export interface NodeRedOptions {
  /** One of its own if none is given. */
  readonly userDir?: string;
  readonly settings?: string;
  /** Added to the environment. */
  readonly env?: Record<string, string>;
}

/** Starts Node-RED with this flow; resolves once that was started. */
export async function startNodeRed(
  scope: Scope,
  flow: FlowNode[],
  { userDir, settings = 'scripts/node-red-settings.cjs', env = {} }: NodeRedOptions = {},
): Promise<NodeRed> {
  const home = userDir ?? (await tempDir(scope));
  const port = await freePort();
  await writeFile(path.join(home, 'flows.json'), JSON.stringify(flow));
  const program = new Program(scope, NODE_PROGRAM, [NODE_RED, '--settings', settings, '--userDir', home], {
    env: { PORT: String(port), ...env },
  });
  await program.waitFor(/Started flows/);
  return { program, url: `http://127.0.0.1:${port}` };
}

/** Deploys another flow as the editor does; resolves once Node-RED has it. */
export async function deploy(
  { url }: NodeRed,
  flow: FlowNode[],
  type: 'full' | 'flows' | 'nodes',
): Promise<void> {
  const response = await fetch(`${url}/flows`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': type },
    body: JSON.stringify(flow),
  });
  if (!response.ok) throw new Error(`deploying failed: ${response.status} ${await response.text()}`);
}
