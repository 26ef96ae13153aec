import assert from 'node:assert/strict';

import type { Command } from '../../../src/at';
import type { Lines } from '../../../src/modem/link/lines';
import { Reads } from '../../../src/modem/link/reads';
import { MANUAL } from '../../../src/qfwd/dialect';
import { QfwdCommands } from '../../../src/qfwd/qfwd-commands';

const PER_LINE = 14;

/** Reads of a socket with `unread` bytes, on firmware that accepts several commands on a line. */
function readsOf(unread: number) {
  const asked: string[] = [];
  const figures = [2, 0, 10_240, 10_240, unread, 10_240 - unread, 10_240].join(',');
  const lines = {
    readsPerLine: () => PER_LINE,
    execute: <T>(command: Command<T>): Promise<T> => {
      asked.push(command.text);
      return Promise.resolve(command.decode({ lines: [`+QFWDACK: ${figures}`] }));
    },
  } as unknown as Lines;
  const commands = new QfwdCommands(MANUAL, { dialect: 'auto', payloadMode: 'auto' });
  commands.emptyRead = 'zero';
  const reads = new Reads(lines, commands);
  reads.noteFigures();
  return { reads, asked };
}

describe('Reads of a socket that are queued together', () => {
  it('are as many as may share a line, if its id cannot be given to another connection', async () => {
    const { reads, asked } = readsOf(100);
    assert.equal(await reads.atOnce(2, 1024, 20, true), PER_LINE);
    assert.deepEqual(asked, []);
  });

  for (const [unread, count] of [
    [0, 1],
    [1, 1],
    [1024, 1],
    [1025, 2],
    [10_240, 10],
  ] as const)
    it(`are those that have data, if its id may be given to another connection (${unread} bytes)`, async () => {
      const { reads, asked } = readsOf(unread);
      assert.equal(await reads.atOnce(2, 1024, 20, false), count);
      assert.deepEqual(asked, ['AT+QFWDACK=2']);
    });

  it('need no query of their own, if there was one behind the reads before', async () => {
    const { reads, asked } = readsOf(3000);
    await reads.lookAhead(2);
    assert.equal(await reads.atOnce(2, 1024, 20, false), 3);
    assert.deepEqual(asked, ['AT+QFWDACK=2']);
  });
});
