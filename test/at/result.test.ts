import assert from 'node:assert/strict';
import fc from 'fast-check';

import { parseResult } from '../../src/at/result';

describe('result codes', () => {
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
  ];
  for (const [line, result] of cases) {
    it(`${line} is one`, () => assert.deepEqual(parseResult(line), result));
  }

  it('is nothing that only looks like one', () => {
    for (const line of ['OK!', 'OKAY', 'ok', ' OK', 'ERRORS', 'x +CME ERROR: 1', '+CMEE: 1', '>', '']) {
      assert.equal(parseResult(line), undefined, line);
    }
  });

  it('takes any line', () => {
    fc.assert(fc.property(fc.string(), (line) => (parseResult(line)?.ok ?? false) === (line === 'OK')));
  });
});
