import assert from 'node:assert/strict';

import type { Command } from '../../src/at';
import { Joining } from '../../src/at/joining';
import { ChannelBench, decode } from '../support/channel-bench';

const readOf = (id: number): Command => ({
  text: `AT+R=${id}`,
  responsePrefixes: ['+R:'],
  joins: 'read',
  isAnsweredBy: (line) => line.startsWith(`+R: ${id},`),
  block: (line) => Number(line.split(',')[1]),
  isComplete: ({ block }) => block !== undefined,
  decode,
});

const queryOf = (id: number): Command => ({
  text: `AT+Q=${id}`,
  responsePrefixes: ['+Q:'],
  joins: 'query',
  isAnsweredBy: (line) => line.startsWith(`+Q: ${id}`),
  isRepeatable: true,
  isComplete: ({ lines }) => lines.length > 0,
  decode,
});

/** A module that is known to accept several commands on a line. */
function bench() {
  const it = new ChannelBench();
  it.channel.limitJoining(8);
  return { it, written: () => it.clock.advance(0) };
}

describe('A command line', () => {
  it('carries the waiting reads, one of each lane at a time, and each gets its data as it is received', async () => {
    const { it: port, written } = bench();
    const told: string[] = [];
    const run = (id: number, lane: string) =>
      port.channel.execute(readOf(id), { lane, onAnswer: (value) => void told.push(String(value)) });
    const all = Promise.all([run(1, 'a'), run(1, 'a'), run(2, 'b')]);
    await written();
    port.wrote('AT+R=1;+R=2\r');
    port.sayBytes('\r\n+R: 1,2\r\nab\r\n');
    assert.deepEqual(told, ['ab']);
    port.sayBytes('\r\n+R: 2,4\r\nOK\r\n\r\n\r\nOK\r\n');
    assert.deepEqual(told, ['ab', 'OK\r\n']);
    port.wrote('AT+R=1\r');
    port.sayBytes('\r\n+R: 1,1\r\nc\r\n\r\nOK\r\n');
    assert.deepEqual(await all, ['ab', 'c', 'OK\r\n']);
  });

  it('is not shortened after a command on the control lane', async () => {
    const { it: port, written } = bench();
    const listing = port.channel.execute({ text: 'AT+L?', decode: () => undefined });
    const reads = Promise.all([1, 2, 3].map((id) => port.channel.execute(readOf(id), { lane: 'a' })));
    port.wrote('AT+L?\r');
    port.say('OK');
    await listing;
    await written();
    port.wrote('AT+R=1;+R=2;+R=3\r');
    for (const id of [1, 2, 3]) port.sayBytes(`\r\n+R: ${id},1\r\nx\r\n`);
    port.say('OK');
    assert.deepEqual(await reads, ['x', 'x', 'x']);
  });

  it('carries one command that may not be repeated, until queries have shown that it may carry more', async () => {
    const port = new ChannelBench();
    const queries = Promise.all([1, 2].map((id) => port.channel.execute(queryOf(id), { lane: 'a' })));
    const reads = Promise.all([1, 2].map((id) => port.channel.execute(readOf(id), { lane: 'b' })));
    assert.equal(port.channel.joins, undefined);
    await port.clock.advance(0);
    port.wrote('AT+Q=1;+Q=2\r');
    port.say('+Q: 1', '+Q: 2', 'OK');
    assert.equal(port.channel.joins, true);
    port.wrote('AT+R=1;+R=2\r');
    port.sayBytes('\r\n+R: 1,1\r\na\r\n\r\n+R: 2,1\r\nb\r\n\r\nOK\r\n');
    assert.deepEqual(
      [await queries, await reads],
      [
        ['+Q: 1', '+Q: 2'],
        ['a', 'b'],
      ],
    );
  });

  for (const [what, answer] of [
    ['refused', ['ERROR']],
    ['refused after its first command', ['+Q: 1', 'ERROR']],
  ] as const) {
    it(`with several commands that is ${what} is not tried again, and no command is lost`, async () => {
      const port = new ChannelBench();
      const run = (...ids: number[]) =>
        Promise.all(ids.map((id) => port.channel.execute(queryOf(id), { lane: 'a' })));
      const first = run(1, 2, 3);
      await port.clock.advance(0);
      port.wrote('AT+Q=1;+Q=2;+Q=3\r');
      port.say(...answer);
      for (const id of [1, 2, 3].slice(answer.length - 1)) {
        port.wrote(`AT+Q=${id}\r`);
        port.say(`+Q: ${id}`, 'OK');
      }
      assert.deepEqual(await first, ['+Q: 1', '+Q: 2', '+Q: 3']);
      assert.equal(port.channel.joins, false);
      const second = run(4, 5);
      await port.clock.advance(0);
      port.wrote('AT+Q=4\r');
      port.say('+Q: 4', 'OK');
      port.wrote('AT+Q=5\r');
      port.say('+Q: 5', 'OK');
      assert.deepEqual(await second, ['+Q: 4', '+Q: 5']);
    });
  }

  it('that is rejected at one of its commands has executed those before it, and not those after it', async () => {
    const { it: port, written } = bench();
    const outcomes = Promise.allSettled(
      [1, 2, 3].map((id) => port.channel.execute(readOf(id), { lane: 'a' })),
    );
    await written();
    port.wrote('AT+R=1;+R=2;+R=3\r');
    port.sayBytes('\r\n+R: 1,1\r\na\r\n\r\nERROR\r\n');
    port.wrote('AT+R=2\r');
    port.say('ERROR');
    port.wrote('AT+R=3\r');
    port.sayBytes('\r\n+R: 3,1\r\nc\r\n\r\nOK\r\n');
    assert.deepEqual(
      (await outcomes).map((it) => (it.status === 'fulfilled' ? it.value : (it.reason as Error).message)),
      ['a', 'the module answered ERROR to AT+R=…', 'c'],
    );
    assert.equal(port.channel.joins, true);
  });

  it('with one garbled response gives no command the data of another', async () => {
    const { it: port, written } = bench();
    const outcomes = Promise.allSettled(
      [1, 2].map((id) => port.channel.execute(readOf(id), { lane: String(id) })),
    );
    await written();
    port.wrote('AT+R=1;+R=2\r');
    // The header is lost, and the payload after it looks like a header.
    port.sayBytes('\r\n+X: 1,20\r\n+R: 2,3\r\nxyz\r\n\r\n+R: 2,1\r\nb\r\n\r\nOK\r\n');
    assert.deepEqual(
      (await outcomes).map((it) => it.status),
      ['rejected', 'rejected'],
    );
  });
});

describe('The number of commands on a line', () => {
  it('is the maximum while no other lane waits', () => {
    const joining = new Joining();
    joining.limit(8);
    joining.noteLine('a', false, 0);
    assert.equal(joining.size(2000, false), 8);
  });

  it('is so small that other lanes wait for two of its commands at most, or more if a round trip takes longer', () => {
    for (const [first, all, size] of [
      [10, 80, 2],
      [10, 24, 6],
      [10, 10, 8],
    ] as const) {
      const joining = new Joining();
      joining.limit(8);
      joining.noteAnswered(1, first);
      joining.noteAnswered(8, all);
      joining.noteLine('a', true, 0);
      assert.equal(joining.size(500, false), size, String(all));
      assert.equal(joining.size(1500, false), 8);
    }
  });

  it('is halved where a long line is rejected and a short one is known to work', () => {
    const joining = new Joining();
    joining.limit(8);
    joining.noteRefused(8, 0);
    assert.equal(joining.size(9999, false), 4);
    joining.noteRefused(2, 0);
    assert.equal(joining.size(9999, false), 2);
  });

  it('is one where no such line was ever answered', () => {
    const joining = new Joining();
    for (let tries = 0; tries < 3; tries++) joining.noteUndecided(0);
    assert.deepEqual([joining.isUsed, joining.size(9999, true)], [false, 1]);
  });
});
