import assert from 'node:assert/strict';

import { within } from '../../src/at';
import { ManualClock, settled } from '../support/manual-clock';

describe('A promise with a time limit', () => {
  it('resolves if it is in time, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    assert.equal(await within(clock, 100, Promise.resolve('in time')), 'in time');
    await assert.rejects(within(clock, 100, Promise.reject(new Error('failed'))), /failed/);
    await settled();
    assert.equal(clock.pending, 0);
  });

  it('resolves with undefined if it takes too long', async () => {
    const clock = new ManualClock();
    const late = within(clock, 100, new Promise(() => undefined));
    await clock.advance(100);
    assert.equal(await late, undefined);
  });
});
