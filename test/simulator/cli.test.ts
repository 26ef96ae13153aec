import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path, { resolve } from 'node:path';
import { Duplex } from 'node:stream';

import { OPTION_NAMES } from '../../src/simulator';
import { helpText, parseCommandLine } from '../../src/simulator/cli-arguments';
import { connectPeer } from '../support/peers';
import { Reader } from '../support/reader';

describe('qfwd-simulator', () => {
  it('explains every option in --help', () => {
    const help = helpText();
    for (const name of OPTION_NAMES) assert.ok(help.includes(`\n  --${name} VALUE\n`), name);
  });

  it('parses its arguments', () => {
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
    assert.equal(args.trace, 'print');
    const traced = parseCommandLine([
      '--tcp',
      ':0',
      '--trace',
      'a.jsonl',
      '--payload',
      '--replay',
      'b.jsonl',
    ]);
    assert.deepEqual(traced.trace, { file: 'a.jsonl' });
    assert.deepEqual([traced.payload, traced.replay], [true, 'b.jsonl']);
  });

  it('reports invalid arguments', () => {
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

  it('writes a trace, and replays it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'qfwd-'));
    const file = path.join(folder, 'trace.jsonl');
    const ask = async (args: string[], command: string, answer: string): Promise<string> => {
      const cli = resolve(__dirname, '../../src/simulator/cli.ts');
      const all = ['--require', 'tsx/cjs', cli, '--tcp', '127.0.0.1:0', ...args];
      const program = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
      const ready = await new Reader(Duplex.from(program.stdout)).until(/127\.0\.0\.1:\d+\n/);
      const peer = await connectPeer(Number(/:(\d+)\n/.exec(ready)?.[1]));
      peer.socket.write(`${command}\r`);
      await peer.untilText(answer);
      const said = new Reader(Duplex.from(program.stderr));
      program.kill('SIGTERM');
      await once(program, 'exit');
      return said.until(/$/);
    };
    try {
      await ask(['--trace', file], 'AT+CGMM', '\r\nEC25\r\n\r\nOK\r\n');
      const trace = await readFile(file, 'utf8');
      assert.match(trace, /^\{"trace":1,/);
      await ask(['--replay', file], 'AT+CGMM', '\r\nEC25\r\n\r\nOK\r\n');
      const told = await ask(['--replay', file], 'AT+CPIN=1234', '\r\nERROR\r\n');
      assert.match(told, /never asked in this trace, so ERROR: AT\+CPIN=[^1]+ \(usbat\)/);
    } finally {
      await rm(folder, { recursive: true });
    }
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
