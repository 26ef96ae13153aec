import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Duplex } from 'node:stream';
import { SerialPort } from 'serialport';

import { Reader } from '../support/reader';
import { OK } from '../support/simulator';

const CLI = resolve(__dirname, '../../src/simulator/cli.ts');

/** The simulator at a tty; needs socat. */
describe('qfwd-simulator at a tty', () => {
  let folder: string;
  let program: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qfwd-'));
  });

  afterEach(async () => {
    if (program?.exitCode === null) {
      program.kill('SIGKILL');
      await once(program, 'exit');
    }
    await rm(folder, { recursive: true });
  });

  function run(...args: string[]) {
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    program = child;
    return {
      child,
      output: new Reader(Duplex.from(child.stdout)),
      errors: new Reader(Duplex.from(child.stderr)),
    };
  }

  async function open(path: string) {
    const serial = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
    await new Promise<void>((done, failed) => serial.open((error) => (error ? failed(error) : done())));
    return { serial, reader: new Reader(serial) };
  }

  async function close(serial: SerialPort) {
    await new Promise<void>((done, failed) => serial.close((error) => (error ? failed(error) : done())));
  }

  it('exists during any number of openings, and is removed at the end', async () => {
    const path = join(folder, 'ttySimulated');
    const { child, output } = run('--pty', path);
    await output.until(`AT port at ${path}\n`);
    for (let opening = 0; opening < 3; opening++) {
      const { serial, reader } = await open(path);
      serial.write('ATE0\r');
      await reader.until(OK);
      serial.write('AT+CGMM\r');
      await reader.until('\r\nEC25\r\n\r\nOK\r\n');
      await close(serial);
    }
    child.kill('SIGINT');
    const [status] = (await once(child, 'exit')) as [number];
    assert.equal(status, 0);
    assert.equal(existsSync(path), false);
  });

  it('can have both ports of one module', async () => {
    const paths = [join(folder, 'at'), join(folder, 'modem')] as const;
    const { output } = run('--pty', paths[0], '--second-pty', paths[1], '--echo', 'false');
    await output.until(`modem port at ${paths[1]}\n`);
    for (const path of paths) {
      const { serial, reader } = await open(path);
      serial.write('AT+CGMI\r');
      await reader.until('\r\nQuectel\r\n\r\nOK\r\n');
      await close(serial);
    }
  });

  it('does not replace a file that is not a link', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'mine');
    const { child, errors } = run('--pty', path);
    await errors.until('exists and is not a link');
    if (child.exitCode === null) await once(child, 'exit');
    assert.equal(child.exitCode, 1);
    assert.ok(existsSync(path));
  });
});
