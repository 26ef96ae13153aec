import assert from 'node:assert/strict';

import fc from 'fast-check';

import { SentTotals } from '../../src/tcpip/sent-totals';

const ID = 3;

/** A socket that has taken so much. */
function opened(taken: number, before?: SentTotals): SentTotals {
  const totals = new SentTotals(before);
  totals.noteOpened(ID);
  totals.noteTaken(ID, taken);
  return totals;
}

describe('The total of bytes that a module has accepted', () => {
  it('shows whether a piece was accepted', () => {
    assert.equal(opened(10).taken(ID, 5, 15), 5);
    assert.equal(opened(10).taken(ID, 5, 10), 0);
    assert.equal(opened(0).taken(ID, 5, 5), 5);
  });

  it('shows nothing if it is another one than expected', () => {
    for (const total of [0, 5, 9, 12, 16, 20]) assert.equal(opened(10).taken(ID, 5, total), undefined);
  });

  it('shows nothing if it is zero, unless the firmware has counted before', () => {
    assert.equal(opened(0).taken(ID, 5, 0), undefined);
    const before = opened(10);
    before.taken(ID, 5, 15);
    assert.equal(opened(0, before).taken(ID, 5, 0), 0);
  });

  it('shows nothing for a socket that another program has opened, until it was queried once', () => {
    const totals = new SentTotals();
    totals.noteTaken(ID, 10);
    assert.equal(totals.taken(ID, 5, 1005), undefined);
    totals.noteTaken(ID, 10);
    assert.equal(totals.taken(ID, 5, 1020), 5);
  });

  it('shows nothing after a piece of unknown outcome that was never queried', () => {
    const totals = opened(10);
    totals.forget(ID);
    totals.noteTaken(ID, 10);
    assert.equal(totals.taken(ID, 5, 20), undefined);
  });

  it('never shows the wrong outcome', () => {
    const step = fc.record({
      bytes: fc.integer({ min: 1, max: 3 }),
      isTaken: fc.boolean(),
      fate: fc.constantFrom('answered', 'asked', 'forgotten'),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const totals = opened(0);
        let total = 0;
        for (const { bytes, isTaken, fate } of steps) {
          const taken = isTaken ? bytes : 0;
          total += taken;
          if (fate === 'answered') totals.noteTaken(ID, taken);
          else if (fate === 'forgotten') totals.forget(ID);
          else assert.ok([taken, undefined].includes(totals.taken(ID, bytes, total)));
        }
      }),
    );
  });
});
