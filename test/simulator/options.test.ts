import assert from 'node:assert/strict';

import { OPTIONS, OPTION_NAMES, parseOptions, SimulatedModule } from '../../src/simulator';

describe('The options of the simulator', () => {
  it('have default values if they are missing or empty', () => {
    const options = parseOptions({ baud: '', prompt: null, pin: undefined });
    for (const name of OPTION_NAMES) assert.equal(options[name], OPTIONS[name].default, name);
  });

  it('can be strings in place of flags and numbers', () => {
    const options = parseOptions({ baud: '115200', echo: 'false', bodyEcho: '1', pin: 1234 });
    assert.deepEqual(
      [options.baud, options.echo, options.bodyEcho, options.pin],
      [115_200, false, true, '1234'],
    );
  });

  it('may contain CR and LF as escapes', () => {
    assert.equal(parseOptions({ prompt: '\\r\\n>\\r\\n' }).prompt, '\r\n>\r\n');
  });

  it('cause an error that names what is wrong and what is allowed', () => {
    assert.throws(
      () => parseOptions({ names: 'x' }),
      /"names" must be "manual" or "headings" or "server", not "x"/,
    );
    assert.throws(() => parseOptions({ baud: -1 }), /"baud" must be an integer from 0 to/);
    assert.throws(() => parseOptions({ baud: '1e3' }), /"baud" must be an integer/);
    assert.throws(() => parseOptions({ echo: 'yes please' }), /"echo" must be true or false/);
    assert.throws(() => parseOptions({ pin: '12' }), /"pin" must be 4 to 8 digits, or empty/);
    assert.throws(
      () => parseOptions({ bauds: 1 }),
      /Unknown simulator option "bauds"\. Valid options: baud, /,
    );
    assert.throws(() => parseOptions([]), /must be an object/);
  });

  it('are checked by the module as well', () => {
    assert.throws(() => new SimulatedModule({ recvBuffer: 0 }), /"recvBuffer" must be an integer from 1/);
  });
});
