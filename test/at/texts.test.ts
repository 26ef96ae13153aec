import assert from 'node:assert/strict';
import fc from 'fast-check';

import { type AtError, type Command } from '../../src/at';
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
import { settled } from '../support/manual-clock';
import { inChunks } from '../support/payloads';
import { countedHeader, oneLineBody, PLAIN_HEADER, said, smsBody } from '../support/sms';

const line = (text: string) => `\r\n${text}\r\n`;

/** The response to a command, in pieces between which a text may be received. */
const DIALOGUES: readonly (readonly [Command, value: string, pieces: readonly string[]])[] = [
  [query, '+Q: 1|+Q: 2', [line('+Q: 1'), line('+Q: 2'), line('OK')]],
  [order, '', [line('OK')]],
  [raw, '+RAW: 1|plain', [line('+RAW: 1'), line('plain'), line('OK')]],
  [read, 'hello', ['\r\n+R: 5\r\nhello\r\n', line('OK')]],
  [write, '+W: 4', ['\r\n> ', line('+W: 4'), line('OK')]],
];

interface Turn {
  readonly dialogue: number;
  /** A text from others, and the piece it comes before. */
  readonly text: string;
  readonly at: number;
  /** The URC directly after it. */
  readonly urcs: readonly string[];
}

const turnsWith = (text: fc.Arbitrary<string>): fc.Arbitrary<Turn[]> =>
  fc.array(
    fc.record({
      dialogue: fc.nat(DIALOGUES.length - 1),
      text,
      at: fc.nat(3),
      urcs: fc.subarray(['+URC: 1', '+URC: "x"']),
    }),
    { minLength: 1, maxLength: 4 },
  );

const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** Executes all commands; returns their results and all unsolicited lines. */
async function run(turns: readonly Turn[], cuts: readonly number[], pause = 0) {
  const bench = new ChannelBench();
  const fences = new Map([
    ['AT+CMEE?\r', ['+CMEE: 1', 'OK']],
    ['AT+CSQ\r', ['+CSQ: 9,9', 'OK']],
    ['AT+IPR?\r', ['+IPR: 9600', 'OK']],
  ]);
  bench.write = (bytes) => {
    const answer = fences.get(bytes.toString());
    if (answer) bench.clock.after(1, () => bench.say(...answer));
  };
  const speak = (said: string) =>
    inChunks(Buffer.from(said), cuts).forEach((chunk) => bench.channel.receive(chunk));
  const outcomes: string[] = [];
  for (const { dialogue, text, at, urcs } of turns) {
    const [command, , pieces] = DIALOGUES[dialogue]!;
    const ended = bench.channel.execute({ ...command, isRepeatable: false }).then(
      (value) => outcomes.push(value as string),
      (error: unknown) => outcomes.push((error as AtError).failure),
    );
    const place = Math.min(at, pieces.length);
    speak(pieces.slice(0, place).join('') + text);
    await bench.clock.advance(pause);
    speak(urcs.map(line).join('') + pieces.slice(place).join(''));
    await bench.clock.advance(10 * TIMEOUT);
    await ended;
  }
  return { bench, outcomes };
}

const wanted = (turns: readonly Turn[]) => ({
  outcomes: turns.map(({ dialogue }) => DIALOGUES[dialogue]![1]),
  urcs: turns.flatMap(({ urcs }) => urcs),
});

describe('A channel, whatever others write in a text,', () => {
  const pdu = fc
    .uint8Array({ minLength: 10, maxLength: 170 })
    .map((bytes) => Buffer.from(bytes).toString('hex'));
  const texts: [what: string, text: fc.Arbitrary<string>, pause: number][] = [
    ['whose length is said', smsBody.map((body) => said(countedHeader(body.length), body)), 0],
    ['that is a PDU', pdu.map((digits) => said(`+CMT: ,${digits.length / 2}`, digits)), 0],
    [
      'of one line, where the line is quiet behind it',
      oneLineBody.map((body) => said(PLAIN_HEADER, body)),
      QUIET,
    ],
    [
      'of many lines, where the line is quiet behind it',
      smsBody.map((body) => said(PLAIN_HEADER, body)),
      QUIET,
    ],
  ];
  for (const [what, text, pause] of texts) {
    it(`returns all responses and URCs, for a text ${what}`, async () => {
      await fc.assert(
        fc.asyncProperty(turnsWith(text), cuts, async (turns, cuts) => {
          const { bench, outcomes } = await run(turns, cuts, pause);
          const { unsolicited } = bench;
          const { outcomes: values, urcs } = wanted(turns);
          assert.deepEqual(outcomes, values);
          assert.deepEqual(
            unsolicited.filter((it) => !it.startsWith('+CMT')),
            urcs,
          );
          assert.deepEqual(
            unsolicited.filter((it) => it.startsWith('+CMT')).map((it) => it.replaceAll('\n', '')),
            turns.map(({ text }) => text.replace(/[\r\n]+/g, '').trimEnd()),
          );
        }),
        { numRuns: 150 },
      );
    });
  }

  it('returns nothing that the module did not send, and reports that lines may be lost, for a text of unknown length', async () => {
    const text = smsBody.map((body) => said(PLAIN_HEADER, body));
    await fc.assert(
      fc.asyncProperty(turnsWith(text), cuts, async (turns, cuts) => {
        const { bench, outcomes } = await run(turns, cuts);
        const { outcomes: values, urcs } = wanted(turns);
        outcomes.forEach((outcome, turn) => {
          if (outcome !== 'timeout' && outcome !== 'noPrompt') assert.equal(outcome, values[turn]);
        });
        const reported = bench.unsolicited.filter((it) => !it.startsWith(PLAIN_HEADER));
        assert.ok(
          reported.every((it) => urcs.includes(it)),
          reported.join('|'),
        );
        const isLost = reported.length < urcs.length || outcomes.some((it, turn) => it !== values[turn]);
        assert.ok(!isLost || bench.resyncs > 0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('A text from others', () => {
  it('may arrive long after its header', async () => {
    const bench = new ChannelBench();
    bench.sayBytes(`\r\n${PLAIN_HEADER}\r\n`);
    await bench.clock.advance(TIMEOUT - 1);
    bench.sayBytes('RD');
    await bench.clock.advance(TIMEOUT - 1);
    bench.sayBytes('Y\r\n');
    await bench.clock.advance(QUIET - 1);
    assert.deepEqual(bench.unsolicited, []);
    await bench.clock.advance(1);
    assert.deepEqual(bench.unsolicited, [`${PLAIN_HEADER}\nRDY`]);
    assert.equal(bench.resyncs, 0);
    await bench.isAlive();
  });

  it('is not taken for a line of the module if it ends in the middle of a line', async () => {
    const bench = new ChannelBench();
    bench.sayBytes(`\r\n${PLAIN_HEADER}\r\nRD`);
    await bench.clock.advance(TIMEOUT);
    bench.sayBytes('Y\r\n');
    bench.say('+URC: 1');
    assert.deepEqual(bench.unsolicited, [PLAIN_HEADER, '+URC: 1']);
    await bench.isAlive();
  });

  it('may be missing', async () => {
    const bench = new ChannelBench();
    bench.sayBytes(`\r\n${PLAIN_HEADER}\r\n`);
    await bench.clock.advance(TIMEOUT);
    assert.deepEqual(bench.unsolicited, [PLAIN_HEADER]);
    bench.say('RDY');
    assert.deepEqual(bench.unsolicited, [PLAIN_HEADER, 'RDY']);
    await bench.isAlive();
  });

  it('delays the next command, whose response could not be told from it', async () => {
    const bench = new ChannelBench();
    bench.sayBytes(said(PLAIN_HEADER, 'hello'));
    const answer = bench.channel.execute(query);
    bench.wrote();
    await bench.clock.advance(QUIET);
    bench.wrote('AT+Q\r');
    bench.say('+Q: 1', 'OK');
    assert.equal(await answer, '+Q: 1');
    await bench.isAlive();
  });

  it('is part of the response to the command that has requested it, line by line', async () => {
    const bench = new ChannelBench();
    const header = countedHeader(9).replace('+CMT: ', '+CMGR: "REC READ",');
    for (const responsePrefixes of [undefined, ['+CMGR:']]) {
      const read = bench.channel.execute({
        text: 'AT+CMGR=1',
        ...(responsePrefixes && { responsePrefixes }),
        decode,
      });
      bench.sayBytes(`${said(header, 'ERROR\r\nOK')}\r\nOK\r\n`);
      assert.equal(await read, `${header}|ERROR|OK`);
    }
    assert.equal(bench.resyncs, 0);
    await bench.isAlive();
  });

  it('of unknown length hides the result code: it is the last one before the response to the fence', async () => {
    const header = '+CMGR: "REC READ","+49170",,"26/11/28,10:00:00+04"';
    for (const [text, lines] of [
      [`${said(header, 'hello')}\r\nOK\r\n`, [header, 'hello']],
      [`${said(header, 'OK')}\r\nOK\r\n`, [header, 'OK']],
      [`${said(header, 'x\r\nERROR\r\n\r\nRDY')}\r\nOK\r\n`, [header, 'x', 'ERROR', '', 'RDY']],
    ] as const) {
      const bench = new ChannelBench();
      const read = bench.channel.execute({ text: 'AT+CMGR=1', decode: ({ lines }) => lines });
      bench.sayBytes(text);
      await bench.untilWrote('AT+CMEE?\r');
      bench.say('+CMEE: 1', 'OK');
      const said = (await read) as string[];
      while (said.at(-1) === '') said.pop();
      assert.deepEqual(said, lines);
      assert.deepEqual(bench.unsolicited, []);
      await bench.isAlive();
    }
  });

  it('of unknown length may contain what looks like the result code; the real one comes later', async () => {
    const bench = new ChannelBench();
    const header = '+CMGL: 1,"REC READ","+49170",,"26/11/28,10:00:00+04"';
    const list = bench.channel.execute({ text: 'AT+CMGL="ALL"', decode: ({ lines }) => lines });
    bench.sayBytes(said(header, 'x\r\nERROR'));
    await bench.clock.advance(QUIET);
    bench.sayBytes(said(header, 'y'));
    await bench.clock.advance(QUIET);
    bench.say('OK');
    await bench.untilWrote('AT+CMEE?\r');
    bench.say('+CMEE: 1', 'OK');
    assert.deepEqual(await list, [header, 'x', 'ERROR', header, 'y']);
    await bench.isAlive();
  });

  it('is not taken for an echo, a prompt or a result code, in any state of the channel', async () => {
    const bench = new ChannelBench();
    const sent = bench.channel.execute(write);
    bench.wrote('AT+W\r');
    bench.sayBytes(said(countedHeader(12), 'AT+W\r\n> \r\nOK'));
    bench.wrote();
    assert.deepEqual(bench.echoes, []);
    await bench.clock.advance(TIMEOUT);
    bench.wrote('\x1b\r');
    bench.sayBytes(said(countedHeader(16), '+CMEE: 1\r\nOK\r\n> '));
    await bench.untilWrote('AT+CMEE?\r');
    bench.sayBytes(said(countedHeader(16), '+CMEE: 1\r\nOK\r\n> '));
    assert.equal(bench.resyncs, 0);
    bench.say('+CMEE: 1', 'OK');
    await bench.fails(sent, 'noPrompt', false);
    assert.equal(bench.unsolicited.length, 3);
    await bench.isAlive();
  });

  it('that is a string ends with the string', async () => {
    const bench = new ChannelBench();
    const answer = bench.channel.execute(raw);
    bench.sayBytes('\r\n+CUSD: 1,"Menu\r\n1. x\r\nOK\r\n",15\r\n\r\n+RAW: 24,99\r\n\r\nOK\r\n');
    assert.equal(await answer, '+RAW: 24,99');
    assert.deepEqual(bench.unsolicited, ['+CUSD: 1,"Menu\n1. x\nOK\n",15']);
    assert.equal(bench.resyncs, 0);
    await bench.isAlive();
  });

  it('that is a string whose end is lost ends when the line is quiet, which is reported as a possible loss', async () => {
    const bench = new ChannelBench();
    bench.sayBytes('\r\n+CUSD: 1,"Menu\r\n\r\n+URC: 1\r\n');
    await bench.clock.advance(QUIET);
    assert.deepEqual(bench.unsolicited, ['+CUSD: 1,"Menu\n\n+URC: 1']);
    assert.equal(bench.resyncs, 1);
    await settled();
    await bench.isAlive();
  });

  it('that is incomplete is discarded when the channel is closed', async () => {
    const bench = new ChannelBench();
    bench.sayBytes(`\r\n${PLAIN_HEADER}\r\n`);
    bench.channel.close(new Error('unplugged'));
    await bench.clock.advance(2 * TIMEOUT);
    assert.equal(bench.clock.pending, 0);
    assert.deepEqual(bench.unsolicited, []);
  });
});
