import assert from 'node:assert/strict';

import { AtError } from '../../../src/at';
import { settled } from '../../support/manual-clock';
import { type Response, reading } from '../../support/reading';

describe('A connection that was closed during a read', () => {
  const responses: Record<string, Response> = {
    'that returned data': 'data',
    'that was garbled': new AtError('malformed', 'garbled', true),
    'whose answer was lost': new AtError('timeout', 'no answer', true),
  };
  for (const [what, response] of Object.entries(responses)) {
    it(`${what} is not read again`, async () => {
      const { clock, connection, reader } = reading([response, 10]);
      reader.notice(connection);
      await clock.advance(1);
      connection.state = 'closed';
      reader.forget(connection);
      await clock.advance(1000);
      assert.deepEqual(reader.wanted(), []);
      assert.equal(clock.pending, 0);
    });
  }
});

describe('The end of reading', () => {
  function observed() {
    const it = reading(['abc', 1000]);
    const ended: string[] = [];
    const note = (what: string) => () => ended.push(`${what} at ${it.clock.now()}`);
    return { ...it, ended, note };
  }

  it('is awaited by a poll of the connection, and by whoever waits for all reads', async () => {
    const { clock, connection, reader, ended, note } = observed();
    void reader.poll(connection).then(note('poll'));
    void reader.ended().then(note('all'));
    await clock.advance(999);
    assert.deepEqual(ended, []);
    await clock.advance(1);
    assert.deepEqual(ended.sort(), ['all at 1000', 'poll at 1000']);
  });

  it('is there at once if nothing is read', async () => {
    const { clock, reader, ended, note } = observed();
    void reader.ended().then(note('all'));
    await clock.advance(0);
    assert.deepEqual(ended, ['all at 0']);
  });

  it('is not awaited for a connection that is closed', async () => {
    const { clock, connection, reader, ended, note } = observed();
    void reader.poll(connection).then(note('poll'));
    await clock.advance(10);
    connection.state = 'closed';
    reader.forget(connection);
    await clock.advance(0);
    assert.deepEqual(ended, ['poll at 10']);
  });

  it('is awaited without work for the process', async () => {
    const { clock, connection, reader, note } = observed();
    const { setImmediate } = globalThis;
    let turns = 0;
    globalThis.setImmediate = ((...given: Parameters<typeof setImmediate>) => {
      turns++;
      return setImmediate(...given);
    }) as typeof setImmediate;
    try {
      void reader.poll(connection).then(note('poll'));
      for (let count = 0; count < 10; count++) await settled();
    } finally {
      globalThis.setImmediate = setImmediate;
    }
    assert.equal(turns, 0);
    await clock.advance(2000);
  });
});
