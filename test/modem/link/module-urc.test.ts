import assert from 'node:assert/strict';
import { isModuleUrc, isPowerDown, isStart } from '../../../src/modem/link/module-urc';

describe('A URC of the module itself', () => {
  it('tells when the module starts and stops', () => {
    assert.ok(isStart('RDY') && !isStart('READY'));
    assert.ok(isPowerDown('POWERED DOWN') && isPowerDown('NORMAL POWER DOWN') && !isPowerDown('RDY'));
  });

  it('is told apart from responses to commands', () => {
    for (const line of ['RDY', 'POWERED DOWN', '+QIND: SMS DONE', '+QUSIM: 1'])
      assert.ok(isModuleUrc(line), line);
    for (const line of ['OK', '+QFWDRECV: 3,18', '+CSQ: 20,99', 'Quectel'])
      assert.ok(!isModuleUrc(line), line);
  });
});
