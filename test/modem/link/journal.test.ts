import assert from 'node:assert/strict';

import { newCounters } from '../../../src/modem/link/counters';
import { Journal, JOURNAL_LENGTH } from '../../../src/modem/link/journal';

describe('The journal', () => {
  it('keeps the last lines, oldest first, payload as its length, and secrets masked', () => {
    let now = 0;
    const journal = new Journal(newCounters(), () => ++now);
    journal.first.command('AT+CPIN="1234"');
    journal.first.heard({ type: 'line', text: 'OK' });
    journal.first.command('AT+QFWDSEND=2,0');
    journal.first.heard({ type: 'prompt' });
    journal.first.body(6);
    journal.first.heard({ type: 'block', data: Buffer.from('secret') });
    journal.first.wakeUp(Buffer.from('\x1b\r'));
    journal.second.body(7);
    journal.note('offline: it has gone');
    assert.deepEqual(
      journal.entries().map(({ at, direction, text }) => `${at} ${direction} ${text}`),
      [
        '1 out AT+CPIN=…',
        '2 in OK',
        '3 out AT+QFWDSEND=2,0',
        '4 in >',
        '5 out [6 bytes]',
        '6 in [6 bytes]',
        '7 out ESC',
        '8 out [2] [7 bytes]',
        '9 note offline: it has gone',
      ],
    );
  });

  it('shows only the name of a secret command, and only the result of its answer', () => {
    const journal = new Journal(newCounters(), () => 0);
    journal.first.command('AT+CGDCONT=1,"IP","hunter2"', true);
    for (const text of [
      'AT+CGDCONT=1,"IP","hunter2"',
      '+CGDCONT: 1,"IP","hunter2"',
      'hunter2',
      '+CME ERROR: 3',
    ])
      journal.first.heard({ type: 'line', text }, true);
    assert.deepEqual(
      journal.entries().map(({ text }) => text),
      ['AT+CGDCONT=…', '[27 characters]', '[26 characters]', '[7 characters]', '+CME ERROR: 3'],
    );
  });

  it('discards old lines', () => {
    const journal = new Journal(newCounters(), () => 0);
    for (let number = 1; number <= JOURNAL_LENGTH + 3; number++) journal.note(String(number));
    const texts = journal.entries().map(({ text }) => text);
    assert.equal(texts.length, JOURNAL_LENGTH);
    assert.deepEqual([texts[0], texts.at(-1)], ['4', String(JOURNAL_LENGTH + 3)]);
    assert.equal(journal.count, JOURNAL_LENGTH + 3);
    const last = journal.entries(journal.count - 1).map(({ text }) => text);
    assert.deepEqual(last, [String(JOURNAL_LENGTH + 3)]);
    assert.deepEqual(journal.entries(journal.count), []);
  });

  it('emits each line at once', () => {
    const told: string[] = [];
    const journal = new Journal(
      newCounters(),
      () => 0,
      (direction, text) => told.push(`${direction} ${text}`),
    );
    journal.first.timedOut('at+cpin=1234');
    journal.first.heard({ type: 'noise', bytes: 5000 });
    assert.deepEqual(told, ['note no answer in time to at+cpin=…', 'note 5000 bytes that are no line']);
  });
});
