import assert from 'node:assert/strict';

import { progressOn } from '../../src/check/progress';

function shown(columns: number | undefined, isTTY: boolean, terminal: string): string {
  let written = '';
  const screen = {
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (text: string) => (written += text),
  };
  const progress = progressOn(screen, terminal);
  progress.show('one');
  progress.show('x'.repeat(100));
  progress.end();
  return written;
}

describe('progressOn', () => {
  it('changes one line of a terminal, which is never longer than that is wide', () => {
    for (const columns of [40, 80, 200, undefined]) {
      const lines = shown(columns, true, 'xterm').split('\r\x1b[K');
      const width = Math.min(100, (columns ?? 80) - 1);
      assert.deepEqual(lines, ['', 'one', 'x'.repeat(width), '']);
    }
  });

  it('writes plain lines where there is no terminal, or one that cannot clear a line', () => {
    const plain = `one\n${'x'.repeat(100)}\n`;
    assert.equal(shown(undefined, false, 'xterm'), plain);
    assert.equal(shown(80, true, 'dumb'), plain);
  });
});
