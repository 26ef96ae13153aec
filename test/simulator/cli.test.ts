import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Duplex } from 'node:stream';

import { OPTION_NAMES } from '../../src/simulator';
import { helpText, parseCommandLine } from '../../src/simulator/cli-arguments';
import { connectPeer } from '../support/peers';
import { Reader } from '../support/reader';

describe('qfwd-simulator', () => {
  it('explains every option', () => {
    const help = helpText();
    for (const name of OPTION_NAMES) assert.ok(help.includes(`\n  --${name} VALUE\n`), name);
  });

  it('reads its arguments', () => {
    const args = parseCommandLine([
      '--tcp',
      '[::1]:3333',
      '--second-pty',
      '/tmp/x',
      '--baud',
      '9600',
      '--trace',
    ]);
    assert.deepEqual(args.places, [
      { port: 'usbat', tcp: { host: '::1', port: 3333 } },
      { port: 'usbmodem', pty: '/tmp/x' },
    ]);
    assert.equal(args.options.baud, 9600);
    assert.equal(args.trace, true);
  });

  it('says what is wrong with them', () => {
    const wrong =
      (...args: string[]) =>
      () =>
        parseCommandLine(args);
    assert.throws(wrong(), /--tcp HOST:PORT or --pty PATH/);
    assert.throws(wrong('--tcp', 'localhost'), /--tcp must be HOST:PORT, not localhost/);
    assert.throws(wrong('--tcp', ':1', '--pty', '/tmp/x'), /--tcp or --pty, not both/);
    assert.throws(wrong('--tcp', ':1', '--names', 'x'), /"names" must be/);
    assert.throws(wrong('--tcp', ':1', '--speed', '1'), /--speed/);
  });

  it('serves its AT port on TCP, to one host after the other, and ends at SIGTERM', async () => {
    const cli = resolve(__dirname, '../../src/simulator/cli.ts');
    const args = ['--require', 'tsx/cjs', cli, '--tcp', '127.0.0.1:0', '--prompt', '\\r\\n>', '--trace'];
    const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = new Reader(Duplex.from(program.stdout));
    const dialogue = new Reader(Duplex.from(program.stderr));
    const ready = await output.until(/AT port at tcp:\/\/127\.0\.0\.1:\d+\n/);
    const port = Number(/:(\d+)\n/.exec(ready)?.[1]);

    const first = await connectPeer(port);
    first.socket.write('ATE0\r');
    await first.untilText('ATE0\r\r\nOK\r\n');
    const second = await connectPeer(port);
    await first.ended;
    second.socket.write('AT+CGMM\r');
    await second.untilText('\r\nEC25\r\n\r\nOK\r\n');
    await dialogue.until('usbat > "\\r\\nEC25\\r\\n\\r\\nOK\\r\\n"\n');

    program.kill('SIGTERM');
    const [status] = (await once(program, 'exit')) as [number | null];
    // Windows has no signals: there it is killed.
    assert.equal(status, process.platform === 'win32' ? null : 0);
  });
});
