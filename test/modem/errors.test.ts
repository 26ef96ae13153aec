import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { AtError, InvalidParameter } from '../../src/at';
import { messageOf, QfwdError, type QfwdErrorDetails, quoted, toQfwdError } from '../../src/modem/errors';
import { HOSTILE_VALUES } from '../support/hostile-values';

describe('An error', () => {
  it('that a flow knows is not changed', () => {
    const error = new QfwdError('QFWD_CLOSED', 'closed');
    assert.equal(toQfwdError(error), error);
  });

  it('of the line says whether the command was executed', () => {
    const { code, message, cme } = toQfwdError(new AtError('rejected', 'refused', false, 4));
    assert.deepEqual([code, message, cme], ['QFWD_REJECTED', 'refused', 4]);
    assert.equal(toQfwdError(new AtError('lost', 'port gone')).code, 'QFWD_OFFLINE');
    assert.equal(toQfwdError(new InvalidParameter('quotes')).code, 'QFWD_INVALID');
  });

  it('from elsewhere keeps its text, and gets the code of the place where it was caught', () => {
    assert.deepEqual(codeAndText(toQfwdError(new Error('no such port'))), ['QFWD_OFFLINE', 'no such port']);
    assert.deepEqual(codeAndText(toQfwdError('text', 'QFWD_INVALID')), ['QFWD_INVALID', 'text']);
    const foreign: unknown = runInNewContext('new TypeError("of a function node")');
    assert.equal(toQfwdError(foreign).message, 'of a function node');
  });

  it('has a cause that can be read as text', () => {
    const { cause } = new QfwdError('QFWD_TIMEOUT', 'too slow', { sent: 4096 });
    assert.equal(String(cause), 'QFWD_TIMEOUT, sent 4096');
    assert.deepEqual({ ...(cause as object) }, { code: 'QFWD_TIMEOUT', sent: 4096 });
  });

  it('keeps its code and all details in other words', () => {
    const details: Required<QfwdErrorDetails> = {
      cme: 3,
      result: 563,
      obstacle: 'denied',
      sent: 5,
      discarded: 7,
      reason: 'unknown CA',
    };
    const error = new QfwdError('QFWD_OPEN_FAILED', 'in use', details).withMessage('belegt');
    assert.deepEqual(
      [error.message, error.code, { ...(error as object) }],
      ['belegt', 'QFWD_OPEN_FAILED', { code: error.code, ...details }],
    );
    assert.deepEqual({ ...(error.cause as object) }, { code: error.code, ...details });
  });

  it('has other details in other words, if they are given', () => {
    const error = new QfwdError('QFWD_CLOSED', 'closed', { sent: 5, reason: 'reset' });
    const { sent, reason } = error.withMessage('zu', { reason: 'abgebrochen' });
    assert.deepEqual([sent, reason], [5, 'abgebrochen']);
  });

  it('is short, even if it quotes long values', () => {
    assert.equal(new QfwdError('QFWD_INVALID', 'x'.repeat(5_000_000)).message, `${'x'.repeat(1000)}…`);
  });

  for (const [what, thrown] of HOSTILE_VALUES) {
    it(`can be made of ${what}, with a short text`, () => {
      const { code, message } = toQfwdError(thrown, 'QFWD_INVALID');
      assert.equal(code, 'QFWD_INVALID');
      assert.ok(message.length > 0 && message.length <= 1001, `${message.length} characters`);
      assert.equal(messageOf(thrown), message);
    });

    it(`quotes ${what}, shortened`, () => assert.ok(quoted(thrown).length < 200));
  }
});

describe('A value that an error quotes', () => {
  const cases: [value: unknown, expected: string][] = [
    ['a "b"\r\n', '"a \\"b\\"\\r\\n"'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [`${'x'.repeat(79)}😀`, `"${'x'.repeat(79)}…"`],
    [1.5, '1.5'],
    [undefined, 'undefined'],
    [10n, '10n'],
    [new String('x'.repeat(5_000_000)), `"${'x'.repeat(80)}…"`],
    [{ a: 1 }, '[Object]'],
    [[1, 2], '[Array]'],
  ];
  for (const [value, expected] of cases) {
    it(`is written as ${expected.slice(0, 30)}`, () => assert.equal(quoted(value), expected));
  }
});

function codeAndText({ code, message }: QfwdError): [string, string] {
  return [code, message];
}
