import assert from 'node:assert/strict';

import { checkCommand, checkInitLine } from '../../../src/modem';
import { dropNext } from '../../../src/simulator';
import { readyRig, startRig } from '../../support/modem/rig';
import { SocketBench } from '../../support/socket-bench';

/** Commands that may be executed once, but not after every connect. */
const ONCE = [
  'AT+CPIN="1234"',
  'at + cpin = "1234"',
  'AT+CPIN2="1234"',
  'AT+CLCK="SC",1,"1234"',
  'AT+CLCK="SC",0,"1234"',
  'AT+CPWD="SC","1234","4321"',
  'AT+CFUN=1,1',
  'AT+CFUN=0,1',
  'AT+QPOWD',
  'AT+QPOWD=1',
  'AT+QFOTADL="http://host/file"',
  'AT+QPRTPARA=1',
  'AT&W',
];

describe('A command that is executed after every connect', () => {
  for (const line of ONCE) {
    it(`must not be ${line}, which a person may want to execute once`, () => {
      assert.doesNotThrow(() => checkCommand(line));
      assert.throws(() => checkInitLine(line), { code: 'QFWD_INVALID', message: /after every connect/ });
    });
  }

  it('may be a query, and may make any other setting', () => {
    for (const line of [
      'AT+CPIN?',
      'AT+CPIN=?',
      'AT+CLCK="SC",2',
      'AT+CPWD=?',
      'AT+CFUN=1',
      'AT+CFUN?',
      'AT+CFUN=1,0',
      'AT+QICSGP=1,1,"internet"',
      'AT&V',
    ])
      assert.doesNotThrow(() => checkInitLine(line), line);
  });

  it('is not executed but reported if it is one of those, and the others are executed', async () => {
    const rig = startRig({ modem: { init: ['AT+CLCK="SC",1,"9999"', 'AT+CREG=1', 'AT\rAT+CFUN=0'] } });
    await rig.openServer();
    assert.deepEqual([rig.count('AT+CLCK'), rig.count('AT+CREG=1'), rig.count('AT+CFUN')], [0, 1, 0]);
    assert.deepEqual(
      rig.problems.map((problem) => (problem as { code?: string }).code),
      ['QFWD_INVALID', 'QFWD_INVALID'],
    );
    assert.ok(!rig.problems.some(({ message }) => message.includes('9999')));
  });
});

describe('A secret start command', () => {
  const SECRET = 'AT+CGDCONT=1,"IP","hunter2"';
  const OK = '\r\nOK\r\n';
  const answers: [what: string, pieces: string[]][] = [
    ['is echoed', [`${SECRET}\r`, OK]],
    ['is echoed in part', [`${SECRET.slice(5)}\r`, OK]],
    ['is repeated in the answer', ['\r\n+CGDCONT: 1,"IP","hunter2"\r\n', OK]],
    ['is refused', ['\r\n+CME ERROR: 3\r\n']],
    ['has no answer', ['']],
  ];
  for (const [what, pieces] of answers) {
    it(`is not shown anywhere when it ${what}`, async () => {
      const answer = (line: string) => (line === SECRET ? pieces : undefined);
      const bench = await SocketBench.ready({ modem: { secretInit: [SECRET] }, module: { answer } });
      const { journal } = bench.modem;
      const said = [...journal.entries().map(({ text }) => text), ...bench.problems.map(String)].join('\n');
      assert.match(said, /AT\+CGDCONT=…/);
      assert.doesNotMatch(said, /hunter2/);
    });
  }

  it('is not shown anywhere when it must not be a start command, either', async () => {
    const secretInit = ['AT+QSECRET="hunter2";+CSQ', 'hunter2'];
    const bench = await SocketBench.ready({ modem: { secretInit } });
    assert.equal(bench.problems.length, 2);
    assert.ok(!bench.problems.some(({ message }) => message.includes('hunter2')));
  });
});

describe('A command that a user sends', () => {
  it('is written once, even if its response is lost', async () => {
    const rig = await readyRig();
    rig.module.once('command', () => rig.module.inject(dropNext('result')));
    await assert.rejects(rig.modem.requests.raw('AT&W', 1000), { code: 'QFWD_TIMEOUT' });
    await rig.modem.requests.raw('AT');
    assert.equal(rig.count('AT&W'), 1);
  });
});
