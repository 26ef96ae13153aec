import fc from 'fast-check';

import { TRAPS } from './hostile';

/** Bytes that contain commands, result codes and control characters. */
export function hostilePayload({ minLength = 0, maxLength = 1024 } = {}): fc.Arbitrary<Buffer> {
  const part = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...TRAPS) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  );
  return fc
    .array(part, { minLength: Math.min(1, minLength), maxLength: 20 })
    .map((parts) => Buffer.concat(parts).subarray(0, maxLength))
    .filter((payload) => payload.length >= minLength);
}

/** The same bytes in other pieces, none of them empty. */
export function inChunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), 0, bytes.length].sort(
    (a, b) => a - b,
  );
  return edges
    .slice(1)
    .map((edge, i) => bytes.subarray(edges[i], edge))
    .filter((chunk) => chunk.length > 0);
}
