import assert from 'node:assert/strict';

import { masked } from '../../src/at';

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
    ['AT+CPIN?', 'AT+CPIN?'],
    ['AT+CPIN=?', 'AT+CPIN=?'],
    ['+CPIN: SIM PIN', '+CPIN: SIM PIN'],
    ['861107030000017', '…0017'],
    ['+QCCID: 89860000000000000017', '+QCCID: …0017'],
    ['+QCCID: 8986000000000000001F', '+QCCID: …0001F'],
    ['+QFWDURC: "client/incoming",1,2,"192.168.225.58",56784,"0.0.0.0",2020', ''],
    ['AT+QFWDRECV=61259,1024', ''],
  ];
  for (const [line, expected] of cases) {
    it(JSON.stringify(line), () => assert.equal(masked(line), expected || line));
  }
});
