import assert from 'node:assert/strict';

import { ERROR, lines, OK, start } from '../../support/simulator';

describe('general commands', () => {
  it('say who the module is', async () => {
    const { host } = start();
    assert.match(await host.command('ATI'), /^\r\nQuectel\r\nEC25\r\nRevision: EC25\w+\r\n\r\nOK\r\n$/);
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
    assert.match(await host.command('AT+CGSN'), /^\r\n\d{15}\r\n\r\nOK\r\n$/);
    assert.match(await host.command('AT+QCCID'), /^\r\n\+QCCID: \d{20}\r\n\r\nOK\r\n$/);
  });

  it('take what drivers send at start', async () => {
    const { host } = start();
    for (const line of [
      'AT',
      'ATE0',
      'ATE0Q0V1',
      'ATS5=8S3=13S4=10',
      'AT&F',
      'ATZ',
      'AT&W',
      'AT+IFC=2,2',
      'AT+IPR=115200',
      'AT+CREG=1',
    ]) {
      assert.match(await host.command(line), /\r\nOK\r\n$/, line);
    }
    await host.command('ATE0');
    assert.equal(await host.command('AT+CREG?'), lines('+CREG: 1,1', 'OK'));
    assert.equal(await host.command('AT+IFC=?;+CMEE?'), lines('+IFC: (0,2),(0,2)', '+CMEE: 0', 'OK'));
    assert.equal(await host.command('AT+QICSGP=1,1,"internet","","",0'), OK);
    assert.equal(await host.command('AT+QIACT=1'), OK);
    assert.equal(await host.command('AT+QIACT?'), lines('+QIACT: 1,1,1,"10.0.0.1"', 'OK'));
    assert.equal(await host.command('AT+CGDCONT=1,"IP","internet"'), OK);
    assert.equal(await host.command('AT+CGDCONT?'), lines('+CGDCONT: 1,"IP","internet"', 'OK'));
  });

  it('reject what they do not know, and the rest of the line with it', async () => {
    const { host } = start();
    for (const line of [
      'AT+FOO',
      'AT+FOO=?',
      'ATD*99#',
      'ATE2',
      'ATV2',
      'ATS3=10',
      'ATS6=1',
      'AT+CMEE=3',
      'AT+CMEE=1;+FOO',
      `AT${'x'.repeat(4000)}`,
    ]) {
      assert.match(await host.command(line), /^\r\n(ERROR|\+CME ERROR: \d+)\r\n$/, line);
    }
  });

  it('have result codes as ATV and ATQ say', async () => {
    for (const [results, ok, error] of [
      ['numbers', '0\r', '4\r'],
      ['none', '', ''],
    ] as const) {
      const { host } = start({ results });
      host.write('AT\rAT+FOO\rAT+CSQ\rATQ0V1\r');
      assert.equal(await host.until(OK), `${ok}${error}${lines('+CSQ: 20,99')}${ok}${OK}`);
      host.write(results === 'numbers' ? 'ATV0\rATV1\r' : 'ATQ1\rATQ0\r');
      assert.equal(await host.until(OK), `${ok}${OK}`);
      assert.equal(await host.command('ATS3?'), lines('013', 'OK'));
    }
  });

  it('echo what the host sends under ATE1', async () => {
    const { host } = start({ echo: true });
    assert.equal(await host.command('at'), `at\r${OK}`);
    assert.equal(await host.command('\n\x1bAtE0'), `AtE0\r${OK}`);
    assert.equal(await host.command('AT'), OK);
  });

  it('run one after the other when typed ahead', async () => {
    const { module, host } = start({ answerDelay: 5 });
    host.write('AT+CGMM\rAT+CMEE?\rAT+FOO\r');
    const answers = lines('EC25', 'OK', '+CMEE: 0', 'OK', 'ERROR');
    assert.equal(await host.until('ERROR\r\n'), answers);
    assert.deepEqual(module.commands, ['AT+CGMM', 'AT+CMEE?', 'AT+FOO']);
  });

  it('ask for the PIN, and for the PUK after three wrong ones', async () => {
    const { host } = start({ pin: '1234', puk: '87654321', cmee: 2 });
    assert.equal(await host.command('AT+CPIN?'), lines('+CPIN: SIM PIN', 'OK'));
    assert.equal(await host.command('AT+CREG?'), lines('+CREG: 0,0', 'OK'));
    for (let tries = 0; tries < 3; tries++) {
      assert.equal(await host.command('AT+CPIN="0000"'), lines('+CME ERROR: incorrect password'));
    }
    assert.equal(await host.command('AT+CPIN?'), lines('+CPIN: SIM PUK', 'OK'));
    assert.equal(await host.command('AT+CPIN=1234'), lines('+CME ERROR: SIM PUK required'));
    assert.equal(await host.command('AT+CPIN="87654321","4321"'), OK);
    await host.until(lines('+CPIN: READY', '+QUSIM: 1', '+QIND: PB DONE', '+QIND: SMS DONE'));
    assert.equal(await host.command('AT+CREG?'), lines('+CREG: 0,1', 'OK'));
    assert.equal(await host.command('AT+CPIN=4321'), lines('+CME ERROR: operation not allowed'));
  });

  it('lose the network with AT+CFUN=0', async () => {
    const { host } = start();
    assert.equal(await host.command('AT+CFUN=0'), OK);
    assert.equal(await host.command('AT+CEREG?'), lines('+CEREG: 0,0', 'OK'));
    assert.equal(await host.command('AT+CSQ'), lines('+CSQ: 99,99', 'OK'));
    assert.equal(await host.command('AT+QIACT=1'), ERROR);
    assert.equal(await host.command('AT+CFUN=1'), OK);
    await host.until(lines('+QIND: SMS DONE'));
    assert.equal(await host.command('AT+CSQ'), lines('+CSQ: 20,99', 'OK'));
  });
});
