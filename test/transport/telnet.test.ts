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
/** Without line ends or what a module could answer, and with many bytes that Telnet has a meaning for. */
const noLine = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0xfa, max: 0xff })), { maxLength: 20 })
  .map((them) => Uint8Array.from(them.filter((byte) => byte > 0x60 || (byte < 0x20 && byte !== 0x0a))));
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

  it('is detected after a banner of the serial server', () => {
    const banner = fc
      .stringMatching(/^[\x20-*,-~\r\n]{0,300}$/)
      .filter((text) => !/^\r*([+^]|(OK|ERROR|[04])\r)/m.test(text));
    fc.assert(
      fc.property(banner, negotiation, lengths, (text, it, sizes) => {
        assert.ok(isNoticed(...cut(Buffer.concat([Buffer.from(text), it]), sizes)));
      }),
      {
        examples: [
          [
            '\r\nser2net port 2000 device /dev/ttyUSB2 [115200 N81]\r\n\r\n',
            Uint8Array.of(0xff, 0xfb, 1),
            [3],
          ],
        ],
      },
    );
  });

  it('is not detected once the module has answered: it may be payload', () => {
    const answer = fc.constantFrom(
      '\r\nOK\r',
      '0\r',
      '\r\nRDY\r\n\r\n+CFUN: 1',
      'AT\r\r\nERROR\r\n',
      '\r\n+QFWDRECV: 7,9\r\n',
    );
    fc.assert(
      fc.property(answer, bytes, negotiation, lengths, (line, payload, it, sizes) => {
        const data = Buffer.concat([Buffer.from(line), payload, it]);
        assert.ok(!isNoticed(...cut(data, sizes)));
      }),
    );
  });

  it('is not detected where much has come without it', () => {
    assert.ok(!isNoticed(Buffer.alloc(2000, 'noise '), Uint8Array.of(0xff, 0xfb, 1)));
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
