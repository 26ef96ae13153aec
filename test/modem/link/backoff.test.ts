import assert from 'node:assert/strict';

import { Backoff } from '../../../src/modem/link/backoff';
import { ManualClock } from '../../support/manual-clock';

function backoff(random = 0) {
  const clock = new ManualClock();
  return { clock, it: new Backoff(clock, () => random) };
}

const times = <T>(count: number, act: () => T): T[] => Array.from({ length: count }, act);

describe('Backoff', () => {
  it('doubles up to half a minute, and subtracts up to a half at random', () => {
    const { it } = backoff(1);
    assert.deepEqual(
      times(7, () => it.next()),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
    );
    const { it: least } = backoff();
    assert.deepEqual(
      times(3, () => least.next()),
      [500, 1000, 2000],
    );
  });

  it('stays at half a minute', () => {
    const { it } = backoff(1);
    assert.equal(times(5000, () => it.next()).at(-1), 30_000);
  });

  it('continues if there was a success for less than ten seconds', async () => {
    const { clock, it } = backoff();
    it.next();
    it.noteWorking();
    await clock.advance(9999);
    assert.equal(it.isFirst, false);
    assert.equal(it.next(), 1000);
  });

  it('starts again after a success of ten seconds', async () => {
    const { clock, it } = backoff();
    it.next();
    it.noteWorking();
    await clock.advance(5000);
    it.noteWorking();
    await clock.advance(5000);
    assert.equal(it.isFirst, true);
    assert.equal(it.next(), 500);
    assert.equal(it.isFirst, false);
  });

  it('does not count the time before a failure', async () => {
    const { clock, it } = backoff();
    it.noteWorking();
    it.next();
    await clock.advance(60_000);
    assert.equal(it.next(), 1000);
  });

  it('starts again after a reset', () => {
    const { it } = backoff();
    it.next();
    it.reset();
    assert.equal(it.isFirst, true);
    assert.equal(it.next(), 500);
  });
});
