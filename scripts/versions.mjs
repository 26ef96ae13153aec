/**
 * Installs other versions of Node-RED and Node below .cache/ (which may be deleted at any time), and prepares test runs with
 * them. Needs npm, but no compiler.
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { npm, root } from './install.mjs';

const cache = path.join(root, '.cache');
const thisNode = 'this';
/** The files of the clone that the unit tests of the nodes need. */
const project = ['package.json', 'tsconfig.json', 'nodes', 'src', 'test', 'examples', 'icons', 'scripts'];

/** Pairs of Node-RED and Node, with each version of both at least once. Node-RED 5 needs Node 22.9 or later. */
export const versions = [
  ['4.0', thisNode],
  ['4.1', '24'],
  ['5', '22'],
  ['5', '24'],
];

/** Installs a version if needed; returns the environment by which test/system/support/node-red.ts selects it. */
export function environmentOf([nodeRed, node]) {
  return {
    NODE_RED: path.join(nodeRedModules(nodeRed), 'node-red', 'red.js'),
    NODE_PROGRAM: nodeProgram(node),
  };
}

/**
 * Copies the unit tests to a folder in which they find this version of Node-RED, and other packages in the clone.
 * Returns this folder, and the Node to run them with.
 */
export function unitTestsFor([nodeRed, node]) {
  const cwd = path.join(path.dirname(nodeRedModules(nodeRed)), 'project');
  rmSync(cwd, { recursive: true, force: true });
  for (const name of project) cpSync(path.join(root, name), path.join(cwd, name), { recursive: true });
  return { cwd, program: nodeProgram(node) };
}

/** Also installs the test helper, which looks for Node-RED in its own node_modules folder. */
function nodeRedModules(version) {
  return installed(`node-red-${version}`, `node-red@${version}`, 'node-red-node-test-helper@0.3');
}

function nodeProgram(version) {
  if (version === thisNode) return process.execPath;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  return path.join(installed(`node-${version}`, `node@${version}`), 'node', 'bin', program);
}

/** The node_modules of a folder below .cache/ with these packages. Throws if they cannot be installed. */
function installed(name, ...packages) {
  const folder = path.join(cache, name);
  const modules = path.join(folder, 'node_modules');
  // npm writes this file last, so the installation is complete.
  if (existsSync(path.join(modules, '.package-lock.json'))) return modules;
  console.log(`Installing ${packages.join(' and ')}…`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const { status, error } = npm(['install', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm could not install ${packages.join(' and ')}`, { cause: error });
  return modules;
}
