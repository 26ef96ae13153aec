import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';

/**
 * A tty as a stream that Node.js reads and writes in its event loop, without threads. It is left as it was set up.
 * @throws {Error} of the operating system
 */
export function openTty(path: string): Duplex {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const { rdev } = fstatSync(fd);
  const stream = new ReadStream(fd);
  // The stream has opened the tty anew, and leaves this one to us; where it could not, it has closed this one with itself.
  stream.once('close', () => {
    if (isOpen(fd, rdev)) closeSync(fd);
  });
  return stream;
}

function isOpen(fd: number, rdev: number): boolean {
  try {
    return fstatSync(fd).rdev === rdev;
  } catch {
    return false;
  }
}
