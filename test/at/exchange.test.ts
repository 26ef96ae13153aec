import assert from 'node:assert/strict';
import fc from 'fast-check';

import { type Answer, AtError, type Command } from '../../src/at';
import { begin, type Exchange, expected, mayHaveHappened, outcome, take } from '../../src/at/exchange';
import type { Token } from '../../src/at/scanner';

const PROMPT: Token = { type: 'prompt' };
const line = (text: string): Token => ({ type: 'line', text });
const block = (text: string): Token => ({ type: 'block', data: Buffer.from(text) });

const query: Command = { text: 'AT+X?', responsePrefixes: ['+X:', '+XX:'], decode: ({ lines }) => lines };
const raw: Command = { text: 'ATI', decode: ({ lines }) => lines };
const write: Command = {
  text: 'AT+W=1',
  responsePrefixes: ['+W:'],
  body: Buffer.from('body'),
  decode: ({ lines }) => lines,
};
const read: Command = {
  text: 'AT+R=1',
  responsePrefixes: ['+R:'],
  block: (text) => Number(text.slice(3)),
  isComplete: ({ block }) => block !== undefined,
  decode: ({ block }) => block?.toString(),
};

const isUnsolicited = (text: string) => text.startsWith('+QFWDURC:');

function after(command: Command, ...tokens: Token[]) {
  let state: Exchange = begin(command);
  const written: string[] = [];
  const unsolicited: string[] = [];
  for (const token of tokens) {
    const step = take(state, token, isUnsolicited);
    state = step.state;
    if (step.write) written.push(step.write.toString());
    if (step.unsolicited !== undefined) unsolicited.push(step.unsolicited);
  }
  return { state, written, unsolicited };
}

function failure(run: () => unknown): AtError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AtError);
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('An exchange', () => {
  it('is ended by a final result code of its command, which the decoder gets', () => {
    const send: Command = { ...write, finals: ['SEND OK', 'SEND FAIL'], decode: ({ final }) => final };
    assert.equal(outcome(after(send, { type: 'prompt' }, line('SEND FAIL')).state), 'SEND FAIL');
    assert.equal(after(write, { type: 'prompt' }, line('SEND OK')).state.phase, 'answer');
  });

  it('takes lines with any prefix of its response, whatever lines are between them', () => {
    const { state, unsolicited } = after(
      query,
      line('AT+X?'),
      line('+QFWDURC: "client/read",3'),
      line('+X: 1'),
      line('RDY'),
      { type: 'noise', bytes: 9 },
      line('+XX: 2'),
      line('OK'),
    );
    assert.equal(state.phase, 'done');
    assert.deepEqual(outcome(state), ['+X: 1', '+XX: 2']);
    assert.deepEqual(unsolicited, ['+QFWDURC: "client/read",3', 'RDY']);
  });

  it('of a command without response prefixes takes every line except URCs', () => {
    const { state, unsolicited } = after(
      raw,
      line('Quectel'),
      line('+QFWDURC: "client/close",2'),
      line('EC25'),
      line('OK'),
    );
    assert.deepEqual(outcome(state), ['Quectel', 'EC25']);
    assert.deepEqual(unsolicited, ['+QFWDURC: "client/close",2']);
  });

  it('never takes a URC for a response or a result code', () => {
    fc.assert(
      fc.property(fc.constantFrom(query, raw, write, read), fc.string(), (command, rest) => {
        const { state, unsolicited } = after(command, line(`+QFWDURC:${rest}`));
        assert.deepEqual(state, begin(command));
        assert.deepEqual(unsolicited, [`+QFWDURC:${rest}`]);
      }),
    );
  });

  for (const [text, cme] of [
    ['ERROR', undefined],
    ['+CME ERROR: 10', 10],
    ['+CME ERROR: SIM busy', 'SIM busy'],
    ['+CMS ERROR: 305', 305],
  ] as const) {
    it(`is rejected by ${text}`, () => {
      for (const command of [query, raw, write, read]) {
        const error = failure(() => outcome(after(command, line(text)).state));
        assert.deepEqual([error.failure, error.cme, error.mayHaveHappened], ['rejected', cme, false]);
      }
    });
  }

  it('writes the body after the prompt, not before', () => {
    assert.deepEqual(expected(begin(write)), { prompt: true });
    assert.deepEqual(after(write, line('AT+W=1'), line('+QFWDURC: 1')).written, []);
    const { state, written } = after(write, PROMPT);
    assert.deepEqual(written, ['body']);
    assert.deepEqual(expected(state), {});
    assert.deepEqual(outcome(after(write, PROMPT, line('+W: 4'), line('OK')).state), ['+W: 4']);
  });

  it('expects an echo of the body, once, from a module that echoes', () => {
    const { state } = after(write, line('AT+W=1'), PROMPT);
    assert.deepEqual(expected(state), { echo: write.body });
    assert.deepEqual(expected(take(state, { type: 'echo' }, isUnsolicited).state), {});
  });

  it('expects an echo of the body where only that is echoed, and tells the decoder whether there was one', () => {
    const command = { ...write, isBodyEchoed: true, decode: (answer: Answer) => answer.hasEchoedBody };
    const { state } = after(command, PROMPT);
    assert.deepEqual(expected(state), { echo: write.body });
    const silent = take(state, line('OK'), isUnsolicited).state;
    const echoed = take(take(state, { type: 'echo' }, isUnsolicited).state, line('OK'), isUnsolicited).state;
    assert.deepEqual([outcome(silent), outcome(echoed)], [undefined, true]);
  });

  it('was not executed if OK comes in place of the prompt', () => {
    const error = failure(() => outcome(after(write, line('OK')).state));
    assert.deepEqual([error.failure, error.mayHaveHappened], ['noPrompt', false]);
  });

  it('expects a block after the line that announces it', () => {
    const { state } = after(read, line('+R: 5'));
    assert.deepEqual(expected(state), { block: 5 });
    const done = after(read, line('+R: 5'), block('hello'), line('OK')).state;
    assert.equal(outcome(done), 'hello');
    assert.deepEqual(expected(after(read, line('+R: 0')).state), {});
  });

  it('needs no result code if the response is complete', () => {
    assert.equal(outcome(after(read, line('+R: 5'), block('hello')).state), 'hello');
  });

  it('returns no data of a block of which bytes were lost on the line', () => {
    const header = line('+R: 12');
    const cut: Token = { type: 'block', data: Buffer.from('data\r\n\r\n'), isCut: true };
    const withResult = block('some\r\n\r\nOK\r\n');
    for (const tokens of [
      [cut, line('OK')],
      [cut, line('WDURC: "client/close",2'), line('OK')],
    ]) {
      const { state, unsolicited } = after(read, header, ...tokens);
      const { failure: kind, mayHaveHappened: isLost } = failure(() => outcome(state));
      assert.deepEqual([kind, isLost, unsolicited, state.phase], ['malformed', true, [], 'done']);
    }
    // The result code may be the one within the block, so another one is waited for.
    assert.equal(failure(() => outcome(after(read, header, withResult).state)).failure, 'timeout');
    assert.equal(outcome(after(read, header, withResult, line('OK')).state), 'some\r\n\r\nOK\r\n');
    // If only part of the length in the header was received, the block begins with the result code.
    for (const text of ['OK', 'OK\r\n', 'OK\r\n\r\n+QFWDURC: "client/cl']) {
      const taken = after(read, line(`+R: ${text.length}`), block(text));
      assert.equal(failure(() => outcome(taken.state)).failure, 'timeout');
    }
  });

  it('without a response fails with a timeout', () => {
    for (const [command, failed, happened] of [
      [query, 'timeout', true],
      [read, 'timeout', true],
      [write, 'noPrompt', false],
    ] as const) {
      const error = failure(() => outcome(begin(command)));
      assert.deepEqual([error.failure, error.mayHaveHappened], [failed, happened]);
    }
    const error = failure(() => outcome(after(write, PROMPT).state));
    assert.deepEqual([error.failure, error.mayHaveHappened], ['timeout', true]);
  });

  it('fails as malformed if its response cannot be decoded', () => {
    const picky: Command = {
      ...query,
      decode: () => {
        throw new RangeError('no number');
      },
    };
    const error = failure(() => outcome(after(picky, line('+X: ?'), line('OK')).state));
    assert.deepEqual([error.failure, error.mayHaveHappened], ['malformed', true]);
    assert.equal(error.message, 'the answer to AT+X? was "+X:…": RangeError: no number');
  });

  it('may have been executed unless its body was not written', () => {
    assert.equal(mayHaveHappened(begin(query)), true);
    assert.equal(mayHaveHappened(begin(write)), false);
    assert.equal(mayHaveHappened(after(write, PROMPT).state), true);
  });
});
