/**
 * `npm run dev`: runs Node-RED with the example `echo`, like `npm start`, and builds and restarts it when a source changes.
 * If the build fails, Node-RED keeps running.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endRequest, startNode } from './children.mjs';
import { ensureBuilt, ensureInstalled, newestSource, root } from './install.mjs';
import { editorPort, prepareUserDir, printHint, startNodeRed } from './node-red.mjs';

/** In milliseconds. Polling, because forms, help and texts are not modules that esbuild could watch. */
const pollInterval = 300;

try {
  const end = endRequest();
  const port = await editorPort('npm run dev');
  ensureInstalled();
  let built = newestSource();
  await ensureBuilt();
  prepareUserDir();
  let nodeRed = startNodeRed(port, end);
  void printHint(port, nodeRed);
  while (!end.aborted) {
    await delay(pollInterval);
    const newest = newestSource();
    if (newest === built) continue;
    built = newest;
    if ((await build(end)) !== 0) continue;
    await nodeRed.stop();
    if (!end.aborted) nodeRed = startNodeRed(port, end);
  }
  process.exitCode = await nodeRed.exited;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Resolves with the exit code. A separate process, because the build script itself may have changed. */
function build(end) {
  return startNode([path.join(root, 'scripts', 'build.mjs')], { end }).exited;
}
