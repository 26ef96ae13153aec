/** Formatting of byte counts and rates, and the points of a plot. Pure. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Such as `512 B` or `1.5 kB`; units of 1000. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** Bytes per second. */
export interface Rates {
  readonly in: number;
  readonly out: number;
}

/** Byte counters at a time in ms. */
export interface Reading {
  readonly at: number;
  readonly in: number;
  readonly out: number;
}

/** The rates between two readings; 0 if a counter was reset. */
export function ratesBetween(before: Reading, after: Reading): Rates {
  const seconds = (after.at - before.at) / 1000;
  const rate = (from: number, to: number) => (seconds > 0 && to > from ? (to - from) / seconds : 0);
  return { in: rate(before.in, after.in), out: rate(before.out, after.out) };
}

/**
 * The points of an SVG polyline, `width` by `height`, the newest value at its right end.
 * @param most the value at the top
 * @param room the number of values that fill the width
 */
export function plotPoints(
  values: readonly number[],
  { width, height, most, room }: { width: number; height: number; most: number; room: number },
): string {
  const step = width / (room - 1);
  const left = width - step * (values.length - 1);
  return values
    .map((value, index) => {
      const y = most > 0 ? height - (value / most) * height : height;
      return `${(left + index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

/** Such as `7 s`, `3 min`, `5 h` or `2 d`: the largest unit that fits. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** The top of a scale for values up to `most`: 1, 2 or 5 times a power of ten, at least 100. */
export function scaleFor(most: number): number {
  let scale = 100;
  for (let step = 0; scale < most; step++) scale *= step % 3 === 1 ? 2.5 : 2;
  return scale;
}
