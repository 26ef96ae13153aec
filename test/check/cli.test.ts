import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { SimulatedModule } from '../../src/simulator';
import { type Published, serveTcp } from '../../src/simulator/serve-tcp';

describe('qfwd-check', () => {
  let module: SimulatedModule;
  let published: Published;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'qfwd-'));
    module = new SimulatedModule({ family: 'qfwd' });
    published = await serveTcp(module, 'usbat', { host: '127.0.0.1', port: 0 });
  });

  afterEach(async () => {
    await module.powerOff();
    await published.close();
    await rm(folder, { recursive: true });
  });

  interface Run {
    readonly status: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly out: string;
    readonly told: string;
  }

  async function run(
    args: string[],
    onStart: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
    reads = true,
  ): Promise<Run> {
    const cli = path.resolve(__dirname, '../../src/check/cli.ts');
    const program = spawn(process.execPath, ['--require', 'tsx/cjs', cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, told] = ['', ''];
    program.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    program.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()));
    if (!reads) program.stdout.once('data', () => program.stdout.destroy());
    onStart((signal) => program.kill(signal));
    const [status, signal] = (await once(program, 'close')) as [number | null, NodeJS.Signals | null];
    return { status, signal, out, told };
  }

  const place = (): string[] => ['--tcp', published.address.replace('tcp://', '')];

  it('exits with 0 if all is well, and writes report and trace', async () => {
    const [reportFile, traceFile] = [path.join(folder, 'r.md'), path.join(folder, 't.jsonl')];
    const { status, out } = await run([...place(), '--report', reportFile, '--trace', traceFile]);
    assert.equal(status, 0, out);
    assert.match(out, /The check will\n[\s\S]*\nAll is well\.\n/);
    assert.equal(module.commands.at(-1), 'ATE1');
    assert.match(await readFile(reportFile, 'utf8'), /^# qfwd-check/);
    assert.match(await readFile(traceFile, 'utf8'), /^\{"trace":1,[^\n]*\n\{"ms":/);
  });

  it('prints JSON and nothing else', async () => {
    const { status, out } = await run([...place(), '--json', '--no-sockets']);
    assert.equal(status, 0);
    assert.equal((JSON.parse(out) as { model: string }).model, 'EC25');
  });

  it('exits with 1 if something is wrong', async () => {
    const { address } = published;
    await published.close();
    const { status, out } = await run(['--tcp', address.replace('tcp://', '')]);
    published = await serveTcp(module, 'usbat', { host: '127.0.0.1', port: 0 });
    assert.equal(status, 1);
    assert.match(out, /The serial server cannot be used/);
  });

  it('exits with 2 and its usage if an argument is wrong', async () => {
    const { status, told } = await run(['--baud', 'fast']);
    assert.equal(status, 2);
    assert.match(told, /--baud must be .*not fast\n\nUsage: qfwd-check/);
  });

  it('exits with 2 before anything is opened if a file cannot be written', async () => {
    for (const option of ['--report', '--trace']) {
      const { status, out, told } = await run([...place(), option, path.join(folder, 'missing', 'file')]);
      assert.deepEqual([status, out], [2, '']);
      assert.match(told, /^qfwd-check: cannot write .*missing.*: ENOENT/);
    }
    assert.deepEqual(module.commands, []);
  });

  it('exits with 2, and writes no file, if there is no such port', async () => {
    const report = path.join(folder, 'report.md');
    for (const port of [path.join(folder, 'ttyUSB2'), folder, __filename]) {
      const { status, out, told } = await run(['--port', port, '--report', report]);
      assert.deepEqual([status, out], [2, ''], port);
      assert.match(told, /^qfwd-check: .* is no serial port, or is not there[^]*Name one with --port PATH/);
      assert.equal(existsSync(report), false);
    }
  });

  it('exits with 2 if a file can no longer be written', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const option of ['--report', '--trace']) {
      const { status, out, told } = await run([...place(), '--no-sockets', option, '/dev/full']);
      assert.equal(status, 2, out);
      assert.match(told, /^qfwd-check: cannot write \/dev\/full: ENOSPC/m);
      assert.doesNotMatch(out, /\/dev\/full/);
    }
  });

  it('lets only the owner read its files', async function () {
    if (process.platform === 'win32') this.skip();
    const files = [path.join(folder, 'r.md'), path.join(folder, 't.jsonl')] as const;
    await run([...place(), '--no-sockets', '--report', files[0], '--trace', files[1]]);
    for (const file of files) assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('goes on to its end when nobody reads its output any more', async () => {
    const { status, told } = await run(place(), undefined, false);
    assert.equal(status, 0, told);
    assert.match(told, /closing the port\n$/);
  });

  // npx passes a signal on that the terminal has already sent.
  for (const signals of [['SIGINT'], ['SIGINT', 'SIGINT'], ['SIGTERM'], ['SIGHUP']] as const) {
    it(`leaves neither port nor socket open at ${signals.join(' and ')}`, async function () {
      if (process.platform === 'win32') this.skip();
      // The calibration connects to a server that it has opened.
      const { status, signal, out } = await run(place(), (kill) =>
        module.on('command', (line) => {
          if (/^AT\+QFWDCLIENT=\d/.test(line)) for (const signal of signals) kill(signal);
        }),
      );
      assert.deepEqual([status, signal], signals[0] === 'SIGHUP' ? [null, 'SIGHUP'] : [1, null]);
      assert.match(out, /The check was ended early\./);
      const opened = module.commands.filter((line) => /^AT\+QFWD(SEVER|CLIENT)=\d/.test(line)).length;
      const closed = module.commands.filter((line) => /^AT\+QFWDCLOSE=\d/.test(line)).length;
      assert.ok(opened > 0 && closed >= opened, `${opened} opened, ${closed} closed`);
    });
  }
});
