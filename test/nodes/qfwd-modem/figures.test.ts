import assert from 'node:assert/strict';
import {
  bytes,
  duration,
  plotPoints,
  ratesBetween,
  scaleFor,
} from '../../../nodes/qfwd-modem/editor/figures';

describe('Figures', () => {
  it('are bytes with units that are easy to read', () => {
    const cases: [count: number, expected: string][] = [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1.0 kB'],
      [1536, '1.5 kB'],
      [99_949, '99.9 kB'],
      [99_950, '100 kB'],
      [999_499, '999 kB'],
      [999_500, '1.0 MB'],
      [3e15, '3000 TB'],
    ];
    for (const [count, expected] of cases) assert.equal(bytes(count), expected);
  });

  it('are times in their largest unit', () => {
    const times = [0, 59_999, 60_000, 3_599_999, 3_600_000, 86_400_000].map(duration);
    assert.deepEqual(times, ['0 s', '59 s', '1 min', '59 min', '1 h', '1 d']);
  });

  it('have a scale that ends at a round value', () => {
    assert.deepEqual(
      [0, 100, 101, 201, 501, 1001, 9999].map(scaleFor),
      [100, 100, 200, 500, 1000, 2000, 10_000],
    );
  });

  it('are rates, and none if a counter was reset', () => {
    const before = { at: 1000, in: 100, out: 900 };
    assert.deepEqual(ratesBetween(before, { at: 3000, in: 300, out: 0 }), { in: 100, out: 0 });
    assert.deepEqual(ratesBetween(before, { at: 1000, in: 300, out: 950 }), { in: 0, out: 0 });
  });

  it('are drawn with the newest value at the right edge, and the highest at the top', () => {
    const size = { width: 100, height: 10, most: 4, room: 5 };
    assert.equal(plotPoints([0, 4, 2], size), '50.0,10.0 75.0,0.0 100.0,5.0');
    assert.equal(plotPoints([0], { ...size, most: 0 }), '100.0,10.0');
  });
});
