import assert from 'node:assert/strict';
import fc from 'fast-check';

import { isForeign } from '../../src/at/foreign';

describe('A line during the response to a command from a user', () => {
  const foreign: [command: string, line: string][] = [
    ['AT+CSQ', 'RING'],
    ['AT+CSQ', '+CRING: VOICE'],
    ['AT+CSQ', '+CREG: 2'],
    ['AT+CSQ', '+COPS: 0'],
    ['AT+CSQ', '^DSCI: 1,1,4,0,"1",129'],
    ['ATI', '+CREG: 2'],
    ['ATI', '+CMTI: "ME",3'],
    ['AT&V', 'RDY'],
    ['AT+CFUN=1', '+CPIN: READY'],
    ['AT+CLAC', '+QIND: SMS DONE'],
    ['AT+QISTATE?', '+QIURC: "recv",0'],
    ['AT+COPS="+CREG"', '+CREG: 1'],
  ];
  for (const [command, line] of foreign) {
    it(`cannot be ${line} to ${command}`, () => assert.ok(isForeign(line, command)));
  }

  const own: [command: string, line: string][] = [
    ['AT+CSQ', '+CSQ: 24,99'],
    ['at + csq', '+CSQ: 24,99'],
    ['AT+CREG?', '+CREG: 0,1'],
    ['AT+CPIN?', '+CPIN: READY'],
    ['AT+CLIP?', '+CLIP: 0,1'],
    ['AT+CSQ;+CREG?', '+CREG: 0,1'],
    ['ATI', 'Quectel'],
    ['ATI', 'Revision: EC25EFAR06A03M4G'],
    ['ATI', '+GCAP: +CGSM'],
    ['AT&V', '&C: 1'],
    ['AT+CGMR', 'EC25EFAR06A03M4G'],
    ['AT+CGSN', '861107030000017'],
    ['AT+CCID', '+QCCID: 89860000000000000017'],
    ['AT+QCCID', '+CCID: 89860000000000000017'],
    ['AT+ICCID', '+CCID: 89860000000000000017'],
    ['AT+QFWDRECV=?', '+QFWDPRECV: <socket_id>,<length>'],
    ['AT+QFWDSEVER=?', '+QFWDSERVER: (1-65535)'],
    ['AT+QCFG="nwscanmode"', '+QCFG: "nwscanmode",0'],
    ['AT+CLAC', 'AT+CREG'],
    ['AT+CLAC', '+CREG'],
    ['AT^SYSINFO', '^SYSINFO: 2,3,0,5,1'],
    ['AT$QCRMCALL?', '$QCRMCALL: 1, V4'],
    ['AT+QGPSGNMEA="GGA"', '+QGPSGNMEA: $GPGGA,1,2'],
  ];
  for (const [command, line] of own) {
    it(`can be ${line} to ${command}`, () => assert.ok(!isForeign(line, command)));
  }

  it('can be anything with the name of the command', () => {
    const name = fc.stringMatching(/^[+^$*%][A-Z][A-Z0-9]{0,9}$/);
    const form = fc.constantFrom('', '?', '=?', '=1', '="+CREG: 1"');
    fc.assert(
      fc.property(name, form, fc.string(), (name, form, rest) =>
        assert.ok(!isForeign(`${name}: ${rest}`, `AT${name}${form}`)),
      ),
    );
  });

  it('can be anything without a name', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9"][ -~]{3,30}$/), (line) => {
        fc.pre(!['RING', 'APP RDY', 'POWERED DOWN', 'NORMAL POWER DOWN'].includes(line));
        assert.ok(!isForeign(line, 'AT+XYZ'));
      }),
    );
  });
});
