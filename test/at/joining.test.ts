import assert from 'node:assert/strict';

import type { AtError, Command } from '../../src/at';
import { Joining, mostOnLine } from '../../src/at/joining';
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

  it('is long if the round trip takes long, even after a command on the control lane', async () => {
    const { it: port, written } = bench();
    const read = async (count: number, ms: number): Promise<void> => {
      const reads = Promise.all(
        Array.from({ length: count }, () => port.channel.execute(readOf(1), { lane: 'a' })),
      );
      await written();
      port.wrote(`AT${Array(count).fill('+R=1').join(';')}\r`);
      await port.clock.advance(ms);
      for (let index = 0; index < count; index++) port.sayBytes('\r\n+R: 1,1\r\nx\r\n');
      port.say('OK');
      await reads;
    };
    await read(1, 10);
    await read(2, 11);
    const listing = port.channel.execute({ text: 'AT+L?', decode: () => undefined });
    port.wrote('AT+L?\r');
    port.say('OK');
    await listing;
    await read(8, 17);
  });

  it('carries one command that may not be repeated, until queries have shown that it may carry more', async () => {
    const port = new ChannelBench();
    const queries = Promise.all([1, 2].map((id) => port.channel.execute(queryOf(id), { lane: 'a' })));
    const reads = Promise.all([1, 2].map((id) => port.channel.execute(readOf(id), { lane: 'b' })));
    assert.equal(port.channel.commandsPerLine, undefined);
    await port.clock.advance(0);
    port.wrote('AT+Q=1;+Q=2\r');
    port.say('+Q: 1', '+Q: 2', 'OK');
    assert.equal(port.channel.readsPerLine('AT+R=1'), 2);
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
      assert.equal(port.channel.commandsPerLine, 1);
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
      [1, 2, 3].map((id) => port.channel.execute(readOf(id), { lane: `${id}` })),
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
    assert.equal(port.channel.readsPerLine('AT+R=1'), 2);
  });

  for (const urc of ['+CREG: 1', '+CMTI: "SM",3', 'RING', '+CPIN: NOT READY'])
    it(`carries each response also if ${urc} is received before or between them`, async () => {
      const { it: port, written } = bench();
      const all = Promise.all([1, 2].map((id) => port.channel.execute(readOf(id), { lane: String(id) })));
      await written();
      port.say(urc);
      port.sayBytes('\r\n+R: 1,1\r\na\r\n');
      port.say(urc);
      port.sayBytes('\r\n+R: 2,6\r\n\r\nOK\r\n\r\n\r\nOK\r\n');
      assert.deepEqual(await all, ['a', '\r\nOK\r\n']);
      assert.deepEqual(port.unsolicited, [urc, urc]);
    });

  it('with a lost header gives no command a payload that begins like its response', async () => {
    const { it: port, written } = bench();
    const told: unknown[] = [];
    const outcomes = Promise.allSettled(
      [1, 2].map((id) =>
        port.channel.execute(readOf(id), { lane: String(id), onAnswer: (value) => void told.push(value) }),
      ),
    );
    await written();
    port.sayBytes('\r\n+R: 2,3\r\nxyz\r\n\r\n+R: 2,1\r\nb\r\n\r\nOK\r\n');
    assert.deepEqual(
      (await outcomes).map((it) => it.status === 'rejected' && (it.reason as AtError).failure),
      ['malformed', 'malformed'],
    );
    assert.deepEqual(told, []);
  });

  it('with more responses than commands rejects the command that has two', async () => {
    const { it: port, written } = bench();
    const outcomes = Promise.allSettled(
      [1, 2].map((id) => port.channel.execute(readOf(id), { lane: String(id) })),
    );
    await written();
    // The first header is lost, and the payload looks like both responses.
    port.sayBytes('\r\n+R: 1,1\r\na\r\n\r\n+R: 2,3\r\nxyz\r\n\r\n+R: 2,1\r\nb\r\n\r\nOK\r\n');
    const [, second] = await outcomes;
    assert.equal(second?.status === 'rejected' && (second.reason as AtError).failure, 'malformed');
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
  /** @param single the time of one read in ms @param further that of each one more */
  function measured(single: number, further: number): Joining {
    const joining = new Joining();
    joining.limit(14);
    joining.noteTime(1, single, 0);
    joining.noteTime(2, single + further, 0);
    return joining;
  }

  it('is as large as it has to be for the round trip to take little of the time, while only one lane is used', () => {
    for (const [single, further, reads] of [
      [10, 0, 14],
      [16, 11, 14],
      [12, 11, 3],
      [91, 90, 1],
      [90, 91, 1],
    ] as const) {
      const joining = measured(single, further);
      joining.noteCommand('a', 0);
      joining.noteCommand('a', 1);
      assert.deepEqual(joining.limits(2, false), { most: 14, ofOneLane: reads }, `${single}, ${further}`);
    }
  });

  it('is so small that others wait a quarter longer than for one read, for 10 s after two lanes were used', () => {
    for (const [single, further, reads] of [
      [10, 0.2, 13],
      [16, 11, 1],
      [10, 1, 3],
    ] as const) {
      const joining = measured(single, further);
      joining.noteCommand('a', 0);
      joining.noteCommand('b', 1);
      assert.deepEqual(
        joining.limits(10_000, false),
        { most: 14, ofOneLane: reads },
        `${single}, ${further}`,
      );
      assert.notDeepEqual(joining.limits(10_002, false), { most: 14, ofOneLane: reads });
    }
  });

  it('is two for the first reads', () => {
    const joining = new Joining();
    joining.limit(8);
    assert.equal(joining.limits(0, false).ofOneLane, 2);
  });

  it('is halved where a long line is rejected and a short one is known to work', () => {
    const joining = new Joining();
    joining.limit(8);
    joining.noteRefused(8, 0);
    assert.equal(joining.limits(9999, false).most, 4);
    joining.noteRefused(2, 0);
    assert.equal(joining.limits(9999, false).most, 2);
  });

  it('is one where no such line was ever answered', () => {
    const joining = new Joining();
    for (let tries = 0; tries < 3; tries++) joining.noteUndecided(0);
    assert.deepEqual([joining.known, joining.limits(9999, true).most], [1, 1]);
  });

  it('is what the module answers, if it passes over the others twice', () => {
    const joining = new Joining();
    joining.limit(14);
    joining.notePassedOver(4);
    assert.equal(joining.known, 14);
    joining.notePassedOver(4);
    assert.equal(joining.known, 4);
  });

  it('changes little at one line that is late', () => {
    const joining = measured(10, 0.1);
    joining.noteTime(14, 1500, 1);
    assert.equal(joining.limits(2, false).ofOneLane, 14);
  });

  it('is measured again after a minute, if the first line with two reads was late', () => {
    const joining = measured(10, 300);
    assert.equal(joining.limits(60_000, false).ofOneLane, 1);
    assert.equal(joining.limits(60_001, false).ofOneLane, 2);
    for (let now = 60_001; now < 60_100; now++) joining.noteTime(2, 10.1, now);
    assert.equal(joining.limits(60_100, false).ofOneLane, 14);
  });

  it('fits on the line', () => {
    for (const id of [1, 12, 123, 1234, 60_000]) {
      const text = `AT+QFWDRECV=${id},1024`;
      const line = (count: number) => [text, ...new Array<string>(count).fill(text.slice(2))].join(';');
      const most = mostOnLine(text);
      assert.ok(line(most - 1).length <= 255 && line(most).length > 255, text);
    }
  });
});
