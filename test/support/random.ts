import { createCipheriv, createHash } from 'node:crypto';

export type Random = (below: number) => number;

/** Random bytes, the same for the same seed. */
export function randomBytes(length: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** The same random numbers for the same seed. */
export function randomFrom(seed: number): Random {
  const bytes = randomBytes(100_000, `seed ${seed}`).filter((byte) => byte < 250);
  let at = 0;
  return (below) => bytes[at++]! % below;
}
