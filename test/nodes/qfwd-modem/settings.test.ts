import assert from 'node:assert/strict';

import { accessOf, modemOptions } from '../../../nodes/qfwd-modem/settings';

describe('settings of a modem with two ports', () => {
  const PAIR = { transport: 'serial', path: '/dev/ttyUSB2', secondPath: '/dev/ttyUSB3' };

  it('name both', () => {
    const access = accessOf({ ...PAIR, baudRate: 921600 });
    assert.deepEqual(access, {
      transport: 'serial',
      port: { path: '/dev/ttyUSB2', baudRate: 921600, rtscts: false },
      second: { path: '/dev/ttyUSB3', baudRate: 921600, rtscts: false },
    });
  });

  it('use both at once only where that is chosen', () => {
    const chosen = [{}, { parallel: false }, { parallel: true }, { parallel: 'true' }].map(
      (properties) => modemOptions({ ...PAIR, ...properties }, '').parallel,
    );
    assert.deepEqual(chosen, [false, false, true, true]);
  });
});

describe('the time-out of a modem', () => {
  it('follows what is measured only where the user has left it as it was', () => {
    const adapted = [{}, { commandTimeout: 5000 }, { commandTimeout: '5000' }, { commandTimeout: 4999 }].map(
      (properties) => modemOptions(properties, '').adaptsTimeout,
    );
    assert.deepEqual(adapted, [true, true, true, false]);
  });
});
