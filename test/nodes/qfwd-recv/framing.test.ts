import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  delimiterFramer,
  type Framer,
  lengthFramer,
  MAX_FRAME,
  streamFramer,
  unescapeDelimiter,
} from '../../../nodes/qfwd-recv/framing';

describe('Framing', () => {
  it('of a stream emits each piece as it arrives', () => {
    const framer = streamFramer();
    const piece = Buffer.from('abc');
    assert.deepEqual(framer.push(piece), [piece]);
    assert.deepEqual(framer.end(), []);
  });

  describe('by a delimiter', () => {
    // Few kinds of bytes, so that delimiters, halves of them and overlaps are common.
    const bytes = fc
      .array(fc.constantFrom(...Buffer.from('ab')), { maxLength: 200 })
      .map((list) => Buffer.from(list));
    const delimiters = fc.constantFrom('a', 'ab', 'aab', 'aba', 'aaa');

    it('emits the same frames wherever pieces end', () => {
      fc.assert(
        fc.property(
          bytes,
          delimiters,
          fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
          (data, text, sizes) => {
            const frames = framesOf(delimiterFramer(Buffer.from(text)), chunks(data, sizes));
            const parts = data.toString().split(text);
            if (parts.at(-1) === '') parts.pop();
            assert.deepEqual(frames.map(String), parts);
          },
        ),
      );
    });

    it('does not copy all pending data for each piece', () => {
      const framer = delimiterFramer(Buffer.from('\r\n'));
      const piece = Buffer.from('x');
      for (let bytes = 0; bytes < MAX_FRAME / 4; bytes++) framer.push(piece);
      assert.equal(framer.push(Buffer.from('\r\n'))[0]?.length, MAX_FRAME / 4);
    }).timeout(5000);

    it('emits a frame that has no end at a maximum length, so that it cannot fill the memory', () => {
      const framer = delimiterFramer(Buffer.from('\n'));
      assert.deepEqual(framer.push(Buffer.alloc(MAX_FRAME - 1, 'x')), []);
      const frames = framer.push(Buffer.from('yz'));
      assert.deepEqual(
        frames.map(({ length }) => length),
        [MAX_FRAME + 1],
      );
      assert.deepEqual(framer.push(Buffer.from('next\nrest')).map(String), ['next']);
      assert.deepEqual(framer.end().map(String), ['rest']);
    });
  });

  describe('by length', () => {
    it('emits the same frames wherever pieces end', () => {
      const lengths = fc.integer({ min: 1, max: 20 });
      const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 50 }));
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), lengths, sizes, (array, length, cuts) => {
          const data = Buffer.from(array);
          const frames = framesOf(lengthFramer(length), chunks(data, cuts));
          assert.deepEqual(Buffer.concat(frames), data);
          assert.ok(frames.slice(0, -1).every((frame) => frame.length === length));
          const last = data.length % length || length;
          if (data.length > 0) assert.equal(frames.at(-1)?.length, last);
        }),
      );
    });
  });

  const delimiters: [typed: string, bytes: number[]][] = [
    ['\\n', [10]],
    ['\\r\\n', [13, 10]],
    ['\\t\\0', [9, 0]],
    ['\\x1A\\xff', [0x1a, 0xff]],
    ['\\\\n', [0x5c, 0x6e]],
    ['a\nb', [0x61, 10, 0x62]],
    ['\\q', [0x5c, 0x71]],
    ['\\x1', [0x5c, 0x78, 0x31]],
    ['€', [0xe2, 0x82, 0xac]],
    ['😀', [...Buffer.from('😀')]],
    ['\\', [0x5c]],
  ];
  for (const [typed, bytes] of delimiters) {
    it(`parses the delimiter ${JSON.stringify(typed)}`, () => {
      assert.deepEqual(unescapeDelimiter(typed), Buffer.from(bytes));
    });
  }
});

function framesOf(framer: Framer, pieces: Iterable<Buffer>): Buffer[] {
  const frames: Buffer[] = [];
  for (const piece of pieces) frames.push(...framer.push(piece));
  return [...frames, ...framer.end()];
}

function* chunks(data: Buffer, sizes: Iterator<number>): Generator<Buffer> {
  for (let at = 0; at < data.length;) {
    const end = at + Number(sizes.next().value);
    yield data.subarray(at, end);
    at = end;
  }
}
