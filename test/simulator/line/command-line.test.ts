import assert from 'node:assert/strict';
import fc from 'fast-check';

import { CommandLine } from '../../../src/simulator/line/command-line';

/** Feeds bytes in the given pieces; returns the lines found and all echo. */
function feed(pieces: Buffer[]) {
  const reader = new CommandLine();
  const found: string[] = [];
  let echo = '';
  for (const piece of pieces) {
    for (let rest = piece; rest.length > 0;) {
      const taken = reader.take(rest);
      echo += taken.echo.toString('latin1');
      if (taken.line !== undefined) found.push(taken.line);
      rest = rest.subarray(taken.used);
    }
  }
  return { found, echo };
}

describe('command line', () => {
  it('runs from AT to CR and is echoed as it came', () => {
    assert.deepEqual(feed([Buffer.from('at+Csq\r\nATI\r')]), { found: ['+Csq', 'I'], echo: 'at+Csq\rATI\r' });
  });

  it('ignores whatever comes before AT, without an echo', () => {
    assert.deepEqual(feed([Buffer.from('\x1b\x1a\r\nhello\r AAAT\r')]), { found: [''], echo: 'AT\r' });
  });

  it('is the same wherever chunks end', () => {
    const text = fc.string({ unit: fc.constantFrom('A', 'T', 'a', 't', '+', '\r', '\n', '\x1b', 'x') });
    fc.assert(
      fc.property(text, (input) => {
        const whole = Buffer.from(input, 'latin1');
        assert.deepEqual(feed([...whole].map((byte) => Buffer.of(byte))), feed([whole]));
      }),
    );
  });

  it('keeps a limited part of a line that has no end', () => {
    const { found } = feed([
      Buffer.from('AT'),
      ...Array.from({ length: 100 }, () => Buffer.alloc(1000, 'x')),
      Buffer.from('\r'),
    ]);
    assert.ok((found[0] ?? '').length < 5000);
  });
});
