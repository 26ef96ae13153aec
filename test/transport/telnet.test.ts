import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TelnetDetector } from '../../src/transport/telnet';

/** Whether it is noticed in these pieces. */
function isNoticed(...pieces: readonly Uint8Array[]): boolean {
  const detector = new TelnetDetector();
  return pieces.some((piece) => detector.push(piece));
}

/** The same bytes in pieces of these lengths. */
function cut(data: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, n = 0; at < data.length; n++) {
    pieces.push(data.subarray(at, (at += lengths[n % lengths.length]!)));
  }
  return pieces;
}

const bytes = fc.uint8Array({ maxLength: 50 });
/** Without line ends, and with many bytes that Telnet has a meaning for. */
const noLine = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0xfa, max: 0xff })), { maxLength: 20 })
  .map((them) => Uint8Array.from(them.filter((byte) => byte !== 0x0a)));
const negotiation = fc
  .tuple(fc.integer({ min: 0xfb, max: 0xfe }), fc.integer({ min: 0, max: 49 }))
  .map(([verb, option]) => Uint8Array.of(0xff, verb, option));
const lengths = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

describe('A Telnet negotiation', () => {
  it('is detected before the first line, wherever chunks end', () => {
    fc.assert(
      fc.property(noLine, negotiation, bytes, lengths, (before, it, after, sizes) => {
        assert.ok(isNoticed(...cut(Buffer.concat([before, it, after]), sizes)));
      }),
    );
  });

  it('is not detected after the first line: it may be payload', () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((it) => Buffer.from(it));
    fc.assert(
      fc.property(text, bytes, negotiation, lengths, (line, payload, it, sizes) => {
        const data = Buffer.concat([line, Buffer.from('\r\n'), payload, it]);
        assert.ok(!isNoticed(...cut(data, sizes)));
      }),
    );
  });

  it('needs all of its three bytes', () => {
    fc.assert(
      fc.property(noLine, lengths, (data, sizes) => {
        const isThere = data.some(
          (byte, at) =>
            byte === 0xff && data[at + 1]! >= 0xfb && data[at + 1]! <= 0xfe && data[at + 2]! <= 49,
        );
        assert.equal(isNoticed(...cut(data, sizes)), isThere);
      }),
    );
  });
});
