/** Child processes that end together with the script that started them. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { root } from './install.mjs';

/** In milliseconds. Node-RED waits up to 15 seconds for a node to close. */
const stopLimit = 20_000;
/** How often the parent process is checked, in milliseconds. */
const parentInterval = 500;
const isWindows = process.platform === 'win32';

/** Returns a signal that is aborted when this process is asked to end. Its reason is the name of the POSIX signal. */
export function endRequest() {
  const request = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => request.abort(signal));
  // npm forwards a signal to the shell that it started, which ends without forwarding it to this process.
  if (process.env.npm_lifecycle_event && !isWindows) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && request.abort('SIGTERM'), parentInterval).unref();
  }
  return request.signal;
}

/**
 * Runs a Node program until it ends by itself, `stop` is called or `end` is aborted.
 * @param {string[]} args arguments of `node`
 * @param {{ end: AbortSignal, env?: Record<string, string> }} options `env` is added to the environment
 * @returns `exited` resolves with the exit code, or 1 after a signal; `stop` resolves when the program has ended
 */
export function startNode(args, { end, env = {} }) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const exited = new Promise((resolve, reject) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', reject);
  });
  const stop = async (signal) => {
    if (signal) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
    await exited.finally(() => clearTimeout(timer));
  };
  // Windows sends Ctrl-C to every process of the console. A signal from here would terminate the child immediately.
  const passOn = () => void stop(isWindows ? undefined : end.reason);
  if (end.aborted) passOn();
  else end.addEventListener('abort', passOn, { once: true });
  child.once('exit', () => end.removeEventListener('abort', passOn));
  return { exited, stop: () => stop('SIGTERM') };
}
