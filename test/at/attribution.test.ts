import assert from 'node:assert/strict';
import fc from 'fast-check';

import { type AtError, type Command } from '../../src/at';
import { MAX_LINES } from '../../src/at/exchange';
import {
  ChannelBench,
  decode,
  order,
  query,
  QUIET,
  raw,
  read,
  TIMEOUT,
  write,
} from '../support/channel-bench';

describe('A line', () => {
  describe('counts as an echo', () => {
    it('only if it is what was sent, and comes first', async () => {
      const bench = new ChannelBench();
      const list = bench.channel.execute({ text: 'AT+CLAC', decode });
      bench.say('AT+CLA', 'AT&F', 'AT+CLAC', 'at+clac', 'OK');
      assert.equal(await list, 'AT+CLA|AT&F|AT+CLAC|at+clac');
      assert.deepEqual(bench.echoes, []);

      const again = bench.channel.execute({ text: 'AT+CLAC', decode });
      bench.say('AT+CLAC', 'AT&F', 'AT+CLAC', 'OK');
      assert.equal(await again, 'AT&F|AT+CLAC');
      assert.deepEqual(bench.echoes, ['AT+CLAC']);
      await bench.isAlive();
    });

    it('and then is neither part of the response nor unsolicited', async () => {
      const bench = new ChannelBench();
      for (const command of [query, order, raw, read]) {
        const answer = bench.channel.execute(command);
        bench.sayBytes(`${command.text}\r\r\n+R: 0\r\n\r\n+Q: 0\r\n\r\nOK\r\n`);
        assert.doesNotMatch((await answer) as string, /AT/);
      }
      assert.equal(bench.echoes.length, 4);
      assert.ok(!bench.unsolicited.some((line) => line.startsWith('AT')));
      await bench.isAlive();
    });

    it('also during a resync', async () => {
      const bench = new ChannelBench();
      const lost = bench.fails(bench.channel.execute(order), 'timeout', true);
      await bench.clock.advance(TIMEOUT);
      bench.say('AT+SET=1', 'AT+SET=2');
      await bench.clock.advance(QUIET + TIMEOUT / 4);
      bench.say('AT+CMEE?');
      await bench.untilWrote('AT+CSQ\r');
      bench.say('AT+CMEE?', 'AT+CSQ', '+CSQ: 9,9', 'OK');
      await lost;
      assert.deepEqual(bench.unsolicited, ['AT+SET=2']);
      await bench.isAlive();
    });
  });

  describe('is unsolicited during a command without response prefixes', () => {
    it('if it has the name of another command, or is known to be a URC', async () => {
      const bench = new ChannelBench();
      const answer = bench.channel.execute({ text: 'AT+CSQ', decode });
      bench.say('RING', '+CREG: 2', '+CSQ: 24,99', 'plain', '+CMTI: "ME",3', 'OK');
      assert.equal(await answer, '+CSQ: 24,99|plain');
      assert.deepEqual(bench.unsolicited, ['RING', '+CREG: 2', '+CMTI: "ME",3']);
      await bench.isAlive();
    });
  });

  describe('counts as the result code of a command', () => {
    const rejected = async (text: string, command: Command, wait = 0): Promise<void> => {
      const bench = new ChannelBench();
      let said = '';
      const ended = bench.channel.execute(command).catch((error: unknown) => {
        const { failure, message } = error as AtError;
        assert.equal(failure, 'rejected', message);
        said = message;
      });
      bench.say(text);
      if (wait > 0) {
        await bench.clock.advance(wait);
        bench.say('+CMEE: 1', 'OK');
      }
      await ended;
      assert.match(said, new RegExp(`${text.replace('+', '\\+')}.* to AT`));
      await bench.isAlive();
    };

    for (const text of ['ERROR', 'ABORTED', 'COMMAND NOT SUPPORT', 'TOO MANY PARAMETERS', '+CMS ERROR: 305'])
      it(`at once, if it is ${text}`, async () => {
        for (const command of [query, order, raw, read, write]) await rejected(text, command);
      });

    for (const text of ['NO CARRIER', 'BUSY', 'NO ANSWER', 'NO DIALTONE', 'DELAYED', 'BLACKLISTED']) {
      it(`after a pause, if it is ${text} and the command may be one that dials`, () =>
        rejected(text, raw, 2 * QUIET));

      it(`not if it is ${text} and the command has response prefixes`, async () => {
        const bench = new ChannelBench();
        const answer = bench.channel.execute(query);
        bench.say(text, '+Q: 1', 'OK');
        assert.equal(await answer, '+Q: 1');
        assert.deepEqual(bench.unsolicited, [text]);
        await bench.isAlive();
      });

      it(`not if it is ${text} and more of the response follows`, async () => {
        for (const wait of [0, QUIET, 2 * QUIET]) {
          const bench = new ChannelBench();
          const answer = bench.channel.execute(raw);
          bench.say(text);
          await bench.clock.advance(wait);
          bench.say('mine', 'OK');
          await bench.clock.advance(2 * QUIET - wait);
          if (wait > 0) bench.say('+CMEE: 1', 'OK');
          assert.equal(await answer, 'mine');
          assert.deepEqual(bench.unsolicited, [text]);
          await bench.isAlive();
        }
      });
    }

    it('not if it may be the end of an incoming call', async () => {
      for (const ring of ['RING', '+CRING: VOICE']) {
        const bench = new ChannelBench();
        bench.say(ring);
        const slow = bench.channel.execute({ ...raw, timeout: 60_000 });
        bench.say('NO CARRIER');
        await bench.clock.advance(30_000);
        bench.wrote('AT+RAW\r');
        bench.say('mine', 'OK');
        assert.equal(await slow, 'mine');
        assert.deepEqual(bench.unsolicited, [ring, 'NO CARRIER']);
        await bench.isAlive();
      }
    });

    it('not if the bytes that woke the module may have caused it', async () => {
      for (const [text, wait] of [
        ['ERROR', 0],
        ['OK', 0],
        ['ABORTED', 0],
        ['+CME ERROR: 100', 0],
        ['ERROR', QUIET],
        ['OK', QUIET],
      ] as const) {
        const bench = new ChannelBench();
        const answer = bench.channel.execute({ text: 'AT+COPS=?', decode });
        const cut = assert.rejects(answer, ({ failure, mayHaveHappened, message }: AtError) => {
          assert.deepEqual([failure, mayHaveHappened], ['timeout', true]);
          assert.equal(message, 'AT+COPS=? was not answered within 5 s, and was then cut off');
          return true;
        });
        await bench.clock.advance(TIMEOUT);
        bench.wrote('AT+COPS=?\r', '\r');
        await bench.clock.advance(wait);
        bench.say(text);
        await bench.clock.advance(QUIET);
        bench.say('+CMEE: 1', 'OK');
        await cut;
        await bench.isAlive();
      }
    });

    it('even if it comes late, if those bytes cannot have caused it', async () => {
      const bench = new ChannelBench();
      const refused = bench.fails(bench.channel.execute(order), 'rejected', false);
      const list = bench.channel.execute({ text: 'AT+COPS=?', decode });
      await bench.clock.advance(TIMEOUT);
      bench.say('+CME ERROR: 3');
      await bench.untilWrote('AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      await refused;
      await bench.clock.advance(TIMEOUT);
      bench.say('+COPS: (2,"A")', 'OK');
      await bench.untilWrote('AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      assert.equal(await list, '+COPS: (2,"A")');
      await bench.isAlive();
    });

    it('which the decoder gets, even if no line came before it', async () => {
      const bench = new ChannelBench();
      const answer = bench.channel.execute({ ...read, decode: (said) => said });
      bench.say('OK');
      assert.deepEqual(await answer, { lines: [], final: 'OK' });
      await bench.isAlive();
    });
  });

  describe('is processed in the order of the line:', () => {
    const ordered = (bench: ChannelBench) => {
      const told: string[] = [];
      bench.channel
        .execute(read, {
          onAnswer: (value) => told.push(`answer ${value as string}`),
        })
        .then(
          () => told.push('resolved'),
          (error: unknown) => told.push((error as AtError).failure),
        );
      bench.onUnsolicited = (line) => void told.push(line);
      return told;
    };

    it('onAnswer is called when the response is complete, and the promise settles at its result code', async () => {
      for (const [final, resyncs] of [
        ['OK', 0],
        ['ERROR', 0],
        [undefined, 1],
      ] as const) {
        const bench = new ChannelBench();
        const told = ordered(bench);
        bench.sayBytes('\r\n+URC: 1\r\n\r\n+R: 5\r\nhello\r\n\r\n+URC: 2\r\n');
        await bench.clock.advance(QUIET);
        const sofar = ['+URC: 1', 'answer hello', '+URC: 2'];
        assert.deepEqual(told, sofar);
        if (final) bench.say(final);
        else {
          await bench.untilWrote('AT+CMEE?\r');
          bench.say('+CMEE: 1', 'OK');
        }
        await bench.clock.advance(0);
        assert.deepEqual(told, [...sofar, 'resolved']);
        assert.equal(bench.resyncs, resyncs);
        await bench.isAlive();
      }
    });

    it('onAnswer is called for a response that is complete during a resync, or before the link is lost', async () => {
      const bench = new ChannelBench();
      const told = ordered(bench);
      await bench.clock.advance(TIMEOUT);
      bench.sayBytes('\r\n+URC: 1\r\n\r\n+R: 5\r\nhello\r\n\r\n+URC: 2\r\n');
      assert.deepEqual(told, ['+URC: 1', 'answer hello', '+URC: 2']);
      bench.channel.close(new Error('unplugged'));
      await bench.clock.advance(0);
      assert.equal(told.at(-1), 'resolved');
    });

    it('a response that cannot be decoded rejects at its result code', async () => {
      const bench = new ChannelBench();
      const told: string[] = [];
      const picky: Command = {
        ...read,
        decode: () => {
          throw new RangeError('no sense');
        },
      };
      const failed = bench.fails(
        bench.channel.execute(picky, { onAnswer: () => told.push('answer') }),
        'malformed',
        true,
      );
      bench.sayBytes('\r\n+R: 5\r\nhello\r\n\r\nOK\r\n');
      await failed;
      assert.deepEqual(told, []);
      await bench.isAlive();
    });
  });

  describe('belongs to a response that has no end only', () => {
    it('until a time limit, for any command', async () => {
      const bench = new ChannelBench();
      const list = assert.rejects(bench.channel.execute({ ...query, isRepeatable: false }), {
        failure: 'timeout',
        message: 'the answer to AT+Q had not ended within 300 s, and was then cut off',
      });
      for (let ms = 0; ms < 300_000; ms += 1000) {
        bench.say('+Q: 1');
        await bench.clock.advance(1000);
      }
      bench.wrote('AT+Q\r', '\r');
      await bench.untilWrote('AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      await list;
      await bench.isAlive();
    });

    it('as far as a list of the maximum number of sockets goes', async () => {
      const bench = new ChannelBench();
      const list = bench.channel.execute({ ...query, decode: ({ lines }) => lines });
      const rows = Array.from({ length: 65_535 }, (_, row) => `+Q: ${row}`);
      bench.sayBytes(`${rows.join('\r\n')}\r\n\r\nOK\r\n`);
      assert.deepEqual(await list, rows);
      await bench.isAlive();
    });

    it('until a number of lines, for any command', async () => {
      for (const [command, line] of [
        [{ ...query, isRepeatable: false }, '+Q: 1'],
        [raw, 'plain'],
      ] as const) {
        const bench = new ChannelBench();
        const list = assert.rejects(bench.channel.execute(command), {
          failure: 'malformed',
          message: `the answer to ${command.text} was given up after ${MAX_LINES + 1} lines`,
        });
        const lines = Buffer.from(`${line}\r\n`.repeat(1000));
        for (let times = 0; times < 120; times++) bench.channel.receive(lines);
        bench.wrote(`${command.text}\r`, '\r');
        await bench.untilWrote('AT+CMEE?\r');
        bench.say('+CMEE: 1', 'OK');
        await list;
        await bench.isAlive();
      }
    });
  });

  it('belongs to the same of these, wherever chunks end', () => {
    const lines = fc.constantFrom(
      ...['AT+RAW', 'RING', 'NO CARRIER', '+CREG: 1', '+RAW: 1', 'plain', '+URC: 1', '+CUSD: 1,"a', 'b",15'],
    );
    fc.assert(
      fc.property(
        fc.array(lines, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (lines, cuts) => {
          const hear = (cuts: readonly number[]) => {
            const bench = new ChannelBench();
            const answers: unknown[] = [];
            void bench.channel.execute(raw, { onAnswer: (value) => answers.push(value) });
            bench.sayBytes(lines.map((line) => `\r\n${line}\r\n`).join('') + '\r\nOK\r\n', cuts);
            bench.channel.close(new Error('end'));
            return [answers, bench.unsolicited, bench.echoes];
          };
          assert.deepEqual(hear(cuts), hear([]));
        },
      ),
    );
  });
});
