import assert from 'node:assert/strict';
import fc from 'fast-check';

import { type Expectation, MAX_LINE_BYTES, Scanner, type Token } from '../../src/at/scanner';
import { hostilePayload, inChunks } from '../support/payloads';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const line = (text: string): Token => ({ type: 'line', text });
const PROMPT: Token = { type: 'prompt' };

/** Feeds the chunks; before each token, `expect` returns what may come, given the tokens so far. */
function scan(
  chunks: readonly Buffer[],
  expect: (tokens: readonly Token[]) => Expectation = () => ({}),
): Token[] {
  const scanner = new Scanner();
  const tokens: Token[] = [];
  for (const chunk of chunks) {
    const before = Buffer.from(chunk);
    scanner.feed(chunk);
    for (let token = scanner.next(expect(tokens)); token; token = scanner.next(expect(tokens)))
      push(tokens, token);
    assert.deepEqual(chunk, before, 'the chunk was written to');
  }
  return tokens;
}

/** Noise may be divided into several tokens, so they are added up. */
function push(tokens: Token[], token: Token): void {
  const last = tokens.at(-1);
  if (token.type === 'noise' && last?.type === 'noise') {
    tokens[tokens.length - 1] = { type: 'noise', bytes: last.bytes + token.bytes };
  } else tokens.push(token);
}

/** Every division into two pieces, and into single bytes. */
function everyCut(whole: Buffer): Buffer[][] {
  const cuts = Array.from(whole, (_, at) => inChunks(whole, [at]));
  return [...cuts, Array.from(whole, (byte) => Buffer.from([byte]))];
}

/** A piece of input, with what the caller expects at that place. */
interface Passage {
  readonly said: Buffer;
  readonly expectation: Expectation;
  readonly token: Token;
}

const text = fc.stringMatching(/^[!-=?-~]([ -~]{0,30}[!-~])?$/);
const terminator = fc.constantFrom('\r\n', '\r', '\n', '\n\r', '\r\n\r\n');

const lines = fc
  .tuple(text, terminator)
  .map(([text, end]): Passage[] => [
    { said: bytes(`\r\n${text}${end}`), expectation: {}, token: line(text) },
  ]);
const unprompted = text.map((text): Passage[] => [
  { said: bytes(`\r\n>${text}\r\n`), expectation: {}, token: line(`>${text}`) },
]);
const prompts = fc
  .constantFrom('\r\n> ', '\r\n>', '\r\n>\r\n')
  .map((said): Passage[] => [{ said: bytes(said), expectation: { prompt: true }, token: PROMPT }]);
const blocks = hostilePayload({ minLength: 1 }).map((data): Passage[] => [
  { said: bytes(`\r\n+READ: ${data.length}\r\n`), expectation: {}, token: line(`+READ: ${data.length}`) },
  {
    said: Buffer.concat([data, bytes('\r\n')]),
    expectation: { block: data.length },
    token: { type: 'block', data },
  },
]);
const echoes = fc
  .tuple(hostilePayload({ minLength: 1 }), fc.constantFrom('', '\x1a'))
  .filter(([body]) => body.some((byte) => byte > 0x20))
  .map(([body, end]): Passage[] => [
    {
      said: Buffer.concat([body, bytes('\r\n')]),
      expectation: { echo: Buffer.concat([body, bytes(end)]) },
      token: { type: 'echo' },
    },
  ]);
const noise = fc.integer({ min: MAX_LINE_BYTES + 1, max: 3 * MAX_LINE_BYTES }).map((length): Passage[] => [
  { said: Buffer.alloc(length, '~'), expectation: {}, token: { type: 'noise', bytes: length } },
  { said: bytes('\r\nafter\r\n'), expectation: {}, token: line('after') },
]);

const conversation = fc
  .array(fc.oneof(lines, unprompted, prompts, blocks, echoes, noise), { maxLength: 12 })
  .map((passages) => passages.flat());

describe('A scanner', () => {
  it('returns the same tokens wherever chunks end', () => {
    fc.assert(
      fc.property(conversation, fc.array(fc.nat(), { maxLength: 40 }), (passages, cuts) => {
        const said = Buffer.concat(passages.map((passage) => passage.said));
        const tokens = scan(inChunks(said, cuts), (so) => passages[so.length]?.expectation ?? {});
        assert.deepEqual(
          tokens,
          passages.map(({ token }) => token),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('finds lines without a line end between them, wherever a chunk ends', () => {
    for (const chunks of everyCut(bytes('\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\nRDY\r\n'))) {
      assert.deepEqual(scan(chunks), [line('+CSQ: 20,99'), line('OK'), line('RDY')]);
    }
  });

  it('returns a line at its CR, without waiting for the LF', () => {
    assert.deepEqual(scan([bytes('\r\nOK\r')]), [line('OK')]);
  });

  it('does not take an LF that comes late for part of a block', () => {
    const tokens = scan([bytes('+READ: 2\r'), bytes('\n'), bytes('\n'), bytes('x\r')], (so) =>
      so.length === 1 ? { block: 2 } : {},
    );
    assert.deepEqual(tokens, [line('+READ: 2'), { type: 'block', data: bytes('\nx') }]);
  });

  it('tells whether a block is followed by CR, wherever a chunk ends', () => {
    const read = (tail: string) =>
      everyCut(bytes(`+READ: 2\r\nxy${tail}`)).map((chunks) =>
        scan(chunks, (so) => (so.length === 1 ? { block: 2 } : {})).slice(1),
      );
    const data = { type: 'block', data: bytes('xy') } as const;
    for (const tokens of read('')) assert.deepEqual(tokens, []);
    for (const tokens of read('\r\nOK\r\n\r\nRDY\r\n'))
      assert.deepEqual(tokens, [data, line('OK'), line('RDY')]);
    const cut = { ...data, isCut: true };
    for (const tokens of read('DY\r\n\r\nOK\r\n')) assert.deepEqual(tokens, [cut, line('DY'), line('OK')]);
    for (const tokens of read('\nOK\r\n')) assert.deepEqual(tokens, [cut, line('OK')]);
  });

  it('takes `>` for text unless a prompt may come', () => {
    assert.deepEqual(scan([bytes('\r\n> \r\nOK\r\n')]), [line('>'), line('OK')]);
    assert.deepEqual(
      scan([bytes('a > b\r\n')], () => ({ prompt: true })),
      [line('a > b')],
    );
  });

  it('takes what differs from the body for no echo', () => {
    const body = bytes('\r\n+SEND: 12 and more');
    for (const chunks of everyCut(bytes('\r\n+SEND: 12\r\n\r\nOK\r\n'))) {
      assert.deepEqual(
        scan(chunks, () => ({ echo: body })),
        [line('+SEND: 12'), line('OK')],
      );
    }
  });

  it('takes a response that begins like the body for no echo', () => {
    for (const body of ['S', 'SEND', 'SEND O']) {
      for (const chunks of everyCut(bytes('\r\nSEND OK\r\n'))) {
        assert.deepEqual(
          scan(chunks, () => ({ echo: bytes(body) })),
          [line('SEND OK')],
        );
      }
    }
  });

  it('expects no echo of a body that is all white space', () => {
    assert.deepEqual(
      scan([bytes('\r\nOK\r\n')], () => ({ echo: bytes(' \r\n\x1a') })),
      [line('OK')],
    );
  });

  it('returns lines of the maximum length, and takes longer ones for noise', () => {
    const longest = 'x'.repeat(MAX_LINE_BYTES);
    assert.deepEqual(scan([bytes(`${longest}\r\n`)]), [line(longest)]);
    assert.deepEqual(scan([bytes(`${longest}x\r\nOK\r\n`)]), [
      { type: 'noise', bytes: MAX_LINE_BYTES + 1 },
      line('OK'),
    ]);
  });

  it('discards noise that has no end while it is received', () => {
    const scanner = new Scanner();
    let dropped = 0;
    for (let fed = 0; fed < 100; fed++) {
      scanner.feed(Buffer.alloc(1000, '~'));
      for (let token = scanner.next({}); token; token = scanner.next({})) {
        assert.equal(token.type, 'noise');
        dropped += token.bytes;
      }
    }
    assert.equal(dropped, 100_000);
    assert.equal(scanner.drop(), 0);
  });

  it('discards what is pending on drop()', () => {
    const scanner = new Scanner();
    scanner.feed(bytes('+QFWDRECV: 3,'));
    assert.equal(scanner.next({}), undefined);
    assert.equal(scanner.drop(), 13);
    scanner.feed(bytes('OK\r\n'));
    assert.deepEqual(scanner.next({}), line('OK'));
  });

  it('is no longer within noise after drop()', () => {
    const scanner = new Scanner();
    scanner.feed(Buffer.alloc(MAX_LINE_BYTES + 1, '~'));
    assert.equal(scanner.next({})?.type, 'noise');
    scanner.drop();
    scanner.feed(bytes('OK\r\n'));
    assert.deepEqual(scanner.next({}), line('OK'));
  });

  it('copies a block, so that the chunk can be reused', () => {
    const scanner = new Scanner();
    const chunk = bytes('hello\r');
    scanner.feed(chunk);
    const token = scanner.next({ block: 5 });
    chunk.fill(0);
    assert.deepEqual(token, { type: 'block', data: bytes('hello') });
  });

  it('removes white space and control characters around lines', () => {
    assert.deepEqual(scan([bytes('\0\x1b\r\n  +CPIN: READY \t\r\n')]), [line('+CPIN: READY')]);
  });
});
