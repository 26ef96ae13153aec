import assert from 'node:assert/strict';

import { ERROR, lines, OK, start } from '../support/simulator';

const READY = ['+CPIN: READY', '+QUSIM: 1', '+QIND: PB DONE', '+QIND: SMS DONE'];

describe('The SIM of a simulated module', () => {
  for (const [simStarting, answer] of [
    ['busy', lines('+CME ERROR: 14')],
    ['absent', lines('+CME ERROR: 10')],
    ['failure', lines('+CME ERROR: 13')],
    ['not-ready', lines('+CPIN: NOT READY', 'OK')],
    ['error', ERROR],
  ] as const) {
    it(`is not available at first: ${simStarting}`, async () => {
      const { module, host } = start({ pin: '1234', cmee: 1, simDelay: 600_000, simStarting });
      void module.reboot();
      await host.until(lines('RDY', '+CFUN: 1'));
      assert.equal(await host.command('AT+CPIN?'), answer);
      assert.equal(await host.command('AT+CPIN=1234'), lines('+CME ERROR: 14'));
      assert.equal(await host.command('AT+QPINC?'), lines('+CME ERROR: 14'));
    });
  }

  it('sends a URC when it is available', async () => {
    const { module, host } = start({ pin: '1234', simDelay: 10 });
    await module.reboot();
    await host.until(lines('RDY', '+CFUN: 1', '+CPIN: SIM PIN'));
    assert.equal(await host.command('AT+QPINC?'), lines('+QPINC: "SC",3,10', 'OK'));
  });

  it('requires its PIN again after AT+CFUN=0 and AT+CFUN=1', async () => {
    const { host } = start({ pin: '1234', cmee: 1 });
    await host.command('AT+CPIN=1234');
    await host.until(lines(...READY));
    assert.equal(await host.command('AT+CFUN=0'), OK);
    assert.equal(await host.command('AT+CPIN?'), lines('+CME ERROR: 10'));
    assert.equal(await host.command('AT+CFUN=1'), OK);
    await host.until(lines('+CPIN: SIM PIN'));
    assert.equal(await host.command('AT+CREG?'), lines('+CREG: 0,0', 'OK'));
  });

  it('can be removed and inserted again', async () => {
    const { module, host } = start({ cmee: 1 });
    module.ejectSim();
    await host.until(lines('+CPIN: NOT READY'));
    assert.equal(await host.command('AT+CPIN?'), lines('+CME ERROR: 10'));
    assert.equal(await host.command('AT+CPIN=1234'), lines('+CME ERROR: 10'));
    assert.equal(await host.command('AT+CREG?'), lines('+CREG: 0,0', 'OK'));
    module.insertSim();
    await host.until(lines(...READY));
    assert.equal(await host.command('AT+CREG?'), lines('+CREG: 0,1', 'OK'));
  });

  it('can be denied by the network', async () => {
    const { host } = start({ registration: 'denied' });
    assert.equal(await host.command('AT+CEREG?'), lines('+CEREG: 0,3', 'OK'));
    assert.equal(await host.command('AT+CEER'), lines('+CEER: EPS services not allowed', 'OK'));
    assert.equal(await host.command('AT+QIACT=1'), ERROR);
  });
});
