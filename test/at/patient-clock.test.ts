import assert from 'node:assert/strict';

import { patient } from '../../src/at/patient-clock';
import { ManualClock } from '../support/manual-clock';

describe('A patient clock', () => {
  /** Records when an action is called that is due after 1000 ms. */
  function timed() {
    const clock = new ManualClock();
    const calls: number[] = [];
    const cancel = patient(clock).after(1000, () => calls.push(clock.now()));
    return { clock, calls, cancel };
  }

  it('runs a timer that is on time at once', async () => {
    const { clock, calls } = timed();
    await clock.advance(5000);
    assert.deepEqual([calls, clock.pending], [[1000], 0]);
  });

  it('handles input first if a timer is late, because the process was stopped, but waits one second at most', async () => {
    for (const [stopped, calledAt] of [
      [1200, 1200],
      [1600, 2200],
      [60_000, 61_000],
    ] as const) {
      const { clock, calls } = timed();
      await clock.standStill(stopped);
      await clock.advance(5000);
      assert.deepEqual([calls, clock.pending], [[calledAt], 0]);
    }
  });

  it('can cancel a timer at any time', async () => {
    for (const stopped of [0, 60_000]) {
      const { clock, calls, cancel } = timed();
      await clock.standStill(stopped);
      cancel();
      assert.equal(clock.pending, 0);
      await clock.advance(5000);
      assert.deepEqual(calls, []);
    }
  });
});
