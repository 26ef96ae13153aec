import { Program } from './program';
import type { Scope } from './scope';

/** Starts the command `qfwd-simulator` as it was built; resolves once its AT port can be opened. */
export async function startSimulator(scope: Scope, ...args: string[]): Promise<Program> {
  const simulator = new Program(scope, process.execPath, ['dist/src/simulator/cli.js', ...args]);
  await simulator.waitFor(/AT port at/);
  return simulator;
}
