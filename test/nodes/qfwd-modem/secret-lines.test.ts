import assert from 'node:assert/strict';
import { secretLine } from '../../../nodes/qfwd-modem/editor/secret-lines';

describe('A start command with a secret', () => {
  const secret = [
    'AT+CPIN=1234',
    'at+cpin2 = "1234"',
    'AT^CPIN="1234"',
    'AT+CPWD="SC","1234","4321"',
    'AT+CLCK="SC",1,"1234"',
    'AT+CGAUTH=1,1,"user","password"',
    'AT$QCPDPP=1,1,"x","user"',
    'AT+QICSGP=1,1,"internet","user","x",1',
    'AT+QFTPCFG="account","me","x"',
    'AT+QMTCONN=0,"client","me","x"',
    'AT+ANY="password","x"',
  ];
  for (const line of secret) {
    it(`is detected: ${line}`, () => {
      assert.equal(secretLine(line), 1);
      assert.equal(secretLine(`AT+CSQ\r\n\n${line}`), 3);
    });
  }

  const plain = [
    '',
    'AT+CSQ',
    'AT+CPIN?',
    'AT+CPIN=?',
    'AT+CLCK="SC",2',
    'AT+QICSGP=1,1,"internet"',
    'AT+QICSGP=1,1,"internet","","",0',
    'AT+CGAUTH=1,0',
    'AT+QPINC="SC"',
    'AT+QCFG="usbnet",1',
    'AT+QURCCFG="urcport","usbat"',
  ];
  for (const line of plain) {
    it(`is not detected: ${line}`, () => assert.equal(secretLine(line), undefined));
  }
});
