import { hostileBytes } from '../system/support/hostile';

export type Random = (below: number) => number;

/** The same numbers for the same seed. */
export function randomFrom(seed: number): Random {
  const bytes = hostileBytes(100_000, `seed ${seed}`).filter((byte) => byte < 250);
  let at = 0;
  return (below) => bytes[at++]! % below;
}
