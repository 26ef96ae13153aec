import assert from 'node:assert/strict';
import fc from 'fast-check';

import { integer, InvalidParameter, parseParameters, quote } from '../../src/at/parameters';

const special = fc.constantFrom('"', ',', ':', ' ', '\r', '\n', '\0', '\x1a', '\x1b', '\x7f', '\x85', 'a');
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(special, { maxLength: 9 }).map((parts) => parts.join('')),
);

describe('parameters', () => {
  it('that could end the string, the line or a data phase are rejected', () => {
    for (const evil of ['\r', '\n', '"', '\x1a', '\x1b', '\0', '\b', '\x7f', '\x85']) {
      for (const text of [evil, `a${evil}`, `${evil}b`, `a${evil}b`])
        assert.throws(() => quote(text), InvalidParameter);
    }
  });

  it('that are not rejected can be parsed again, on one line', () => {
    fc.assert(
      fc.property(anyText, anyText, (first, second) => {
        let written: string;
        try {
          written = `+X: ${quote(first)},7,${quote(second)}`;
        } catch (error) {
          return assert.ok(error instanceof InvalidParameter && /["\p{Cc}]/u.test(first + second));
        }
        const bytes = Buffer.from(written);
        assert.ok(bytes.every((byte) => byte >= 0x20 && byte !== 0x7f));
        assert.equal(bytes.filter((byte) => byte === 0x22).length, 4);
        assert.deepEqual(parseParameters(written), [first, '7', second]);
      }),
      { numRuns: 500 },
    );
  });

  it('can be parsed from any line without an error', () => {
    fc.assert(fc.property(anyText, (line) => parseParameters(line).every((it) => typeof it === 'string')));
  });

  it('without a string are the same as with one behind them', () => {
    const bare = fc.array(fc.constantFrom(' ', ',', ':', '\t', '-', '1', '23', 'a'), { maxLength: 9 });
    fc.assert(
      fc.property(bare, (parts) => {
        const line = `+X:${parts.join('')}`;
        const before = parseParameters(`${line},"b"`).slice(0, -1);
        assert.deepEqual(parseParameters(line), /(^\+X:|,)$/.test(line) ? before.slice(0, -1) : before);
      }),
      { numRuns: 2000 },
    );
  });

  const cases: [string, string[]][] = [
    ['+X: 1,"a",2', ['1', 'a', '2']],
    ['+X:1,"a",2', ['1', 'a', '2']],
    ['+X: 1 , "a" , 2 ', ['1', 'a', '2']],
    ['+X: "fe80::1",":"', ['fe80::1', ':']],
    ['+X: "a,b",c', ['a,b', 'c']],
    ['+X: ,,3', ['', '', '3']],
    ['+X: ""', ['']],
    ['+X: "open,2', ['"open', '2']],
    ['+X:', []],
    ['', []],
  ];
  for (const [line, parameters] of cases) {
    it(`are parsed from ${line || 'an empty line'}`, () =>
      assert.deepEqual(parseParameters(line), parameters));
  }

  it('are integers where an integer is expected', () => {
    assert.equal(integer('0'), 0);
    assert.equal(integer('65535'), 65535);
    for (const text of [undefined, '', ' 1', '-1', '1.5', '0x10', '1e3', 'one', '12345678901']) {
      assert.throws(() => integer(text), RangeError, text);
    }
  });
});
