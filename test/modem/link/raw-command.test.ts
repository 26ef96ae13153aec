import assert from 'node:assert/strict';

import { checkCommand } from '../../../src/modem';

const refusal = { code: 'QFWD_INVALID' };

describe('A command from a user', () => {
  it('may not cause a prompt, which would be taken for part of the next response', () => {
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

  it('may not make the port a connection, which would get all further commands', () => {
    for (const command of [
      'AT+CGDATA="PPP",1',
      'AT+QISWTMD=0,2',
      'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,2',
      'at+qsslopen = 1, 1, 4, "10.0.0.1", 443, 2',
    ]) {
      assert.throws(() => checkCommand(command), { ...refusal, message: /turns the port over/ });
    }
  });

  it('may not read data that comes between other lines, or in another form than expected', () => {
    for (const [command, reason] of [
      ['AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,1', /access mode 0/],
      ['AT+QIOPEN=1,0,"TCP","10.0.0.1",80', /access mode 0/],
      ['AT+QSSLOPEN=1,1,4,"10.0.0.1",443,1', /access mode 0/],
      ['AT+QISWTMD=0,1', /access mode 0/],
      ['AT+QISEND=0', /qfwd-send/],
      ['at + qisend = 0, 12', /qfwd-send/],
      ['AT+QISDE=1', /sends payload back/],
      ['AT+QICFG="viewmode",1', /the form of data/],
      ['AT+QICFG="DataFormat",1,1', /the form of data/],
      ['AT+QICFG=tcp/sendmode,1', /the form of data/],
    ] as const) {
      assert.throws(() => checkCommand(command), { ...refusal, message: reason });
    }
  });

  it('may be any that does not change the state of the port', () => {
    for (const command of [
      'AT+CSQ',
      'AT+QMTPUBEX=?',
      'AT+CGDATA=?',
      'AT+QISWTMD=0,0',
      'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,0',
      'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,80,0,4',
      'AT+QSSLOPEN=1,1,4,"10.0.0.1",443,0',
      'AT+QISEND=0,0',
      'AT+QIRD=0,0',
      'AT+QISENDEX=0,"31"',
      'AT+QICFG="viewmode"',
      'AT+QICFG="tcp/keepalive",1,60,25,3',
      'AT+QISDE=0',
    ]) {
      assert.doesNotThrow(() => checkCommand(command));
    }
  });
});
