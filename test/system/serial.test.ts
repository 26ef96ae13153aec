import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SerialLink, serialTransport } from '../../src/transport';
import { OpenLink } from '../support/open-link';
import { untilFile } from './support/files';

describe('A tty', () => {
  let directory: string;
  let path: string;
  let far: ChildProcess;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tty-'));
    path = join(directory, 'tty');
    far = spawn('socat', [`PTY,link=${path},rawer`, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] });
    // socat makes the link first, and sets up the tty after that.
    await untilFile(path, () => existsSync(path));
    while (!settingsOf(path).includes('-icanon'));
  });

  afterEach(async () => {
    far.kill();
    await rm(directory, { recursive: true });
  });

  const transport = () => serialTransport({ path, baudRate: 115_200, rtscts: false });

  it('carries bytes in both directions, including whole USB packets', async () => {
    const it = await OpenLink.to(transport());
    for (const length of [1, 511, 512, 1024]) {
      const sent = Buffer.alloc(length, length & 0xff);
      it.link.write(sent);
      const chunks: Buffer[] = [];
      while (Buffer.concat(chunks).length < length)
        chunks.push((await once(far.stdout!, 'data'))[0] as Buffer);
      assert.deepEqual(Buffer.concat(chunks), sent);
    }
    far.stdin!.write('\r\nOK\r\n');
    assert.equal((await it.received(6)).toString(), '\r\nOK\r\n');
    await Promise.all([it.link.close(), it.link.close()]);
    assert.deepEqual(it.reasons, []);
  });

  it('can be opened by one program at a time, and again at once after it was closed', async () => {
    const it = await OpenLink.to(transport());
    await assert.rejects(OpenLink.to(transport()), { message: /UV_USE_IO_URING=0/ });
    await it.link.close();
    const again = await OpenLink.to(transport());
    await again.link.close();
  });

  it('whose settings another program has changed is set up again, and loses nothing afterwards', async () => {
    const opened = await OpenLink.to(transport());
    const link = opened.link as SerialLink;
    const before = settingsOf(path);
    execFileSync('stty', ['-F', path, 'sane', '9600', 'echo', 'ixon', 'ixoff', 'cstopb']);
    assert.notEqual(settingsOf(path), before);
    await link.restore();
    assert.equal(settingsOf(path), before);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    far.stdin!.write(bytes);
    assert.deepEqual(await opened.received(bytes.length), bytes);
    link.write(bytes);
    assert.deepEqual((await once(far.stdout!, 'data'))[0], bytes);
    // It is still locked.
    await assert.rejects(OpenLink.to(transport()), { message: /^port in use by another program/ });
    await link.close();
    assert.deepEqual(opened.reasons, []);
  });

  it('that disappears, during a read or not, is reported once and closed', async () => {
    const it = await OpenLink.to(transport());
    far.stdin!.write('RDY');
    await it.received(1);
    far.kill();
    const reason = await it.closed();
    assert.equal(reason, `${path} has gone`);
    await it.link.close();
  });
});

/** How a tty is set up. */
function settingsOf(path: string): string {
  return execFileSync('stty', ['-F', path, '-a'], { encoding: 'utf8' });
}
