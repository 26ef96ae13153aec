import assert from 'node:assert/strict';
import fc from 'fast-check';

import { parseCallResult, parseNumericResult, parseResult } from '../../src/at/result';

describe('A result code', () => {
  const cases: [string, ReturnType<typeof parseResult>][] = [
    ['OK', { ok: true, text: 'OK' }],
    ['ERROR', { ok: false, text: 'ERROR' }],
    ['+CME ERROR: 10', { ok: false, text: '+CME ERROR: 10', cme: 10 }],
    ['+CME ERROR:10', { ok: false, text: '+CME ERROR:10', cme: 10 }],
    [
      '+CME ERROR: SIM not inserted',
      { ok: false, text: '+CME ERROR: SIM not inserted', cme: 'SIM not inserted' },
    ],
    ['+CMS ERROR: 305', { ok: false, text: '+CMS ERROR: 305', cme: 305 }],
    ['ABORTED', { ok: false, text: 'ABORTED' }],
    ['COMMAND NOT SUPPORT', { ok: false, text: 'COMMAND NOT SUPPORT' }],
    ['TOO MANY PARAMETERS', { ok: false, text: 'TOO MANY PARAMETERS' }],
  ];
  for (const [line, result] of cases) {
    it(`can be ${line}`, () => assert.deepEqual(parseResult(line), result));
  }

  it('cannot be a line that only looks like one', () => {
    for (const line of [
      'NO CARRIER',
      'BUSY',
      '0',
      '4',
      'OK!',
      'OKAY',
      'ok',
      ' OK',
      'ERRORS',
      'x +CME ERROR: 1',
      '+CMEE: 1',
      '>',
      '',
    ]) {
      assert.equal(parseResult(line), undefined, line);
    }
  });

  it('can be the result of a call', () => {
    for (const line of ['NO CARRIER', 'BUSY', 'NO ANSWER', 'NO DIALTONE', 'NO DIAL TONE']) {
      assert.deepEqual(parseCallResult(line), { ok: false, text: line });
    }
    for (const line of ['OK', 'ERROR', 'RING', 'CONNECT', 'NO CARRIER '])
      assert.equal(parseCallResult(line), undefined);
  });

  it('can be a number under ATV0', () => {
    assert.deepEqual(parseNumericResult('0'), { ok: true, text: 'OK' });
    assert.deepEqual(parseNumericResult('4'), { ok: false, text: 'ERROR' });
    for (const line of ['1', '2', '00', 'OK', '']) assert.equal(parseNumericResult(line), undefined);
  });

  it('is looked for in any line without an error', () => {
    fc.assert(fc.property(fc.string(), (line) => (parseResult(line)?.ok ?? false) === (line === 'OK')));
  });
});
