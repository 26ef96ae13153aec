import assert from 'node:assert/strict';

import { HELP, parseCommandLine } from '../../src/check/arguments';

describe('The command line of qfwd-check', () => {
  it('may be empty', () => {
    assert.deepEqual(parseCommandLine([]), {
      help: false,
      baudRate: 115_200,
      payload: false,
      json: false,
      sockets: true,
    });
  });

  it('is parsed', () => {
    const text =
      '--port /dev/ttyUSB2 --second /dev/ttyUSB3 --baud 921600 --report r --trace t --payload --json --no-sockets';
    assert.deepEqual(parseCommandLine(text.split(' ')), {
      help: false,
      place: { path: '/dev/ttyUSB2' },
      second: '/dev/ttyUSB3',
      baudRate: 921_600,
      report: 'r',
      trace: 't',
      payload: true,
      json: true,
      sockets: false,
    });
    assert.deepEqual(parseCommandLine(['--tcp', '[::1]:3333']).place, { host: '::1', port: 3333 });
  });

  const wrong: [args: string[], reason: RegExp][] = [
    [['--tcp', 'localhost'], /--tcp must be HOST:PORT, not localhost/],
    [['--tcp', 'h:0'], /--tcp must be HOST:PORT, not h:0/],
    [['--tcp', 'h:1', '--port', 'x'], /--port or --tcp, not both/],
    [['--baud', 'fast'], /--baud must be a whole number from 300 to 4000000, not fast/],
    [['--port', ''], /--port is empty/],
    [['--speed', '1'], /--speed/],
    [['/dev/ttyUSB2'], /ttyUSB2/],
  ];
  for (const [args, reason] of wrong) {
    it(`causes an error that explains what is wrong with ${JSON.stringify(args)}`, () =>
      assert.throws(() => parseCommandLine(args), reason));
  }

  it('is explained by --help', () => {
    for (const name of ['port', 'tcp', 'second', 'baud', 'report', 'trace', 'payload', 'json', 'no-sockets'])
      assert.match(HELP, new RegExp(`\n  --${name} `));
  });
});
