import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { SimulatedModule } from './module';
import type { PortName } from './options';
import type { Published } from './serve-tcp';

const POLL_MS = 20;

/**
 * Publishes an AT port as a tty at `path`, made by `socat`. It stays over any number of openings, and what the module says while
 * nobody has it open waits in the tty, as far as that holds it.
 * @throws Error that says what to do when socat is missing or `path` cannot be had
 */
export async function servePty(module: SimulatedModule, port: PortName, path: string): Promise<Published> {
  await removeStaleLink(path);
  const socat = spawn('socat', [`PTY,link=${path},raw,echo=0`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // a Ctrl-C in the terminal is ours to handle
  });
  const exited = once(socat, 'exit');
  exited.catch(() => undefined);
  await waitForLink(path, exited);

  const lost = exited.then(() => Promise.reject(new Error(`socat has ended: ${path} is gone`)));
  lost.catch(() => undefined);
  const line = module.attach(port);
  socat.stdin.on('error', () => undefined); // socat is gone: 'exit' tells
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

/** A link left behind is taken away; anything else at `path` is not ours to remove. */
async function removeStaleLink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isSymbolicLink()) throw new Error(`${path} exists and is no link`);
  if (found) await rm(path);
}

async function waitForLink(path: string, exited: Promise<unknown[]>): Promise<void> {
  const failed = exited.then(
    ([status]) => {
      throw new Error(`socat could not make a tty at ${path} (exit status ${String(status)})`);
    },
    (error: unknown) => {
      throw new Error('socat is needed for a tty; install it, with "apt install socat" for one', {
        cause: error,
      });
    },
  );
  failed.catch(() => undefined);
  while (!(await lstat(path).catch(() => undefined))) await Promise.race([failed, sleep(POLL_MS)]);
}
