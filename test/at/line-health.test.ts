import assert from 'node:assert/strict';

import { AtError } from '../../src/at';
import { ChannelBench, query, read, TIMEOUT, write } from '../support/channel-bench';

/** A port whose settings are restored when the test says so. */
class SerialBench extends ChannelBench {
  /** How many times the settings were to be restored. */
  restorations = 0;
  finishRestoring: (error?: Error) => void = () => undefined;

  restore(): Promise<void> {
    this.restorations++;
    return new Promise((resolve, reject) => {
      this.finishRestoring = (error) => (error ? reject(error) : resolve());
    });
  }

  /** One read with this response. */
  /** @param isResynchronized whether the line is brought into step again after it */
  async reads(bytes: string, isResynchronized = false): Promise<unknown> {
    const answer = this.channel.execute(read).catch((error: unknown) => error);
    this.sayBytes(bytes);
    const value = await answer;
    if (isResynchronized) {
      await this.untilWrote('AT+CMEE?\r');
      this.say('+CMEE: 1', 'OK');
    }
    this.finishRestoring();
    await this.clock.advance(TIMEOUT);
    return value;
  }
}

const SOUND = '\r\n+R: 3\r\nabc\r\n\r\nOK\r\n';
/** Responses to a read over a line that doubles a byte, damages one, or changes line ends. */
const GARBLED = {
  'a byte too many': '\r\n+R: 3\r\na\xff\xffb\r\n\r\nOK\r\n',
  'more bytes too many': '\r\n+R: 3\r\nabcdefghi\r\n\r\nOK\r\n',
  'a damaged header': '\r\n+\xff: 3\r\nabc\r\n\r\nOK\r\n',
  'other line ends': '\n\n+R: 3\n\nabc\n\n\n\nOK\n\n',
};

describe('A response', () => {
  for (const [what, bytes] of Object.entries(GARBLED)) {
    it(`counts as garbled with ${what}`, async () => {
      const bench = new SerialBench();
      await bench.reads(SOUND);
      assert.deepEqual(bench.garbled, []);
      const result = await bench.reads(bytes, what === 'a damaged header');
      assert.ok(result instanceof AtError && result.failure === 'malformed', what);
      assert.deepEqual(bench.garbled, [1]);
      assert.equal(bench.restorations, 1);
      await bench.isAlive();
    });
  }

  it('counts as garbled with a block that is cut short', async () => {
    const bench = new SerialBench();
    const answer = bench.channel.execute(read);
    bench.sayBytes('\r\n+R: 30\r\nabc\r\n\r\nOK\r\n');
    const failure = bench.fails(answer, 'timeout', true);
    await bench.untilWrote('AT+CMEE?\r');
    bench.say('+CMEE: 1', 'OK');
    await failure;
    assert.deepEqual(bench.garbled, [1]);
    assert.equal(bench.restorations, 1);
  });

  it('adds to those garbled in a row, whatever queries succeed in between', async () => {
    const bench = new SerialBench();
    for (const inARow of [1, 2, 3, 4, 5]) {
      await bench.reads(GARBLED['a byte too many']);
      assert.equal(bench.channel.garbledInARow, inARow);
      const answer = bench.channel.execute(query);
      bench.say('+Q: 1', 'OK');
      await answer;
    }
    assert.deepEqual(bench.garbled, [1, 2, 3, 4, 5]);
    await bench.reads(SOUND);
    assert.deepEqual(bench.garbled, [1, 2, 3, 4, 5, 0]);
    // Restoring the settings has not helped at first.
    assert.equal(bench.restorations, 3);
    await bench.isAlive();
  });

  it('that reports payload as sent ends those garbled in a row', async () => {
    const bench = new SerialBench();
    await bench.reads(GARBLED['a byte too many']);
    const answer = bench.channel.execute(write);
    bench.sayBytes('\r\n> ');
    bench.say('+W: 1', 'OK');
    await answer;
    assert.deepEqual(bench.garbled, [1, 0]);
    await bench.isAlive();
  });

  it('does not count as garbled with unsolicited lines, wherever they are', async () => {
    const bench = new SerialBench();
    for (const line of ['+URC: 1', '+CREG: 5', 'RING', '+QIND: SMS DONE', '^MODE: 3'])
      await bench.reads(`\r\n${line}\r\n\r\n+R: 3\r\nabc\r\n\r\n${line}\r\n\r\nOK\r\n`);
    assert.deepEqual(bench.garbled, []);
    assert.equal(bench.restorations, 0);
    await bench.isAlive();
  });

  it('does not count as garbled with line ends that have been unusual from the beginning', async () => {
    const bench = new SerialBench();
    for (let count = 0; count < 5; count++) {
      const answer = bench.channel.execute(query);
      bench.sayBytes('\n+Q: 1\n\nOK\n');
      await answer;
    }
    assert.deepEqual(bench.garbled, []);
    await bench.isAlive();
  });
});

describe('The settings of a port', () => {
  it('are restored after a timeout, and commands wait for that', async () => {
    const bench = new SerialBench();
    const late = bench.channel.execute({ ...query, isRepeatable: false });
    const next = bench.channel.execute({ ...query, text: 'AT+NEXT' });
    const failure = bench.fails(late, 'timeout', true);
    await bench.untilWrote('AT+CMEE?\r');
    bench.say('+CMEE: 1', 'OK');
    await failure;
    assert.equal(bench.restorations, 1);
    bench.wrote();
    bench.say('+URC: meanwhile');
    const before = bench.resyncs;
    bench.finishRestoring();
    await bench.clock.advance(0);
    bench.wrote('AT+NEXT\r');
    // What was received during that may be lost.
    assert.equal(bench.resyncs, before + 1);
    assert.deepEqual(bench.unsolicited, ['+URC: meanwhile']);
    bench.say('+Q: 1', 'OK');
    await next;
    await bench.isAlive();
  });

  it('are restored after a result code that belongs to no command, but not for each of many', async () => {
    const bench = new SerialBench();
    for (let count = 0; count < 100; count++) {
      bench.say('OK');
      bench.finishRestoring();
      await bench.clock.advance(1);
    }
    assert.equal(bench.restorations, 1);
    bench.channel.close(new Error('end'));
  });

  for (const [what, finish] of [
    ['cannot be restored', (bench: SerialBench) => bench.finishRestoring(new Error('EBUSY'))],
    ['take too long to be restored', () => undefined],
  ] as const) {
    it(`delay nothing if the transport ${what}`, async () => {
      const bench = new SerialBench();
      bench.say('ERROR');
      assert.equal(bench.restorations, 1);
      finish(bench);
      await bench.clock.advance(TIMEOUT);
      await bench.isAlive();
    });
  }

  it('are not restored if the channel is closed meanwhile', async () => {
    const bench = new SerialBench();
    bench.say('OK');
    bench.channel.close(new Error('end'));
    bench.finishRestoring();
    await bench.clock.advance(0);
    assert.equal(bench.resyncs, 0);
    assert.equal(bench.clock.pending, 0);
  });
});
