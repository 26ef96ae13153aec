import assert from 'node:assert/strict';

import { AtError } from '../../../src/at';
import { reading } from '../../support/reading';

describe('A read that fails', () => {
  it('is retried after the reads behind it, even if these take longer than the pause before the retry', async () => {
    const { clock, collector, connection, reader } = reading(
      ['full', 10],
      [new AtError('malformed', 'garbled', true), 10],
      ['more', 200],
      ['rest', 10],
    );
    reader.notice(connection);
    await clock.advance(1000);
    assert.equal(collector.dataOf(connection).toString(), 'fullmorerest');
    assert.equal(collector.missed.all.length, 1);
  });
});
