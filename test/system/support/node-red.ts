import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FlowNode } from './flows';
import { freePort } from './net';
import { Program } from './program';
import { tempDir, type Scope } from './scope';

/** Starts Node-RED with a user directory of its own; resolves once the flow was started. */
export async function startNodeRed(scope: Scope, flow: FlowNode[]): Promise<Program> {
  const userDir = await tempDir(scope);
  await writeFile(path.join(userDir, 'flows.json'), JSON.stringify(flow));
  const nodeRed = new Program(
    scope,
    process.execPath,
    ['node_modules/node-red/red.js', '--settings', 'scripts/node-red-settings.cjs', '--userDir', userDir],
    { env: { PORT: String(await freePort()) } },
  );
  await nodeRed.waitFor(/Started flows/);
  return nodeRed;
}
