/**
 * `npm test`: every check of the code, then the build and the unit tests.
 * `npm run test:system`: the tests with real processes (test/system/).
 * `npm run test:compat`: the package, and the unit tests of the nodes, on other versions of Node-RED and Node.
 * `npm run test:browser`: the editor in Chromium (test/browser/), on two versions of Node-RED.
 * If a step fails, the following ones still run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './install.mjs';
import { environmentOf, unitTestsFor, versions } from './versions.mjs';

const mocha = [
  'mocha/bin/mocha.js',
  '--reporter',
  path.join(root, 'scripts/mocha-reporter.cjs'),
  '--forbid-only',
  // On other systems, a few tests of Linux features are skipped.
  ...(process.platform === 'linux' ? ['--forbid-pending'] : []),
  // A failed test may leave handles open that would keep the process running.
  '--exit',
];

const fuzzTest = 'test/qfwd/fuzz.test.ts';
const worldsTest = 'test/simulation/worlds.test.ts';
/** In a smaller share of the worlds, a fault may be missing. */
const MOST_SHARES = 4;
/** More than 1000 hours of their time. */
const manyWorlds = shares({ seeds: 2000, from: 1001 });
/** Many times the amount of the unit tests, in bytes per test. */
const longFuzz = { FUZZ_BYTES: '10000000' };

const steps = {
  unit: [
    ['type check', () => run('typescript/bin/tsc', '-p', '.')],
    ['type check (editor)', () => run('typescript/bin/tsc', '-p', 'nodes/tsconfig.editor.json')],
    ['lint', () => run('eslint/bin/eslint.js', '.')],
    ['format', () => run('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
    ['build', async () => (await import('./build.mjs')).build()],
    ['unit tests', () => run(...mocha)],
  ],
  system: [
    ['build', ensureBuilt],
    ['system tests', () => run(...mocha, '--config', 'test/system/.mocharc.json')],
    [
      'simulated worlds',
      () => runTogether(manyWorlds, ...mocha, '--no-config', '--require', 'tsx/cjs', worldsTest),
    ],
    ['fuzzing', () => runWith({ env: longFuzz }, ...mocha, '--no-config', '--require', 'tsx/cjs', fuzzTest)],
  ],
  compat: [
    ['build', ensureBuilt],
    ...versions.map((version) => [`installed in ${nameOf(version)}`, () => runSuite('compat', version)]),
    // `npm test` runs them with Node-RED 4.1.
    ...firstWith('4.0', '5').map((version) => [
      `unit tests of the nodes with ${nameOf(version)}`,
      () => runUnitTests(version),
    ]),
  ],
  browser: [
    ['build', ensureBuilt],
    ...firstWith('4.1', '5').map((version) => [
      `browser tests with ${nameOf(version)}`,
      () => runSuite('browser', version),
    ]),
  ],
};

try {
  ensureInstalled();
  const failed = [];
  for (const [name, step] of steps[process.argv[2] ?? 'unit']) {
    console.log(`── ${name}`);
    try {
      await step();
    } catch (error) {
      console.error(error.message);
      failed.push(name);
    }
  }
  console.log(failed.length === 0 ? '── all good' : `── failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Runs a tool from node_modules and waits for it; throws if it fails. */
function run(tool, ...args) {
  runWith({}, tool, ...args);
}

function runWith({ program = process.execPath, cwd = root, env = {} }, tool, ...args) {
  const script = path.join(root, 'node_modules', tool);
  const { status } = spawnSync(program, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${path.basename(tool)} failed`);
}

/** Runs a tool in one process for each environment; throws if any of them fails. */
async function runTogether(environments, tool, ...args) {
  const script = path.join(root, 'node_modules', tool);
  const codes = environments.map(async (env) => {
    const options = { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' };
    const [code] = await once(spawn(process.execPath, [script, ...args], options), 'exit');
    return code;
  });
  if ((await Promise.all(codes)).some((code) => code !== 0)) throw new Error(`${path.basename(tool)} failed`);
}

/** The same number of seeds for each process, one for each core, as environments of the test of worlds. */
function shares({ seeds, from }) {
  const count = Math.min(availableParallelism(), MOST_SHARES);
  const share = Math.ceil(seeds / count);
  return Array.from({ length: count }, (_, index) => ({
    SIMULATE_SEEDS: String(share),
    SIMULATE_FROM: String(from + index * share),
  }));
}

/** The first entry of the list for each of these versions of Node-RED. */
function firstWith(...wanted) {
  return wanted.map((nodeRed) => versions.find((version) => version[0] === nodeRed));
}

function runSuite(suite, version) {
  runWith({ env: environmentOf(version) }, ...mocha, '--config', `test/${suite}/.mocharc.json`);
}

function runUnitTests(version) {
  const options = ['--no-config', '--no-package', '--require', 'tsx/cjs', '--timeout', '10000'];
  runWith(unitTestsFor(version), ...mocha, ...options, 'test/nodes/**/*.test.ts');
}

function nameOf([nodeRed, node]) {
  return `Node-RED ${nodeRed} on ${node === 'this' ? `Node ${process.versions.node}` : `Node ${node}`}`;
}
