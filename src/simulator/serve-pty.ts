import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { PortName } from './options';
import type { Attachable, Published } from './serve-tcp';

const POLL_MS = 20;

/**
 * Publishes an AT port as a tty at `path`, created by `socat`. It can be opened and closed any number of times. While it is
 * closed, output of the module is buffered by the tty, up to the size of its buffer.
 * @throws Error with a remedy if socat is missing or `path` cannot be used
 */
export async function servePty(module: Attachable, port: PortName, path: string): Promise<Published> {
  await removeStaleLink(path);
  const socat = spawn('socat', [`PTY,link=${path},raw,echo=0`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // Ctrl-C in the terminal must reach this process only
  });
  const exited = once(socat, 'exit');
  exited.catch(() => undefined);
  await waitForLink(path, exited);

  const lost = exited.then(() => Promise.reject(new Error(`socat has ended, so ${path} no longer exists`)));
  lost.catch(() => undefined);
  const line = module.attach(port);
  socat.stdin.on('error', () => undefined); // socat has ended: 'exit' is handled
  socat.stdout.pipe(line).pipe(socat.stdin);
  return {
    address: path,
    lost,
    async close() {
      line.destroy();
      socat.kill();
      await exited;
      await rm(path, { force: true });
    },
  };
}

/** Removes a link that an earlier run left behind. @throws Error if something else is at `path` */
async function removeStaleLink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isSymbolicLink()) throw new Error(`${path} exists and is not a link`);
  if (found) await rm(path);
}

async function waitForLink(path: string, exited: Promise<unknown[]>): Promise<void> {
  const failed = exited.then(
    ([status]) => {
      throw new Error(`socat could not create a tty at ${path} (exit status ${String(status)})`);
    },
    (error: unknown) => {
      throw new Error('A tty needs socat. Install it, for example with "apt install socat"', {
        cause: error,
      });
    },
  );
  failed.catch(() => undefined);
  while (!(await lstat(path).catch(() => undefined))) await Promise.race([failed, sleep(POLL_MS)]);
}
