import assert from 'node:assert/strict';

import { Deadline } from '../../src/at/deadline';
import { ManualClock } from '../support/manual-clock';

describe('A deadline', () => {
  let clock: ManualClock;
  let missed: number[];
  let deadline: Deadline;

  beforeEach(() => {
    clock = new ManualClock();
    missed = [];
    deadline = new Deadline(clock, () => missed.push(clock.now()));
  });

  it('fires once, at the time that was set last', async () => {
    deadline.set(100);
    await clock.advance(60);
    deadline.set(100);
    await clock.advance(60);
    deadline.set(10);
    await clock.advance(1000);
    assert.deepEqual(missed, [130]);
  });

  it('uses one timer, however often it is postponed', async () => {
    for (let times = 0; times < 5; times++) {
      deadline.set(100);
      await clock.advance(50);
      assert.equal(clock.pending, 1);
    }
  });

  it('does not fire after it was set to Infinity or canceled', async () => {
    deadline.set(100);
    deadline.set(Infinity);
    await clock.advance(1000);
    deadline.set(100);
    deadline.cancel();
    assert.equal(clock.pending, 0);
    await clock.advance(1000);
    assert.deepEqual(missed, []);
  });
});
