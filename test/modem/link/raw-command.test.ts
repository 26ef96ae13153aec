import assert from 'node:assert/strict';

import { checkCommand } from '../../../src/modem';

const refusal = { code: 'QFWD_INVALID' };

describe('A command that a user typed', () => {
  it('may not ask for data, which would be taken for the answer of the next', () => {
    for (const command of [
      'AT+CMGS="+49123"',
      'AT+CMGC=12',
      'AT+QMTPUBEX=0,1,1,0,"t",9',
      'AT+QSMTPBODY=0,100',
    ]) {
      assert.throws(() => checkCommand(command), {
        ...refusal,
        message: /it asks for data after the command/,
      });
    }
  });

  it('may not turn the port over to a connection, to which all that follows would go', () => {
    for (const command of [
      'AT+CGDATA="PPP",1',
      'AT+QISWTMD=0,2',
      'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,2',
      'at+qsslopen = 1, 1, 4, "10.0.0.1", 443, 2',
    ]) {
      assert.throws(() => checkCommand(command), { ...refusal, message: /turns the port over/ });
    }
  });

  it('may do what leaves the port alone', () => {
    for (const command of [
      'AT+CSQ',
      'AT+QMTPUBEX=?',
      'AT+CGDATA=?',
      'AT+QISWTMD=0,1',
      'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,1',
      'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,2',
    ]) {
      assert.doesNotThrow(() => checkCommand(command));
    }
  });
});
