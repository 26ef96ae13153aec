/**
 * Prepares a clone for running: installs dependencies and builds, if needed.
 * Does not import from node_modules at load time, because it may not exist yet.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const oldestNode = 20;
const sources = ['src', 'nodes', 'icons', 'scripts/build.mjs', 'package.json', 'tsconfig.json'];

/**
 * Runs `npm ci` if node_modules is missing or older than package-lock.json; a linked node_modules is left unchanged.
 * Throws if that fails.
 */
export function ensureInstalled() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode)
    throw new Error(`Node ${oldestNode} or later is needed; this is ${process.version}.`);

  // npm ci would empty the folder that the link points to, which belongs to another clone.
  if (isLink('node_modules')) return;
  // npm writes this copy of the lock file last, so it also tells whether an installation was finished.
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return;
  console.log('Installing dependencies (npm ci)…');
  const { status, error } = npm(['ci', '--include=dev'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci failed.', { cause: error });
}

/** Runs npm without its audit and funding messages; `options` and result are those of `spawnSync`. */
export function npm(args, options) {
  // On Windows npm is a batch file, which only a shell can run.
  const shell = process.platform === 'win32';
  return spawnSync('npm', [...args, '--no-audit', '--no-fund'], { ...options, shell });
}

/** Builds if a file that package.json refers to is missing from dist/ or older than a source. Throws if the build fails. */
export async function ensureBuilt() {
  const oldestResult = Math.min(...promisedFiles().map(modified));
  if (oldestResult > newestSource()) return;
  console.log('Building…');
  const { build } = await import('./build.mjs');
  await build();
}

/** Modification time of the newest source file of the build, in milliseconds since 1970. */
export function newestSource() {
  return newest(sources);
}

/** The files that package.json refers to: two for each node, and the commands. */
function promisedFiles() {
  const { bin, 'node-red': nodeRed } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const entries = Object.values(nodeRed.nodes);
  return [...entries, ...entries.map((file) => file.replace(/\.js$/, '.html')), ...Object.values(bin)];
}

/** Newest modification time of these files and folders, with everything in them. The time of a folder changes when a file is removed. */
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

function isLink(name) {
  return lstatSync(path.join(root, name), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Modification time in milliseconds since 1970; 0 if the file does not exist. */
function modified(name) {
  return statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
