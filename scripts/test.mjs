/**
 * `npm test`: every check of the code, then the build and the unit tests.
 * `npm run test:system`: the tests with real processes (test/system/).
 * A step that fails does not hide what the later ones have to say.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './install.mjs';

const mocha = [
  'mocha/bin/mocha.js',
  '--reporter',
  'scripts/mocha-reporter.cjs',
  '--forbid-only',
  '--forbid-pending',
  // A failed test may leave something open, which must not keep the run from ending.
  '--exit',
];

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

/** Runs a tool from node_modules to its end; throws unless it succeeded. */
function run(program, ...args) {
  const script = path.join(root, 'node_modules', program);
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${path.basename(program)} failed`);
}
