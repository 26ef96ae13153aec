import assert from 'node:assert/strict';

import { wrapped } from '../../src/check/wrap';

describe('wrapped', () => {
  const cases: [what: string, text: string, columns: number | undefined, lines: string[]][] = [
    ['leaves text as it is if the width is unknown', 'one two three', undefined, ['one two three']],
    ['leaves text as it is if the width is 0', 'one two three', 0, ['one two three']],
    ['breaks between words', 'one two three', 7, ['one two', 'three']],
    ['leaves a long word as one', 'a /dev/serial/by-id/x b', 8, ['a', '/dev/serial/by-id/x', 'b']],
    ['aligns with the text after a mark', '- one two three', 9, ['- one two', '  three']],
    ['aligns with indented text', '    one two three', 12, ['    one two', '    three']],
    ['aligns with the last column', '! SIM   one two three', 16, ['! SIM   one two', '        three']],
    ['indents less if there is little room', '! SIM   one two', 12, ['! SIM   one', '    two']],
    ['keeps line ends', 'one\n\ntwo three', 5, ['one', '', 'two', 'three']],
  ];
  for (const [what, text, columns, lines] of cases)
    it(what, () => assert.deepEqual(wrapped(text, columns).split('\n'), lines));
});
