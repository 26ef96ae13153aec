import assert from 'node:assert/strict';
import fc from 'fast-check';

import { LineList } from '../../src/at/line-list';

describe('A list of lines', () => {
  it('has the lines that were added to it, even if others are added to the same earlier list', () => {
    // Each step adds a line to one of the lists.
    const steps = fc.array(fc.tuple(fc.nat(), fc.string()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (steps) => {
        const lists: [LineList, string[]][] = [[LineList.EMPTY, []]];
        for (const [pick, line] of steps) {
          const [list, lines] = lists[pick % lists.length]!;
          lists.push([list.with(line), [...lines, line]]);
        }
        for (const [list, lines] of lists) {
          assert.deepEqual([list.length, list.characters], [lines.length, lines.join('').length]);
          assert.deepEqual(list.toArray(), lines);
          assert.deepEqual(list.view, lines);
        }
      }),
    );
  });

  it('returns copies that do not change later', () => {
    const list = LineList.EMPTY.with('a');
    const copy = list.toArray();
    list.with('b');
    assert.deepEqual(copy, ['a']);
  });
});
