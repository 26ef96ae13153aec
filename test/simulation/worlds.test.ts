/** Worlds made from seeds: `SIMULATE_SEEDS` of them, from `SIMULATE_FROM` on. See CONTRIBUTING.md. */
import assert from 'node:assert/strict';

import { report } from './report';
import { runSeed, shrink } from './run';

const SEEDS = Number(process.env.SIMULATE_SEEDS ?? 50);
const FROM = Number(process.env.SIMULATE_FROM ?? 1);
const AT_ONCE = 50;

/** Seeds that once failed, and what they found. */
const KEPT = {
  1: 'data lost on the line, with the result code still there',
  12: 'connections that came and went while the module was not heard',
  23: 'the first data of a connection lost on the line',
  132: 'data cut on the line, which took in the line behind it',
  165: 'data cut on the line, read on request',
  2311: 'data cut on the line, which took in the result code and a part of the line behind it',
  191: 'a report that was cut, and still could be read',
  1934: 'a whole answer lost on the line, behind a full read',
  2073: 'a whole answer to a request lost on the line, but announced',
  2305: 'a whole answer to a request lost on the line, and not announced',
  2706: 'data cut within its header, which took in the result code',
};

describe('A world made from a seed', () => {
  for (const [seed, what] of Object.entries(KEPT))
    it(`that found ${what}, holds (${seed})`, () => holds(Number(seed)));

  for (let first = FROM; first < FROM + SEEDS; first += AT_ONCE) {
    const last = Math.min(first + AT_ONCE, FROM + SEEDS) - 1;
    it(`holds, with the seeds ${first} to ${last}`, async function () {
      this.timeout(120_000);
      for (let seed = first; seed <= last; seed++) await holds(seed);
    });
  }

  it('is the same each time', async () => {
    const [one, other] = [await runSeed(7), await runSeed(7)];
    assert.ok(one.trace.length > 100);
    assert.deepEqual(one.trace, other.trace);
  });
});

async function holds(seed: number): Promise<void> {
  const run = await runSeed(seed);
  if (run.violations.length > 0) assert.fail(report(await shrink(run)));
}
