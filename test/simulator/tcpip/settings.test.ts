import assert from 'node:assert/strict';
import fc from 'fast-check';

import { parseOptions } from '../../../src/simulator';
import { parseSettings, SETTING_NAMES, TcpipSettings } from '../../../src/simulator/tcpip/settings';

describe('settings of AT+QICFG', () => {
  it('are read from text', () => {
    const settings = new TcpipSettings(' viewmode=1; dataformat=0,1;tcp/sendmode=3;');
    assert.ok(settings.isOn('viewmode'));
    assert.ok(!settings.isOn('dataformat', 0));
    assert.ok(settings.isOn('dataformat', 1));
    assert.deepEqual(settings.get('TCP/SendMode'), [3]);
    assert.deepEqual(settings.get('transpktsize'), [1024]);
  });

  it('are invalid with other keys and values', () => {
    for (const wrong of [
      'view=1',
      'viewmode',
      'viewmode=',
      'viewmode=2',
      'viewmode=1,1',
      'dataformat=1',
      'x',
    ])
      assert.equal(parseSettings(wrong), undefined, wrong);
    assert.throws(() => parseOptions({ qicfg: 'viewmode=2' }), /"qicfg" must be keys of AT\+QICFG/);
  });

  it('never accept a value that cannot be set', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SETTING_NAMES),
        fc.array(fc.integer({ min: -1, max: 2000 }), { maxLength: 5 }),
        (name, values) => {
          const settings = new TcpipSettings('');
          const before = settings.get(name);
          const isSet = settings.set(name, values);
          assert.deepEqual(settings.get(name), isSet ? values : before);
          assert.equal(parseSettings(`${name}=${values.join(',')}`) !== undefined, isSet);
        },
      ),
    );
  });
});
