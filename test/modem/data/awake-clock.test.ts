import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AwakeClock } from '../../../src/modem/data/awake-clock';
import { ManualClock } from '../../support/manual-clock';

function clocks() {
  const real = new ManualClock();
  return { real, awake: new AwakeClock(real) };
}

describe('A clock that stops while the process cannot run', () => {
  it('works like any other while it can', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 5 });
    const scene = fc.asyncProperty(delays, fc.integer({ min: 0, max: 100_000 }), async (all, start) => {
      const { real, awake } = clocks();
      await real.advance(start);
      const fired: number[] = [];
      for (const ms of all) awake.after(ms, () => fired.push(real.now() - start));
      await real.advance(200_000);
      assert.deepEqual(
        fired,
        [...all].sort((one, other) => one - other),
      );
      assert.equal(awake.now(), real.now());
      assert.equal(real.pending, 0);
    });
    await fc.assert(scene, { numRuns: 50 });
  });

  it('gives back the time in which nothing could run, except for a second', async () => {
    const { real, awake } = clocks();
    let firedAt: number | undefined;
    awake.after(30_000, () => (firedAt = real.now()));
    await real.advance(10_000);
    await real.standStill(35_000);
    assert.equal(awake.now(), 11_000);
    await real.advance(30_000);
    assert.equal(firedAt, 64_000);
  });

  it('gives it back once, to all timers', async () => {
    const { real, awake } = clocks();
    const fired: number[] = [];
    for (const ms of [5000, 6000]) awake.after(ms, () => fired.push(real.now()));
    await real.standStill(60_000);
    await real.advance(10_000);
    assert.deepEqual(fired, [64_000, 65_000]);
  });

  it('is not stopped by a process that is only busy', async () => {
    const { real, awake } = clocks();
    let firedAt: number | undefined;
    awake.after(3000, () => (firedAt = real.now()));
    for (let times = 0; times < 3; times++) await real.standStill(1900);
    assert.equal(firedAt, 3800);
  });

  it('gives back ten minutes at most', async () => {
    const { real, awake } = clocks();
    awake.after(3_600_000, () => undefined);
    await real.standStill(3_000_000);
    assert.equal(awake.now(), 3_000_000 - 600_000);
  });

  it('works without timers', async () => {
    const { real, awake } = clocks();
    awake.after(1000, () => undefined)();
    await real.standStill(60_000);
    awake.after(1000, () => undefined);
    assert.equal(awake.now(), 60_000);
    assert.equal(real.pending, 1);
  });

  it('does not run a timer that was canceled', async () => {
    const { real, awake } = clocks();
    const cancel = awake.after(5000, () => assert.fail('it was taken back'));
    await real.advance(2500);
    cancel();
    cancel();
    assert.equal(real.pending, 0);
    await real.standStill(60_000);
    assert.equal(awake.now(), 62_500);
    awake.after(30_000, () => undefined);
    await real.standStill(60_000);
    assert.equal(awake.now(), 63_500);
  });
});
