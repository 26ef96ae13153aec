import assert from 'node:assert/strict';
import fc from 'fast-check';

import { CONTROL, TurnQueue } from '../../src/at/queue';

type Entry = readonly [lane: string, number: number];
/** A lane to add an entry to; `undefined`: take one out. */
const actions = fc.array(fc.constantFrom(undefined, 'a', 'b', 'c', CONTROL), { maxLength: 60 });

describe('A turn queue', () => {
  it('returns control commands first, and then one entry of each lane in turn', () => {
    const queue = new TurnQueue<string>(10);
    for (const entry of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.push(entry.charAt(0), entry);
    queue.push(CONTROL, 'x1');
    queue.push(CONTROL, 'x2');
    assert.deepEqual(queue.clear(), ['x1', 'x2', 'a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    assert.equal(queue.size, 0);
    assert.equal(queue.shift(), undefined);
  });

  it('returns the entries that it removes, and keeps the order of the others', () => {
    const queue = new TurnQueue<string>(10);
    for (const entry of ['a1', 'a2', 'b1', 'c1', 'c2']) queue.push(entry.charAt(0), entry);
    assert.deepEqual(
      queue.remove((entry) => ['a1', 'b1', 'c2'].includes(entry)),
      ['a1', 'b1', 'c2'],
    );
    assert.equal(queue.size, 2);
    assert.deepEqual(queue.clear(), ['a2', 'c1']);
  });

  it('returns an entry on a condition, after which its lane has its next turn after the others', () => {
    const queue = new TurnQueue<string>(10);
    for (const entry of ['a1', 'a2', 'b1', 'b2', 'c1']) queue.push(entry.charAt(0), entry);
    queue.push(CONTROL, 'b0');
    const ofB = (entry: string): boolean => entry.startsWith('b');
    assert.deepEqual([queue.shiftIf(ofB), queue.hasOthers('c')], ['b1', true]);
    assert.deepEqual(queue.clear(), ['b0', 'a1', 'c1', 'b2', 'a2']);
    assert.deepEqual([queue.shiftIf(ofB), queue.hasOthers('c')], [undefined, false]);
  });

  it('returns an entry that was put back before all others', () => {
    const queue = new TurnQueue<string>(10);
    for (const entry of ['a1', 'b1', 'b2']) queue.push(entry.charAt(0), entry);
    queue.unshift('b', 'b0');
    queue.unshift('c', 'c0');
    assert.equal(queue.size, 5);
    assert.deepEqual(queue.clear(), ['c0', 'b0', 'a1', 'b1', 'b2']);
  });

  it('takes no more entries than its limit', () => {
    const queue = new TurnQueue<number>(2);
    assert.ok(queue.push('a', 1) && queue.push(CONTROL, 2));
    assert.equal(queue.push('b', 3), false);
    assert.equal(queue.push(CONTROL, 3), false);
    assert.equal(queue.shift(), 2);
    assert.ok(queue.push('b', 3));
    assert.deepEqual(queue.clear(), [1, 3]);
  });

  it('lets no lane wait for more than one entry of each other lane', () => {
    fc.assert(
      fc.property(actions, (actions) => {
        const queue = new TurnQueue<Entry>(Infinity);
        const waiting = new Map<string, number[]>();
        /** For each waiting lane: which lanes had a turn since it began to wait. */
        const served = new Map<string, string[]>();
        actions.forEach((lane, number) => {
          if (lane !== undefined) {
            queue.push(lane, [lane, number]);
            const before = waiting.get(lane) ?? [];
            waiting.set(lane, [...before, number]);
            if (before.length === 0) served.set(lane, []);
            return;
          }
          const entry = queue.shift();
          if (!entry) return assert.ok([...waiting.values()].every((numbers) => numbers.length === 0));
          const [from, first] = entry;
          assert.equal(waiting.get(from)?.shift(), first, 'a lane is served in order');
          if (from === CONTROL) return;
          assert.ok(!waiting.get(CONTROL)?.length, 'control goes first');
          for (const [other, seen] of served) {
            if (other === from || other === CONTROL || !waiting.get(other)?.length) continue;
            assert.ok(!seen.includes(from), `${other} waited for ${from} twice`);
            seen.push(from);
          }
          served.set(from, []);
        });
        assert.equal(queue.size, [...waiting.values()].flat().length);
      }),
    );
  });
});
