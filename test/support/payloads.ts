import fc from 'fast-check';

/** What a peer may send to confuse a driver that looks for answers where there is only payload. */
const TRAPS = [
  '\r\nOK\r\n',
  '\r\nERROR\r\n',
  '\r\n+CME ERROR: 3\r\n',
  'OK',
  '\r\n> ',
  '> ',
  '\r\n+QFWDURC: "client/close",2\r\n',
  '\r\n+QFWDRECV: 3,5\r\nhello\r\n\r\nOK\r\n',
  '\r\n+CMEE: 1\r\n\r\nOK\r\n',
  '\rAT+CFUN=0\r',
  'RDY\r\n',
  '\r',
  '\n',
  '\0',
  '\x1a',
  '\x1b',
].map((text) => Buffer.from(text, 'latin1'));

/** Bytes with traps in them. */
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
