import assert from 'node:assert/strict';

import { isReport, turnsIn } from '../../src/trace/dialogue';

/** The kinds of the exchanges of one line and its answer. */
function kindsOf(line: string, answer: string) {
  const entry = { port: 'usbat', ms: 0 };
  const turns = turnsIn([
    { ...entry, dir: 'out', data: `${line}\r` },
    { ...entry, dir: 'in', data: answer },
  ]);
  return turns.map((turn) => (isReport(turn) ? 'report' : turn.kind));
}

const FAILED = '\r\nERROR\r\n';
const READ = '\r\n+QFWDRECV: 2,3\r\nabc\r\n';

describe('A line of several commands that was rejected', () => {
  it('changes nothing if all of them are queries', () => {
    assert.deepEqual(kindsOf('AT+QISTATE=1,2;+QIRD=3,0', FAILED), ['query']);
    assert.deepEqual(kindsOf('AT+QFWDACK=2,0;+QFWDACK=3,0;+CSQ', FAILED), ['query']);
  });

  it('has read if data came before that', () => {
    const line = 'AT+QFWDRECV=2,1024;+QFWDRECV=2,1024;+QFWDRECV=2,1024';
    assert.deepEqual(kindsOf(line, READ + FAILED), ['read']);
    assert.deepEqual(kindsOf(line, FAILED), ['query']);
  });

  it('may have changed something if one of them does', () => {
    assert.deepEqual(kindsOf('AT+QFWDRECV=2,1024;+QFWDCLOSE=3', READ + FAILED), ['change']);
    assert.deepEqual(kindsOf('AT+CSQ;+CMEE=1', FAILED), ['change']);
  });
});
