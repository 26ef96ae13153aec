import assert from 'node:assert/strict';
import fc from 'fast-check';

import { masked, shown } from '../../src/at';
import { HARMLESS } from '../../src/at/secrets';

describe('masked', () => {
  const cases: [line: string, expected: string][] = [
    ['AT+CPIN="1234"', 'AT+CPIN=…'],
    ['at+cpin=1234', 'at+cpin=…'],
    ['AT + C PIN = 1234', 'AT + C PIN =…'],
    ['AT+CSQ;+CPIN="12345678","1234"', 'AT+CSQ;+CPIN=…'],
    ['AT+CPIN="12\n34"', 'AT+CPIN=…'],
    ['AT+CLCK="SC",1,"1234"', 'AT+CLCK=…'],
    ['AT+QICSGP=1,1,"internet","user","word",1', 'AT+QICSGP=…'],
    ['no answer in time to AT+CPIN="1234"', 'no answer in time to AT+CPIN=…'],
    ['+QICSGP: 1,"internet","user","word",1', '+QICSGP:…'],
    ['+CGAUTH: 1,1,"user","word"', '+CGAUTH:…'],
    ['AT+QHTTPCFG="auth","user:word"', 'AT+QHTTPCFG=…'],
    ['AT$QCPDPP=1,1,"word","user"', 'AT$QCPDPP=…'],
    ['AT+CSIM=26,"0020000108313233FF"', 'AT+CSIM=…'],
    ['+CRSM: 144,0,"98681234"', '+CRSM:…'],
    ['AT^CPIN="1234"', 'AT^CPIN=…'],
    ['AT+CPIN2="1234"', 'AT+CPIN2=…'],
    ['AT*MCODE=1234', 'AT*MCODE=…'],
    ['AT!ENTERCND="A710"', 'AT!ENTERCND=…'],
    ['AT+QSSLCFG="clientkey",1,"UFS:k.pem"', 'AT+QSSLCFG=…'],
    ['AT+QCFG="fota/pin",1234', 'AT+QCFG=…'],
    ['ATD+4917012345;', 'ATD…'],
    ['AT+CMGS="+4917012345"', 'AT+CMGS=…'],
    ['+CLIP: "+4917012345",145', '+CLIP:…'],
    ['+CMT: "+4917012345",,"26/11/28"\nthe code is 1234', '+CMT:…'],
    ['+CMGR: "REC READ","+4917012345"', '+CMGR:…'],
    ['+CUSD: 1,"your code is 1234",15', '+CUSD:…'],
    ['AT+CFUN=1;+CPIN="1234"', 'AT+CFUN=1;+CPIN=…'],
    ['the answer to AT+CSQ was "+CNUM: ,"+49170"": no', 'the answer to AT+CSQ was "+CNUM:…'],
    ['AT+CPIN?', 'AT+CPIN?'],
    ['AT+CPIN=?', 'AT+CPIN=?'],
    ['+CPIN: SIM PIN', '+CPIN: SIM PIN'],
    ['861107030000017', '…0017'],
    ['+QCCID: 89860000000000000017', '+QCCID: …0017'],
    ['+QCCID: 8986000000000000001F', '+QCCID: …0001F'],
    ['+QFWDURC: "client/incoming",1,2,"192.168.225.58",56784,"0.0.0.0",2020', ''],
    ['AT+QFWDRECV=61259,1024', ''],
    ['AT+QFWDCLIENT=0,1,"IP","tcp","host.example",80,"usbat"', ''],
    ['AT+QIOPEN=1,0,"TCP","192.0.2.1",7,0,0', ''],
    ['+QIURC: "incoming",11,0,"203.0.113.92",62060', ''],
    ['AT+QCFG="nwscanmode",3,1', ''],
    ['+QCFG: "nwscanmode",3', ''],
    ['+CME ERROR: 16 (incorrect password)', ''],
    ['the module answered +CME ERROR: SIM busy to AT+CPIN?', ''],
    ['ATE0Q0V1', ''],
    ['ATS0=1', ''],
    ['AT+CMGR=1', ''],
    ['+CMTI: "ME",3', ''],
    ['Revision: EC25EFAR06A03M4G', ''],
    ['AT+CLAC', ''],
  ];
  for (const [line, expected] of cases) {
    it(JSON.stringify(line), () => assert.equal(masked(line), expected || line));
  }

  describe('hides the parameters of everything that is not known to be harmless', () => {
    const name = fc
      .stringMatching(/^[A-Za-z][A-Za-z0-9]{0,9}$/)
      .filter((it) => !HARMLESS.has(it.toUpperCase()) && !/^(QFWD|CMG[RL]$|D$)/i.test(it));
    const symbol = fc.constantFrom('+', '^', '$', '*', '%', '!', '#');
    const blank = fc.constantFrom('', '', ' ', '\t');
    const secret = fc.stringMatching(/^[a-z0-9.!_-]{1,12}$/).map((it) => `zz${it}`);
    const parameters = fc
      .array(fc.oneof(fc.constantFrom('1', '', '"a"', '+CSQ: 1', ';+CSQ=', '='), secret), { maxLength: 3 })
      .map((all) => all.join(','));

    it('hides those of commands, however they are written', () => {
      const before = fc.constantFrom('AT', 'at', 'AT+CSQ;', 'no answer in time to AT', 'AT+CFUN=1;');
      fc.assert(
        fc.property(
          before,
          symbol,
          name,
          blank,
          parameters,
          secret,
          (before, symbol, name, blank, other, secret) => {
            const spelt = Array.from(name).join(blank);
            for (const text of [
              `="${secret}"`,
              `=${secret}`,
              `=${other},${secret}`,
              `${blank}= ${secret},${other}`,
            ])
              assert.ok(
                !masked(`${before}${symbol}${spelt}${text}`).includes(secret),
                `${before}${symbol}${spelt}${text}`,
              );
          },
        ),
        { numRuns: 500 },
      );
    });

    it('hides those of responses and URCs', () => {
      fc.assert(
        fc.property(symbol, name, parameters, secret, (symbol, name, other, secret) => {
          fc.pre(!/^(CPIN|Q?CCID|ICCID|CGSN|GSN|CIMI)$/i.test(name));
          for (const text of [`: "${secret}"`, `:${secret}`, `: ${other},${secret}`, `: 1\n${secret}`])
            assert.ok(!masked(`${symbol}${name}${text}`).includes(secret), `${symbol}${name}${text}`);
        }),
        { numRuns: 500 },
      );
    });
  });
});

describe('A secret command', () => {
  for (const [text, seen] of [
    ['AT+CGDCONT=1,"IP","hunter2"', 'AT+CGDCONT=…'],
    ['at ^ key = "hunter2"', 'at ^ key =…'],
    ['AT+XRESET', 'AT+XRESET'],
    ['ATDhunter2', 'ATD…'],
    ['hunter2', '…'],
  ] as const) {
    it(`is shown as ${seen}`, () => assert.equal(shown({ text, isSecret: true }), seen));
  }
});
