/** `npm start`: Node-RED with this package and the example `echo`, until Ctrl-C. */
import { endRequest } from './children.mjs';
import { ensureBuilt, ensureInstalled } from './install.mjs';
import { editorPort, prepareUserDir, printHint, startNodeRed } from './node-red.mjs';

try {
  const end = endRequest();
  const port = await editorPort('npm start');
  ensureInstalled();
  await ensureBuilt();
  prepareUserDir();
  const nodeRed = startNodeRed(port, end);
  await printHint(port, nodeRed);
  process.exitCode = await nodeRed.exited;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
