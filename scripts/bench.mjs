/**
 * `npm run bench`: builds and runs the benchmark (test/bench/) with the arguments given, in .cache/bench/.
 * Node-RED's serial nodes, which it compares with, are installed there when it runs for the first time.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, npm, root } from './install.mjs';

const cache = path.join(root, '.cache', 'bench');
const serialNodes = path.join(cache, 'serial-nodes');

try {
  ensureInstalled();
  await ensureBuilt();
  installSerialNodes();
  await bundle();
  process.chdir(root);
  await import(pathToFileURL(path.join(cache, 'bench.js')).href);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function installSerialNodes() {
  if (existsSync(path.join(serialNodes, 'node_modules', 'node-red-node-serialport'))) return;
  console.error('Installing node-red-node-serialport to compare with…');
  mkdirSync(serialNodes, { recursive: true });
  writeFileSync(path.join(serialNodes, 'package.json'), '{ "private": true }\n');
  const { status } = npm(['install', 'node-red-node-serialport@2'], {
    cwd: serialNodes,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('npm install node-red-node-serialport failed.');
}

/** Bundled like the package itself: a loader that wraps functions at run time would distort the measurement. */
async function bundle() {
  const { default: esbuild } = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['test/bench/bench.ts', 'test/bench/contenders/worker.ts'],
    entryNames: '[name]',
    outdir: cache,
    bundle: true,
    packages: 'external',
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
}
