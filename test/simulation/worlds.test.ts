/** Worlds made from seeds: `SIMULATE_SEEDS` of them, from `SIMULATE_FROM` on. See CONTRIBUTING.md. */
import assert from 'node:assert/strict';

import { incidentNames } from './incidents';
import { KEPT, planOfKept } from './kept';
import { type Plan, planOf } from './plan';
import { report } from './report';
import { run, runSeed, shrink } from './run';

const SEEDS = Number(process.env.SIMULATE_SEEDS ?? 50);
const FROM = Number(process.env.SIMULATE_FROM ?? 1);
const AT_ONCE = 50;
/** In so many worlds, each incident has changed something. */
const MANY = 500;

describe('A world made from a seed', () => {
  const occurred = new Set<string>();

  for (const kept of KEPT)
    it(`that found ${kept.found}, holds (${kept.seed})`, async () => {
      const plan = planOfKept(kept);
      assert.equal(plan.incidents.length, kept.incidents.length);
      await holds(plan);
    });

  for (let first = FROM; first < FROM + SEEDS; first += AT_ONCE) {
    const last = Math.min(first + AT_ONCE, FROM + SEEDS) - 1;
    it(`holds, with the seeds ${first} to ${last}`, async function () {
      this.timeout(120_000);
      for (let seed = first; seed <= last; seed++) {
        for (const name of await holds(planOf(seed))) occurred.add(name);
      }
    });
  }

  if (SEEDS >= MANY)
    it('has had each of its incidents, and they have changed something', () =>
      assert.deepEqual(
        incidentNames.filter((name) => !occurred.has(name)),
        [],
      ));

  it('is the same in each run', async () => {
    const [one, other] = [await runSeed(7), await runSeed(7)];
    assert.ok(one.trace.length > 100);
    assert.deepEqual(one.trace, other.trace);
  });
});

/** @returns the incidents that have changed something */
async function holds(plan: Plan): Promise<ReadonlySet<string>> {
  const lived = await run(plan);
  if (lived.violations.length > 0) assert.fail(report(await shrink(lived)));
  return lived.occurred;
}
