import assert from 'node:assert/strict';

import type { Profile } from '../../../src/modem';
import { observed } from './observed';
import { readyRig, type Rig, type RigOptions } from './rig';

/** Calibrates, and checks that nothing is left open and only commands of the driver were executed. */
export async function calibrated(options: RigOptions = {}): Promise<{ rig: Rig; profile: Profile }> {
  const lines: string[] = [];
  const rig = await readyRig({ ...options, transport: observed(lines) });
  const profile = await rig.modem.calibrate();
  assert.deepEqual(rig.module.commands, lines);
  await checkClean(rig);
  return { rig, profile };
}

/** No socket is open, and the module responds to the next command. */
export async function checkClean(rig: Rig): Promise<void> {
  assert.deepEqual(await rig.modem.requests.servers(), []);
  assert.deepEqual(await rig.modem.requests.clients(), []);
  assert.deepEqual(rig.modem.connections(), []);
  assert.equal(rig.modem.counters.reconnects, 0);
}
