import { createHash } from 'node:crypto';

const TRAPS = [
  '\r\nOK\r\n',
  '\r\nERROR\r\n',
  '> ',
  '\x1a',
  '\x1b',
  '\0',
  'AT\r',
  '\r\n+QFWDURC: "client/close",2\r\n',
];

/** Bytes that a driver may stumble over: parts of the dialogue with the module, then every byte there is. */
export function hostileBytes(length: number): Buffer {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  return Buffer.alloc(length, Buffer.concat([Buffer.from(TRAPS.join('')), all]));
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
