import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';

/**
 * Opens a tty as a stream that Node.js reads and writes in its event loop, without threads. Its settings are not changed.
 * @throws {Error} from the operating system
 */
export function openTty(path: string): Duplex {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const { rdev } = fstatSync(fd);
  const stream = new ReadStream(fd);
  // The stream usually reopens the tty and does not close this descriptor. If it could not reopen it, it closes this one itself.
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
