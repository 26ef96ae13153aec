import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_FRAME } from '../../../nodes/qfwd-recv/framing';
import { outputSettings, type Payload } from '../../../nodes/qfwd-recv/output';
import type { Properties } from '../../../nodes/runtime/settings';

describe('The output', () => {
  function payloadsOf(properties: Properties, pieces: readonly Buffer[]): Payload[] {
    const stream = outputSettings(properties).createStream();
    return [...pieces.flatMap((piece) => stream.push(piece)), ...stream.end()];
  }

  it('is a Buffer for each piece by default', () => {
    const pieces = [Buffer.from('a\n'), Buffer.from('b')];
    assert.deepEqual(payloadsOf({}, pieces), pieces);
  });

  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });

  function cut(data: Buffer, lengths: readonly number[]): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0, n = 0; at < data.length; n++) {
      pieces.push(data.subarray(at, (at += lengths[n % lengths.length]!)));
    }
    return pieces;
  }

  for (const framing of [{}, { framing: 'length', length: 1 }, { framing: 'length', length: 3 }]) {
    it(`as utf8 is the same text wherever pieces end, with ${JSON.stringify(framing)}`, () => {
      fc.assert(
        fc.property(text, sizes, (written, lengths) => {
          const data = Buffer.from(written);
          const payloads = payloadsOf({ output: 'utf8', ...framing }, cut(data, lengths));
          assert.equal(payloads.join(''), data.toString());
          assert.ok(!payloads.includes(''));
        }),
      );
    });
  }

  it('as utf8 is the same text however much is requested at a time', () => {
    fc.assert(
      fc.property(text, sizes, (written, lengths) => {
        const data = Buffer.from(written);
        const decoder = outputSettings({ output: 'utf8' }).createDecoder();
        const payloads = cut(data, lengths).map((piece) => decoder.decode(piece, false));
        assert.equal([...payloads, decoder.decode(Buffer.alloc(0), true)].join(''), data.toString());
      }),
    );
  });

  it('as utf8 has invalid bytes of one line only in that line', () => {
    const lines = [Buffer.from([0x61, 0xc3, 0x0a, 0x62, 0x0a])];
    assert.deepEqual(payloadsOf({ output: 'utf8', framing: 'delimiter' }, lines), ['a\ufffd', 'b']);
  });

  it('as utf8 does not divide a character where a line is too long', () => {
    const line = Buffer.from(`${'x'.repeat(MAX_FRAME - 1)}ä\n`);
    const payloads = payloadsOf({ output: 'utf8', framing: 'delimiter' }, cut(line, [MAX_FRAME]));
    assert.deepEqual(
      payloads.map(({ length }) => length),
      [MAX_FRAME - 1, 1],
    );
  });

  it('as utf8 has half a character if its other half never arrives', () => {
    assert.deepEqual(payloadsOf({ output: 'utf8' }, [Buffer.from([0x61, 0xc3])]), ['a', '\ufffd']);
  });

  it('as utf8 is decoded from frames, not from pieces', () => {
    const pieces = [Buffer.from([0xc3]), Buffer.from([0xa4, 0x0a, 0xc3]), Buffer.from([0xb6, 0x0a])];
    assert.deepEqual(payloadsOf({ output: 'utf8', framing: 'delimiter' }, pieces), ['ä', 'ö']);
  });

  it('as base64 is encoded from each frame', () => {
    const properties = { output: 'base64', framing: 'length', length: '3' };
    assert.deepEqual(payloadsOf(properties, [Buffer.from('abcde')]), ['YWJj', 'ZGU=']);
  });

  it('can be divided by a delimiter that is a blank', () => {
    const properties = { output: 'utf8', framing: 'delimiter', delimiter: ' ' };
    assert.deepEqual(payloadsOf(properties, [Buffer.from('a b')]), ['a', 'b']);
  });

  it('of a datagram is the whole datagram, whatever the framing', () => {
    const settings = outputSettings({ output: 'utf8', framing: 'length', length: 2 });
    assert.equal(settings.decode(Buffer.from('abc')), 'abc');
    assert.equal(settings.decode(Buffer.alloc(0)), '');
  });

  const wrong: Properties[] = [
    { output: 'latin1' },
    { framing: 'lines' },
    { framing: 'delimiter', delimiter: '' },
    { framing: 'delimiter', delimiter: 10 },
    { framing: 'delimiter', delimiter: '${QFWD_TEST_UNSET}' },
    { framing: 'length' },
    { framing: 'length', length: 0 },
    { framing: 'length', length: 2 ** 20 + 1 },
  ];
  for (const properties of wrong) {
    it(`cannot have ${JSON.stringify(properties)}`, () => {
      assert.throws(() => outputSettings(properties), { code: 'QFWD_INVALID' });
    });
  }
});
