/**
 * `npm run bench`: builds and runs the benchmark (test/bench/) with the arguments given, in .cache/bench/.
 * Node-RED's serial nodes, which it compares with, are installed there when it runs for the first time.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './install.mjs';

const cache = path.join(root, '.cache', 'bench');
const serialNodes = path.join(cache, 'serial-nodes');

try {
  ensureInstalled();
  await ensureBuilt();
  installSerialNodes();
  await bundle();
  process.chdir(root);
  await import(path.join(cache, 'bench.js'));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function installSerialNodes() {
  if (existsSync(path.join(serialNodes, 'node_modules', 'node-red-node-serialport'))) return;
  console.error('Installing node-red-node-serialport to compare with…');
  mkdirSync(serialNodes, { recursive: true });
  writeFileSync(path.join(serialNodes, 'package.json'), '{ "private": true }\n');
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', 'node-red-node-serialport@2'], {
    cwd: serialNodes,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm install node-red-node-serialport failed.');
}

/** As the package itself is built: what wraps functions on the fly would be measured, too. */
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
