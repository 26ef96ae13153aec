import assert from 'node:assert/strict';

import { Channel } from '../../src/at';
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
import { ManualClock, settled } from '../support/manual-clock';

describe('A channel', () => {
  it('has one command on the line at a time', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    const second = bench.channel.execute(order);
    bench.wrote('AT+Q\r');
    bench.say('+URC: 1', '+Q: 1', 'OK');
    bench.wrote('AT+SET=1\r');
    bench.say('+Q: stray', 'OK');
    assert.deepEqual(await Promise.all([first, second]), ['+Q: 1', '']);
    assert.deepEqual(bench.unsolicited, ['+URC: 1', '+Q: stray']);
    await bench.isAlive();
  });

  it('takes nothing that came before a command was written for its response', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    const second = bench.channel.execute({ ...order, text: 'AT+SET=2' });
    bench.say('+Q: 1', 'OK', 'ERROR', '+URC: 1');
    bench.say('OK');
    assert.deepEqual(await Promise.all([first, second]), ['+Q: 1', '']);
    await bench.isAlive();
  });

  it('fills a body of fixed length whose prompt was lost, as nothing else ends it, and its outcome is unknown', async () => {
    const bench = new ChannelBench();
    const body = Buffer.from('12345678');
    const sent = bench.channel.execute({ ...write, body, isFixedLength: true });
    bench.wrote('AT+W\r');
    await bench.toFence();
    bench.wrote('\x1b\r', 'AT+CMEE?\r');
    await bench.clock.advance(TIMEOUT / 4);
    bench.wrote('\r'.repeat(body.length));
    bench.say('+W: 8', 'OK');
    await bench.clock.advance(QUIET);
    bench.wrote('AT+CSQ\r');
    bench.say('+CSQ: 9,9', 'OK');
    await bench.fails(sent, 'mixed', true);
    await bench.isAlive();
  });

  it('writes only the fence after a body in which ESC is data, and accepts a late response', async () => {
    for (const said of ['+W: 8', 'SEND OK'])
      for (const isBeforeFence of [true, false]) {
        const bench = new ChannelBench();
        const finals = ['SEND OK'];
        const command = {
          ...write,
          finals,
          body: Buffer.from('12345678'),
          isFixedLength: true,
          isEscapeData: true,
        };
        const sent = bench.channel.execute({
          ...command,
          decode: ({ lines, final = '' }) => lines.join() || final,
        });
        bench.sayBytes('\r\n> ');
        await bench.clock.advance(TIMEOUT);
        if (isBeforeFence) bench.say(said);
        await bench.clock.advance(QUIET);
        bench.wrote('AT+W\r', '12345678', 'AT+CMEE?\r');
        if (!isBeforeFence) bench.say(said);
        bench.say('+CMEE: 1', 'OK');
        assert.equal(await sent, said);
        await bench.isAlive();
      }
  });

  it('accepts no response to a body of fixed length after an ESC that may have become part of it', async () => {
    for (const said of ['+W: 8', 'SEND OK'])
      for (const prompt of ['', '\r\n> ']) {
        const bench = new ChannelBench();
        const sent = bench.channel.execute({ ...write, finals: ['SEND OK'], isFixedLength: true });
        bench.sayBytes(prompt);
        await bench.clock.advance(TIMEOUT);
        bench.say(said);
        await bench.clock.advance(QUIET);
        bench.say('+CMEE: 1', 'OK');
        await bench.fails(sent, 'mixed', true);
        await bench.isAlive();
      }
  });

  describe('writes a harmless body of fixed length although there was no prompt:', () => {
    const send = (bench: ChannelBench) =>
      bench.channel.execute({
        ...write,
        body: Buffer.from('12345678'),
        isFixedLength: true,
        isBodyHarmless: () => true,
      });

    it('a module that waits for it takes it', async () => {
      for (const prompt of ['', '\r\n> ']) {
        const bench = new ChannelBench();
        const sent = send(bench);
        await bench.clock.advance(TIMEOUT);
        bench.wrote('AT+W\r', '12345678\r');
        bench.sayBytes(prompt);
        bench.say('+W: 8', 'OK');
        await bench.clock.advance(QUIET);
        bench.wrote('AT+CMEE?\r');
        bench.say('+CMEE: 1', 'OK');
        assert.equal(await sent, '+W: 8');
        await bench.isAlive();
      }
    });

    it('its outcome is unknown if there is no response', async () => {
      const bench = new ChannelBench();
      const sent = send(bench);
      await bench.toFence();
      bench.wrote('AT+W\r', '12345678\r', 'AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(sent, 'timeout', true);
      await bench.isAlive();
    });

    it('the data phase is ended if the module has lost part of it', async () => {
      const bench = new ChannelBench();
      const sent = send(bench);
      await bench.toFence();
      await bench.clock.advance(TIMEOUT / 4 + QUIET);
      bench.wrote('AT+W\r', '12345678\r', 'AT+CMEE?\r', '\x1b\r', 'AT+CSQ\r');
      await bench.clock.advance(TIMEOUT);
      bench.wrote('\r'.repeat(8), 'AT+IPR?\r');
      bench.say('+W: 8', 'OK', '+IPR: 115200', 'OK');
      await bench.fails(sent, 'mixed', true);
      await bench.isAlive();
    });
  });

  it('fills the body that a module may expect whose state is unknown', async () => {
    const bench = new ChannelBench();
    const inStep = bench.channel.synchronize();
    bench.wrote('\x1b\r');
    await bench.clock.advance(QUIET);
    bench.wrote('AT+CMEE?\r');
    await bench.clock.advance(TIMEOUT / 4);
    bench.wrote('\r'.repeat(1460));
    bench.say('+W: 1460', 'OK');
    await bench.clock.advance(QUIET);
    bench.wrote('\nATS5=8S3=13S4=10\n\r');
    await bench.clock.advance(QUIET);
    bench.wrote('\nATE0Q0V1\n\r');
    await bench.clock.advance(QUIET);
    bench.wrote('AT+CSQ\r');
    bench.say('+CSQ: 9,9', 'OK');
    await inStep;
    await bench.isAlive();
  });

  it('fills no body that is known to have ended', async () => {
    const bench = new ChannelBench();
    const sent = bench.channel.execute({ ...write, body: Buffer.from('12345678'), isFixedLength: true });
    await bench.toFence();
    bench.say('OK', '+CMEE: 1', 'OK');
    await bench.fails(sent, 'noPrompt', false);
    await bench.isAlive();
  });

  it('reports that a module echoes commands', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    bench.say('+Q: 1', 'OK');
    await first;
    assert.deepEqual(bench.echoes, []);
    const second = bench.channel.execute(query);
    bench.sayBytes('AT+Q\r\r\n+Q: 1\r\n\r\nOK\r\n');
    await second;
    assert.deepEqual(bench.echoes, ['AT+Q']);
  });

  it('takes no earlier prompt for that of a body', async () => {
    const bench = new ChannelBench();
    bench.sayBytes('\r\n> ');
    const sent = bench.channel.execute(write);
    bench.say('ERROR');
    bench.wrote('AT+W\r');
    await bench.fails(sent, 'rejected', false);
    await bench.isAlive();
  });

  it('writes a command that a listener has queued after all received lines were handled', async () => {
    const clock = new ManualClock();
    const written: string[] = [];
    let answer: Promise<unknown> | undefined;
    const channel: Channel = new Channel(
      { write: (bytes) => void written.push(bytes.toString()), close: () => Promise.resolve() },
      {
        clock,
        timeout: TIMEOUT,
        isUnsolicited: () => false,
        onUnsolicited: () => void (answer ??= channel.execute(order)),
        onResync: () => undefined,
        onFailed: () => undefined,
      },
    );
    channel.receive(Buffer.from('\r\n+URC: 1\r\n\r\nERROR\r\n'));
    assert.deepEqual(written, ['AT+SET=1\r']);
    channel.receive(Buffer.from('\r\nOK\r\n'));
    assert.equal(await answer, '');
  });

  it('writes a body after its prompt', async () => {
    const bench = new ChannelBench();
    const sent = bench.channel.execute(write);
    bench.wrote('AT+W\r');
    bench.sayBytes('AT+W\r\r\n> ');
    bench.wrote('body\x1a');
    bench.sayBytes('body');
    bench.say('+W: 4', 'OK');
    assert.equal(await sent, '+W: 4');
    assert.deepEqual(bench.unsolicited, []);
    await bench.isAlive();
  });

  it('does not write a command that is not wanted any more when its turn comes', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    const second = bench.channel.execute(order, { isWanted: () => false });
    const third = bench.channel.execute(query);
    bench.say('+Q: 1', 'OK');
    bench.wrote('AT+Q\r', 'AT+Q\r');
    bench.say('+Q: 3', 'OK');
    assert.deepEqual(await Promise.all([first, third]), ['+Q: 1', '+Q: 3']);
    await bench.fails(second, 'cancelled', false);
    await bench.isAlive();
  });

  it('has a queue of limited size', async () => {
    const bench = new ChannelBench();
    const all = Array.from({ length: 4097 }, () => bench.channel.execute(order));
    const rest = all.map((it) => it.catch(() => undefined));
    await bench.fails(bench.channel.execute(order), 'full', false);
    bench.channel.close(new Error('end'));
    await Promise.all(rest);
  });

  it('waits for the timeout of each command, and no longer because of noise', async () => {
    const bench = new ChannelBench();
    const slow = bench.channel.execute({ ...order, timeout: 60_000 });
    for (let ms = 0; ms < 59_000; ms += 1000) {
      bench.sayBytes('~'.repeat(5000));
      await bench.clock.advance(1000);
    }
    bench.wrote('AT+SET=1\r');
    await bench.clock.advance(1000);
    bench.wrote('\r');
    bench.channel.close(new Error('end'));
    await bench.fails(slow, 'lost', true);
  });

  it('waits for a response as long as it goes on, and no longer because of URCs', async () => {
    const bench = new ChannelBench();
    const list = bench.channel.execute(query);
    for (const line of ['+Q: 1', '+Q: 2', '+Q: 3']) {
      await bench.clock.advance(TIMEOUT - 1);
      bench.say(line);
    }
    await bench.clock.advance(TIMEOUT - 1);
    bench.say('+URC: 1');
    bench.wrote('AT+Q\r');
    await bench.clock.advance(1);
    bench.wrote('\r');
    bench.say('OK');
    await bench.clock.advance(QUIET);
    bench.say('+CMEE: 1', 'OK');
    assert.equal(await list, '+Q: 1|+Q: 2|+Q: 3');
    await bench.isAlive();
  });

  it('waits for a block as long as it goes on', async () => {
    const bench = new ChannelBench();
    const data = bench.channel.execute(read);
    bench.sayBytes('\r\n+R: 5\r\n');
    for (const byte of 'hello') {
      await bench.clock.advance(TIMEOUT - 1);
      bench.sayBytes(byte);
    }
    bench.say('', 'OK');
    assert.equal(await data, 'hello');
    await bench.isAlive();
  });

  describe('during a resync', () => {
    it('wakes the module, waits until the line is quiet, and sends fences until one is answered', async () => {
      const bench = new ChannelBench();
      const lost = bench.channel.execute(order);
      const next = bench.channel.execute(query);
      await bench.clock.advance(TIMEOUT);
      bench.wrote('AT+SET=1\r', '\r');
      await bench.clock.advance(QUIET - 1);
      bench.sayBytes('\r\nlate');
      await bench.clock.advance(QUIET - 1);
      bench.wrote();
      await bench.clock.advance(1);
      bench.wrote('AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(lost, 'timeout', true);
      assert.equal(bench.resyncs, 1);
      bench.wrote('AT+Q\r');
      bench.say('+Q: 1', 'OK');
      assert.equal(await next, '+Q: 1');
      await bench.isAlive();
    });

    it('does not wait until URCs end', async () => {
      const urc = `\r\n+URC: ${'x'.repeat(60)}\r\n`;
      for (const [interval, isOverdue] of [
        [5, true],
        [90, true],
        [40, false],
        [5, false],
      ] as const) {
        const bench = new ChannelBench();
        if (isOverdue) {
          bench.channel.execute(order).catch(() => undefined);
          await bench.clock.advance(TIMEOUT);
        } else void bench.channel.synchronize();
        bench.wrote(...(isOverdue ? ['AT+SET=1\r', '\r'] : ['\x1b\r']));
        for (let ms = 0; ms <= 2 * QUIET; ms += interval) {
          bench.sayBytes(urc);
          await bench.clock.advance(interval);
        }
        bench.wrote('AT+CMEE?\r');
        bench.channel.close(new Error('end of test'));
      }
    });

    it('does not wait forever until the line is quiet', async () => {
      const bench = new ChannelBench();
      bench.channel.execute(order).catch(() => undefined);
      await bench.clock.advance(TIMEOUT);
      bench.wrote('AT+SET=1\r', '\r');
      for (let ms = 0; ms < 2000; ms += 50) {
        bench.sayBytes('~');
        await bench.clock.advance(50);
      }
      bench.wrote('AT+CMEE?\r');
    });

    it('delivers the data of a late read, before or after the fence was written', async () => {
      for (const wait of [TIMEOUT, TIMEOUT + QUIET]) {
        const bench = new ChannelBench();
        const data = bench.channel.execute(read);
        await bench.clock.advance(wait);
        bench.sayBytes('\r\n+R: 6\r\n\r\nOK\r\n\r\nOK\r\n');
        await bench.clock.advance(wait + QUIET - TIMEOUT);
        bench.say('+CMEE: 1', 'OK');
        assert.equal(await data, '\r\nOK\r\n');
        await bench.isAlive();
      }
    });

    it('repeats a query, once', async () => {
      const bench = new ChannelBench();
      const refused = bench.fails(bench.channel.execute(query), 'timeout', true);
      for (let times = 0; times < 2; times++) {
        await bench.toFence();
        bench.wrote('AT+Q\r', '\r', 'AT+CMEE?\r');
        bench.say('+CMEE: 1', 'OK');
        await settled();
      }
      await refused;
      bench.wrote();
      await bench.isAlive();
    });

    it('repeats no other command', async () => {
      for (const command of [order, raw, read, write]) {
        const bench = new ChannelBench();
        const answer = bench.channel.execute(command);
        await bench.toFence();
        bench.wrote(`${command.text}\r`, command.body ? '\x1b\r' : '\r', 'AT+CMEE?\r');
        bench.say('+CMEE: 1', 'OK');
        await assert.rejects(answer);
        bench.wrote();
        await bench.isAlive();
      }
    });

    it('answers a late prompt with ESC, never with the body or Ctrl-Z', async () => {
      const bench = new ChannelBench();
      const sent = bench.channel.execute(write);
      await bench.clock.advance(TIMEOUT);
      bench.wrote('AT+W\r', '\x1b\r');
      bench.sayBytes('\r\n> ');
      bench.wrote('\x1b\r');
      bench.say('OK');
      await bench.clock.advance(QUIET);
      bench.wrote('AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(sent, 'noPrompt', false);
      await bench.isAlive();
    });

    it('ends a data phase that a command without a body has opened', async () => {
      const bench = new ChannelBench();
      const sent = bench.channel.execute({ ...raw, text: 'AT+CMGS="1"' });
      bench.sayBytes('\r\n> ');
      await bench.clock.advance(TIMEOUT);
      bench.wrote('AT+CMGS="1"\r', '\r');
      bench.sayBytes('\r\n> ');
      bench.wrote('\x1b\r', '\x1b\r');
      bench.say('OK');
      await bench.clock.advance(QUIET);
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(sent, 'timeout', true);
      await bench.isAlive();
    });

    it('does not take the late echo of a body for its response', async () => {
      const bench = new ChannelBench();
      const body = '\r\n+W: 7\r\n';
      const sent = bench.channel.execute({ ...write, body: Buffer.from(`${body}\x1a`) });
      bench.sayBytes('AT+W\r\r\n> ');
      await bench.clock.advance(TIMEOUT);
      bench.sayBytes(body);
      await bench.clock.advance(QUIET);
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(sent, 'timeout', true);
      await bench.isAlive();
    });

    it('does not know whether the module has taken a body', async () => {
      const bench = new ChannelBench();
      const sent = bench.channel.execute(write);
      bench.sayBytes('\r\n> ');
      await bench.clock.advance(TIMEOUT);
      bench.wrote('AT+W\r', 'body\x1a', '\x1b\r');
      bench.say('OK');
      await bench.clock.advance(QUIET);
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(sent, 'timeout', true);
      await bench.isAlive();
    });

    it('takes a late result code for that of the command only if the fence has one of its own', async () => {
      const own = new ChannelBench();
      const set = own.channel.execute(order);
      await own.toFence();
      own.say('ERROR', '+CMEE: 1', 'OK');
      await own.fails(set, 'rejected', false);
      await own.isAlive();

      // The line of the fence is lost, so its OK looks like that of the command.
      const others = new ChannelBench();
      const lost = others.channel.execute(order);
      await others.toFence();
      others.say('OK');
      await others.clock.advance(TIMEOUT / 4 + QUIET);
      others.say('+CSQ: 20,99', 'OK');
      await others.fails(lost, 'timeout', true);
      await others.isAlive();
    });

    it('does not take the response to an earlier fence for that of the command or of the next fence', async () => {
      for (const command of [raw, order]) {
        const bench = new ChannelBench();
        const lost = bench.channel.execute(command);
        await bench.toFence();
        await bench.clock.advance(TIMEOUT / 4 + QUIET);
        bench.wrote(`${command.text}\r`, '\r', 'AT+CMEE?\r', '\r', 'AT+CSQ\r');
        bench.say('+CMEE: 1', 'OK');
        assert.equal(bench.resyncs, 0);
        bench.say('+CSQ: 20,99', 'OK');
        await bench.fails(lost, 'timeout', true);
        assert.deepEqual(bench.unsolicited, []);
        await bench.isAlive();
      }
    });

    it('uses no fence that is the same query as the overdue command', async () => {
      const bench = new ChannelBench();
      const answer = bench.channel.execute({ text: 'at+cmee?', decode });
      await bench.toFence();
      bench.wrote('at+cmee?\r', '\r', 'AT+CSQ\r');
      bench.say('+CMEE: 2', 'OK', '+CSQ: 20,99', 'OK');
      assert.equal(await answer, '+CMEE: 2');
      await bench.isAlive();
    });

    it('trusts no line after a block that was cut short', async () => {
      const bench = new ChannelBench();
      const data = bench.channel.execute(read);
      bench.sayBytes('\r\n+R: 100\r\nsome of it');
      await bench.clock.advance(TIMEOUT);
      bench.wrote('AT+R\r', '\r');
      bench.say('+URC: false', 'OK', '> ', 'ERROR');
      await bench.clock.advance(QUIET);
      bench.wrote('AT+CMEE?\r');
      bench.say('+URC: false', 'OK', 'ERROR');
      assert.equal(bench.resyncs, 0);
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(data, 'timeout', true);
      assert.deepEqual(bench.unsolicited, []);
      assert.equal(bench.resyncs, 1);
      await bench.isAlive();
    });

    it('does not take part of the block for the response to a fence', async () => {
      const bench = new ChannelBench();
      const data = bench.channel.execute(read);
      bench.sayBytes('\r\n+R: 100\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n');
      await bench.toFence();
      bench.say('the rest');
      assert.equal(bench.resyncs, 0);
      bench.say('+CMEE: 1', 'OK');
      await bench.fails(data, 'timeout', true);
      await bench.isAlive();
    });

    it('ends when a late block is cut short', async () => {
      for (const wait of [TIMEOUT, TIMEOUT + QUIET]) {
        const bench = new ChannelBench();
        const data = bench.channel.execute(read);
        await bench.clock.advance(wait);
        bench.sayBytes('\r\n+R: 100\r\nsome of it');
        await bench.clock.advance(TIMEOUT + QUIET);
        bench.say(wait === TIMEOUT ? '+CMEE: 1' : '+CSQ: 1', 'OK');
        await bench.fails(data, 'timeout', true);
        await bench.isAlive();
      }
    });

    it('ends with a module that supports none of the fences', async () => {
      const bench = new ChannelBench();
      bench.write = (bytes) => {
        const text = bytes.toString().trim();
        if (text.startsWith('AT')) bench.clock.after(1, () => bench.say(text.includes('+') ? 'ERROR' : 'OK'));
      };
      const ready = bench.channel.synchronize();
      await bench.clock.advance(8 * QUIET);
      await ready;
    });

    it('fails with a module that has rejected every fence if a result code may still be pending', async () => {
      const bench = new ChannelBench();
      const refused = bench.fails(bench.channel.execute(order), 'lost', true);
      await bench.toFence();
      for (const part of [4, 2, 1]) {
        bench.say('ERROR');
        await bench.clock.advance(TIMEOUT / part + QUIET);
      }
      await refused;
      assert.equal(bench.failures.length, 1);
    });

    it('adds nothing to a response that has ended', async () => {
      const bench = new ChannelBench();
      const answer = bench.channel.execute(raw);
      await bench.toFence();
      bench.say('mine', 'OK', 'RDY', '+CMEE: 1', 'OK');
      assert.equal(await answer, 'mine');
      assert.deepEqual(bench.unsolicited, ['RDY']);
      await bench.isAlive();
    });

    it('reports URCs meanwhile', async () => {
      const bench = new ChannelBench();
      const ready = bench.channel.synchronize();
      bench.say('OK', 'RDY');
      await bench.clock.advance(QUIET);
      bench.say('+URC: 1', '+CMEE: 1', '+URC: 2', 'OK');
      await ready;
      assert.deepEqual(bench.unsolicited, ['RDY', '+URC: 1', '+URC: 2']);
      assert.equal(bench.resyncs, 0);
      await bench.isAlive();
    });
  });

  describe('with a measured pace', () => {
    /** The longest measured response time in ms, and the limit derived from it for responses that may be lost. */
    const FAST = 10;
    const SOON = 1000;
    const SLOW = 4000;

    it('gives up soon on a prompt, a query, and the OK of a complete response', async () => {
      for (const [command, said, failure] of [
        [write, '', 'noPrompt'],
        [query, '', undefined],
        [write, '\r\n> \r\n+W: 4\r\n', undefined],
        [read, '\r\n+R: 5\r\nhello\r\n', undefined],
      ] as const) {
        const bench = new ChannelBench();
        bench.channel.adapt(FAST);
        const done = bench.channel.execute(command);
        const settling = failure ? bench.fails(done, failure, false) : done;
        bench.sayBytes(said);
        await bench.clock.advance(SOON + QUIET);
        bench.say('+CMEE: 1', 'OK');
        await settled();
        if (said === '') bench.say('+Q: 1', 'OK');
        await settling;
        assert.equal(bench.resyncs, 1);
        await bench.isAlive();
      }
    });

    it('waits for the configured timeout for all other responses', async () => {
      for (const [command, said] of [
        [order, ''],
        [read, ''],
        [write, '\r\n> '],
        [{ ...write, isFixedLength: true }, ''],
        [{ ...query, timeout: TIMEOUT }, ''],
      ] as const) {
        const bench = new ChannelBench();
        bench.channel.adapt(FAST);
        bench.channel.execute(command).catch(() => undefined);
        bench.sayBytes(said);
        await bench.clock.advance(TIMEOUT - 1);
        assert.equal(bench.clock.untilNext, 1);
        bench.channel.close(new Error('end of test'));
      }
    });

    it('waits longer after a prompt that came late', async () => {
      const bench = new ChannelBench();
      bench.channel.adapt(FAST);
      const unprompted = bench.fails(bench.channel.execute(write), 'noPrompt', false);
      await bench.clock.advance(SOON + QUIET / 2);
      bench.sayBytes('\r\n> ');
      bench.say('OK');
      await bench.clock.advance(QUIET);
      bench.say('+CMEE: 1', 'OK');
      await unprompted;
      const again = bench.channel.execute(write);
      await bench.clock.advance(TIMEOUT - 1);
      bench.sayBytes('\r\n> ');
      bench.say('+W: 4', 'OK');
      assert.equal(await again, '+W: 4');
      await bench.isAlive();
    });

    it('gives up the module no sooner than without', async () => {
      const lifetime = async (slowest?: number): Promise<number> => {
        const bench = new ChannelBench();
        if (slowest !== undefined) bench.channel.adapt(slowest);
        bench.channel.execute(query).catch(() => undefined);
        while (bench.failures.length === 0) await bench.clock.advance(bench.clock.untilNext);
        return bench.clock.now();
      };
      const usual = await lifetime();
      assert.equal(await lifetime(FAST), usual);
      assert.ok((await lifetime(TIMEOUT / 10)) >= usual);
      assert.ok((await lifetime(SLOW)) > usual);
    });

    for (const [pace, slowest] of [
      ['measured', SLOW],
      ['usual', undefined],
    ] as const) {
      it(`synchronizes with a slow module at its ${pace} pace, the first time and later`, async () => {
        const bench = new ChannelBench();
        if (slowest !== undefined) bench.channel.adapt(slowest);
        // The module takes this long for each command line, and the first result code is lost.
        const answers = new Map([
          ['AT+W', ['+W: 4']],
          ['AT+CMEE?', ['+CMEE: 1', 'OK']],
          ['AT+CSQ', ['+CSQ: 9,9', 'OK']],
          ['AT+IPR?', ['+IPR: 9600', 'OK']],
        ]);
        let free = 0;
        bench.write = (bytes) => {
          const answer = answers.get(bytes.toString().trim());
          if (!answer) return;
          free = Math.max(free, bench.clock.now()) + SLOW;
          bench.clock.after(free - bench.clock.now(), () => bench.say(...answer));
        };
        const inStep = bench.channel.synchronize();
        await bench.clock.advance(20 * SLOW);
        await inStep;
        const sent = bench.channel.execute(write);
        bench.sayBytes('\r\n> ');
        await bench.clock.advance(20 * SLOW);
        assert.equal(await sent, '+W: 4');
        assert.deepEqual(bench.failures, []);
      });
    }
  });

  describe('fails', () => {
    it('after three fences without a response, once and for all', async () => {
      const bench = new ChannelBench();
      const first = bench.channel.execute(order);
      const second = bench.channel.execute(write);
      const refused = Promise.all([bench.fails(first, 'lost', true), bench.fails(second, 'lost', false)]);
      await bench.clock.advance(4 * TIMEOUT);
      bench.wrote('AT+SET=1\r', '\r', 'AT+CMEE?\r', '\r', 'AT+CSQ\r', '\r', 'AT+IPR?\r');
      assert.deepEqual(
        bench.failures.map(({ failure }) => failure),
        ['lost'],
      );
      await refused;
      await bench.channel.closed;
      assert.equal(bench.clock.pending, 0);
      bench.say('+IPR: 115200', 'OK');
      await bench.fails(bench.channel.execute(query), 'lost', false);
      await bench.fails(bench.channel.execute(write), 'lost', false);
      await assert.rejects(bench.channel.synchronize());
      bench.wrote();
    });

    it('and rejects a synchronization in progress', async () => {
      const bench = new ChannelBench();
      const refused = bench.fails(bench.channel.synchronize(), 'lost', false);
      await bench.clock.advance(4 * TIMEOUT);
      await refused;
      assert.equal(bench.failures.length, 1);
    });

    it('and rejects each command with whether it may have been executed', async () => {
      for (const [command, said, wait, happened] of [
        [order, '', 0, true],
        [order, '', TIMEOUT + QUIET, true],
        [write, '', 0, false],
        [write, '', TIMEOUT + QUIET, false],
        [write, '\r\n> ', 0, true],
        [write, '\r\n> ', TIMEOUT + QUIET, true],
        [read, '\r\n+R: 5\r\nhel', 0, true],
      ] as const) {
        const bench = new ChannelBench();
        const refused = bench.fails(bench.channel.execute(command), 'lost', happened);
        bench.sayBytes(said);
        await bench.clock.advance(wait);
        bench.channel.close(new Error('unplugged'));
        await refused;
        await bench.channel.closed;
        assert.equal(bench.clock.pending, 0);
        assert.deepEqual(bench.failures, []);
      }
    });

    it('and delivers a response that lacks only its OK', async () => {
      for (const wait of [0, TIMEOUT + QUIET]) {
        const bench = new ChannelBench();
        const data = bench.channel.execute(read);
        bench.sayBytes('\r\n+R: 5\r\nhello\r\n');
        await bench.clock.advance(wait);
        bench.channel.close(new Error('unplugged'));
        assert.equal(await data, 'hello');
      }
    });
  });
});
