import assert from 'node:assert/strict';

import { accessOf, modemOptions } from '../../../nodes/qfwd-modem/settings';

describe('The settings of a modem with two ports', () => {
  const PAIR = { transport: 'serial', path: '/dev/ttyUSB2', secondPath: '/dev/ttyUSB3' };

  it('have both ports', () => {
    const access = accessOf({ ...PAIR, baudRate: 921600 });
    assert.deepEqual(access, {
      transport: 'serial',
      port: { path: '/dev/ttyUSB2', baudRate: 921600, rtscts: false },
      second: { path: '/dev/ttyUSB3', baudRate: 921600, rtscts: false },
    });
  });

  it('use both at the same time only if that is chosen', () => {
    const chosen = [{}, { parallel: false }, { parallel: true }, { parallel: 'true' }].map(
      (properties) => modemOptions({ ...PAIR, ...properties }, {}).parallel,
    );
    assert.deepEqual(chosen, [false, false, true, true]);
  });
});

describe('The timeout of a modem', () => {
  it('may be replaced by a measured one only if the user has not changed it', () => {
    const adapted = [{}, { commandTimeout: 5000 }, { commandTimeout: '5000' }, { commandTimeout: 4999 }].map(
      (properties) => modemOptions(properties, {}).adaptsTimeout,
    );
    assert.deepEqual(adapted, [true, true, true, false]);
  });
});

describe('The start commands of a modem', () => {
  const init = (plain: string, secret = '') => {
    const options = modemOptions({ init: plain }, { secretInit: secret });
    return [...options.init, ...(options.secretInit ?? [])];
  };

  it('are one on each line, the secret ones last', () => {
    assert.deepEqual(init(' AT+CSQ \r\n\nAT+CREG=1', 'AT+CGAUTH=1,1,"u","p"\n'), [
      'AT+CSQ',
      'AT+CREG=1',
      'AT+CGAUTH=1,1,"u","p"',
    ]);
    assert.deepEqual(init(''), []);
  });

  it('that are secret are not shown if one is rejected', () => {
    assert.throws(() => init('', 'AT+CSQ\n\npassword'), {
      code: 'QFWD_INVALID',
      message: 'secretInit: line 3 is refused: it does not begin with AT',
    });
  });

  for (const command of ['AT+CPIN=1234', 'at + cpin = "1234"', 'AT+CPIN="12345678","0000"']) {
    it(`must not enter a PIN at each connect: ${command}`, () => {
      for (const lines of [() => init(command), () => init('', command)]) {
        assert.throws(lines, { code: 'QFWD_INVALID', message: /the third wrong one locks the SIM/ });
      }
    });
  }

  it('may query the state of the PIN', () => {
    assert.deepEqual(init('AT+CPIN?\nAT+CPIN=?'), ['AT+CPIN?', 'AT+CPIN=?']);
  });
});

describe('The options of the built-in simulator', () => {
  const optionsOf = (simulator?: unknown) => {
    const access = accessOf({ transport: 'simulator', simulator });
    assert.equal(access.transport, 'simulator');
    return access.options;
  };
  afterEach(() => {
    delete process.env.SIM_FAMILY;
  });

  it('may be an object, or JSON', () => {
    assert.deepEqual(optionsOf({ echo: false }), { echo: false });
    assert.deepEqual(optionsOf('{"echo":false}'), { echo: false });
    assert.deepEqual(optionsOf(), {});
    for (const wrong of ['[1]', '{', 5])
      assert.throws(() => optionsOf(wrong), { code: 'QFWD_INVALID', message: /JSON object/ });
  });

  it('have the family of SIM_FAMILY by default', () => {
    process.env.SIM_FAMILY = 'tcpip';
    assert.deepEqual(optionsOf({ echo: false }), { family: 'tcpip', echo: false });
    assert.deepEqual(optionsOf({ family: 'both' }), { family: 'both' });
    process.env.SIM_FAMILY = '';
    assert.deepEqual(optionsOf(), {});
  });
});
