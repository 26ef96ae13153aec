import assert from 'node:assert/strict';

import { PacedLine } from '../../../src/simulator/line/paced-line';
import { virtualClock } from '../../support/virtual-clock';

describe('paced line', () => {
  it('delivers in order, in slices, and no faster than the line', async () => {
    const pieces: Buffer[] = [];
    const sent = Buffer.from(Array.from({ length: 2304 }, (_, index) => index % 256));
    const clock = virtualClock();
    await new Promise<void>((done) => {
      const line = new PacedLine(921_600, (bytes) => {
        pieces.push(bytes);
        if (Buffer.concat(pieces).length === sent.length) done();
      });
      line.send(sent.subarray(0, 1000));
      line.send(sent.subarray(1000));
    });
    assert.deepEqual(Buffer.concat(pieces), sent);
    assert.ok(pieces.length > 1);
    assert.equal(clock.now(), 25);
  });

  it('counts from the time of writing, so that late timers do not add up', async () => {
    const clock = virtualClock();
    await clock.pass(100);
    const since = clock.now() - 20;
    const line = await new Promise<PacedLine>((done) => {
      const made: PacedLine = new PacedLine(10_000, () => done(made));
      made.send(Buffer.alloc(10), since);
    });
    assert.equal(line.carried, since + 10);
  });

  it('discards what is in transfer', () => {
    const line = new PacedLine(9600, () => assert.fail('delivered'));
    line.send(Buffer.from('abc'));
    line.clear();
    assert.equal(line.length, 0);
  });
});
