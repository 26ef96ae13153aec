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

  it('is missed once, when it was last set to', async () => {
    deadline.set(100);
    await clock.advance(60);
    deadline.set(100);
    await clock.advance(60);
    deadline.set(10);
    await clock.advance(1000);
    assert.deepEqual(missed, [130]);
  });

  it('has one timer, however often it is put off', async () => {
    for (let times = 0; times < 5; times++) {
      deadline.set(100);
      await clock.advance(50);
      assert.equal(clock.pending, 1);
    }
  });

  it('is not missed any more when it is lifted or taken back', async () => {
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
