/**
 * Brings a clone up to date before something is run in it: dependencies, then the build.
 * Imports nothing from node_modules at load time, which may not be there yet.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const oldestNode = 20;
const sources = ['src', 'nodes', 'icons', 'scripts/build.mjs', 'package.json', 'tsconfig.json'];

/** Runs `npm ci` if node_modules is missing or older than package-lock.json. Throws if that fails. */
export function ensureInstalled() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode)
    throw new Error(`Node ${oldestNode} or later is needed; this is ${process.version}.`);

  // npm writes this copy of the lock file last, so it also tells whether an installation was finished.
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return;
  console.log('Installing dependencies (npm ci)…');
  const { status, error } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed.', { cause: error });
}

/** Builds if a file that package.json promises is missing from dist or older than any source. Throws if that fails. */
export async function ensureBuilt() {
  const oldestResult = Math.min(...promisedFiles().map(modified));
  if (oldestResult > newest(sources)) return;
  console.log('Building…');
  const { build } = await import('./build.mjs');
  await build();
}

/** The files Node-RED and npm are told about: two for each node, and the commands. */
function promisedFiles() {
  const { bin, 'node-red': nodeRed } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const entries = Object.values(nodeRed.nodes);
  return [...entries, ...entries.map((file) => file.replace(/\.js$/, '.html')), ...Object.values(bin)];
}

/** When the newest of these files, folders and everything below them changed. A folder's own time tells of removals. */
function newest(names) {
  const times = names.map((name) => {
    const below = isFolder(name)
      ? readdirSync(path.join(root, name)).map((entry) => path.join(name, entry))
      : [];
    return Math.max(modified(name), newest(below));
  });
  return Math.max(...times, 0);
}

function isFolder(name) {
  return statSync(path.join(root, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Milliseconds since 1970; 0 for what does not exist. */
function modified(name) {
  return statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
