import assert from 'node:assert/strict';

import { ChannelBench, query, write } from '../support/channel-bench';

const other = { ...query, text: 'AT+OTHER', responsePrefixes: ['+OTHER:'] };

describe('A response that comes after the result code of its command, which was that of another', () => {
  it('causes a resync, because the next command would get the result code of this one', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    const second = bench.channel.execute(other);
    // A text from others, or noise.
    bench.say('OK');
    assert.equal(await first, '');
    bench.wrote('AT+Q\r', 'AT+OTHER\r');
    bench.say('+Q: late', 'OK');
    assert.deepEqual(bench.unsolicited, ['+Q: late']);
    await bench.untilWrote('AT+CMEE?\r');
    bench.say('+OTHER: dropped', 'OK', '+CMEE: 1', 'OK');
    await bench.untilWrote('AT+OTHER\r');
    bench.say('+OTHER: its own', 'OK');
    assert.equal(await second, '+OTHER: its own');
    assert.equal(bench.resyncs, 1);
    await bench.isAlive();
  });

  it('makes the outcome of a command unknown that may not be repeated', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    const second = bench.channel.execute(write);
    bench.say('OK');
    await first;
    bench.sayBytes('\r\n> ');
    const failure = bench.fails(second, 'timeout', true);
    bench.say('+Q: late', 'OK');
    await failure;
    await bench.untilWrote('AT+CMEE?\r');
    bench.say('+CMEE: 1', 'OK');
    await bench.isAlive();
  });

  it('causes no resync if it is a URC with the same name, and the command had its response', async () => {
    const bench = new ChannelBench();
    const first = bench.channel.execute(query);
    const second = bench.channel.execute(other);
    bench.say('+Q: 1', 'OK');
    bench.say('+Q: a URC', '+OTHER: 1', 'OK');
    assert.deepEqual(await Promise.all([first, second]), ['+Q: 1', '+OTHER: 1']);
    assert.equal(bench.resyncs, 0);
    await bench.isAlive();
  });
});

describe('OK in place of a prompt', () => {
  it('may be the result code of another command, so a data phase that may be open is ended before the next command', async () => {
    const bench = new ChannelBench();
    const sending = bench.channel.execute(write);
    const next = bench.channel.execute(query);
    bench.wrote('AT+W\r');
    const failure = bench.fails(sending, 'noPrompt', false);
    bench.say('OK');
    bench.wrote('\x1b\r');
    // The prompt, and the response to the ESC.
    bench.sayBytes('\r\n> ');
    bench.wrote('\x1b\r');
    bench.say('OK');
    await bench.untilWrote('AT+CMEE?\r');
    bench.say('+CMEE: 1', 'OK');
    await failure;
    await bench.untilWrote('AT+Q\r');
    bench.say('+Q: 1', 'OK');
    assert.equal(await next, '+Q: 1');
    await bench.isAlive();
  });
});
