import assert from 'node:assert/strict';

import { progressOn } from '../../src/check/progress';
import { ManualClock } from '../support/manual-clock';

function shown(columns: number | undefined, isTTY: boolean, terminal: string): string {
  let written = '';
  const screen = {
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (text: string) => (written += text),
  };
  const progress = progressOn(screen, new ManualClock(), terminal);
  progress.show('one');
  progress.show('x'.repeat(100));
  progress.end();
  return written;
}

describe('progressOn', () => {
  it('changes one line of a terminal, which is never longer than that is wide', () => {
    for (const columns of [40, 80, 200, 0, undefined]) {
      const lines = shown(columns, true, 'xterm').split('\r\x1b[K');
      const width = Math.min(100, (columns === undefined || columns === 0 ? 80 : columns) - 1);
      assert.deepEqual(lines, ['', 'one', 'x'.repeat(width), '']);
    }
  });

  it('writes plain lines where there is no terminal, or one that cannot clear a line', () => {
    const plain = `one\n${'x'.repeat(100)}\n`;
    assert.equal(shown(undefined, false, 'xterm'), plain);
    assert.equal(shown(80, true, 'dumb'), plain);
  });

  it('shows how long it takes, until it ends', async () => {
    let written = '';
    const clock = new ManualClock();
    const screen = { isTTY: true, columns: 12, write: (text: string) => (written += text) };
    const progress = progressOn(screen, clock, 'xterm');
    progress.show('waiting for it');
    await clock.advance(2000);
    progress.end();
    assert.equal(clock.pending, 0);
    assert.deepEqual(written.split('\r\x1b[K'), ['', 'waiting for', 'waiti (1 s)', 'waiti (2 s)', '']);
  });
});
