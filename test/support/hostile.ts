import { createHash } from 'node:crypto';

import { randomBytes } from './random';

/** Text that a driver or module must not take for its own if it is payload. */
export const TRAPS = [
  '\r\nOK\r\n',
  '\r\nERROR\r\n',
  '\r\n+CME ERROR: 3\r\n',
  'OK',
  '\r\n> ',
  '> ',
  '\r\n+QFWDURC: "client/close",2\r\n',
  '\r\n+QFWDRECV: 3,5\r\nhello\r\n\r\nOK\r\n',
  '\r\n+CMEE: 1\r\n\r\nOK\r\n',
  '\rAT+CFUN=0\r',
  'RDY\r\n',
  '\r',
  '\n',
  '\0',
  '\x1a',
  '\x1b',
].map((text) => Buffer.from(text, 'latin1'));

const TRAP_DISTANCE = 97;

/** Random bytes, the same for the same seed, mixed with text of the AT language. */
export function hostileBytes(length: number, seed = 'hostile'): Buffer {
  const bytes = randomBytes(length, seed);
  for (let at = 0, next = 0; at + TRAP_DISTANCE < length; at += TRAP_DISTANCE, next++) {
    TRAPS[next % TRAPS.length]!.copy(bytes, at);
  }
  return bytes;
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
