/**
 * Versions of Node-RED and Node besides the clone's own, below .cache/ (which may be deleted at any time), and ways to
 * run tests with them. Installing needs npm and no compiler.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from './install.mjs';

const cache = path.join(root, '.cache');
const thisNode = 'this';
/** Of the clone, what the unit tests of the nodes need. */
const project = ['package.json', 'tsconfig.json', 'nodes', 'src', 'test', 'examples', 'icons', 'scripts'];

/** Node-RED with the Node that runs it: each version of both at least once. Node-RED 5 wants Node 22.9 or later. */
export const versions = [
  ['4.0', thisNode],
  ['4.1', '24'],
  ['5', '22'],
  ['5', '24'],
];

/** Installs a version, unless it is there; returns the environment that test/system/support/node-red.ts runs it by. */
export function environmentOf([nodeRed, node]) {
  return {
    NODE_RED: path.join(nodeRedModules(nodeRed), 'node-red', 'red.js'),
    NODE_PROGRAM: nodeProgram(node),
  };
}

/**
 * Copies the unit tests to where they find that version of Node-RED, and everything else in the clone.
 * Returns the folder to run them in, and the Node to run them with.
 */
export function unitTestsFor([nodeRed, node]) {
  const cwd = path.join(path.dirname(nodeRedModules(nodeRed)), 'project');
  rmSync(cwd, { recursive: true, force: true });
  for (const name of project) cpSync(path.join(root, name), path.join(cwd, name), { recursive: true });
  return { cwd, program: nodeProgram(node) };
}

/** With the test helper, which looks for Node-RED beside itself. */
function nodeRedModules(version) {
  return installed(`node-red-${version}`, `node-red@${version}`, 'node-red-node-test-helper@0.3');
}

function nodeProgram(version) {
  if (version === thisNode) return process.execPath;
  return path.join(installed(`node-${version}`, `node@${version}`), 'node', 'bin', 'node');
}

/** The node_modules of a folder below .cache/ with these packages. Throws unless they could be installed. */
function installed(name, ...packages) {
  const folder = path.join(cache, name);
  const modules = path.join(folder, 'node_modules');
  // npm writes this file last.
  if (existsSync(path.join(modules, '.package-lock.json'))) return modules;
  console.log(`Installing ${packages.join(' and ')}…`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const { status, error } = spawnSync('npm', ['install', '--no-audit', '--no-fund', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm could not install ${packages.join(' and ')}`, { cause: error });
  return modules;
}
