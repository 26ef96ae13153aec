import { createCipheriv, createHash } from 'node:crypto';

/** What a careless driver or module could take for its own. */
const traps = [
  '\r\nOK\r\n',
  '\r\nERROR\r\n',
  '> ',
  '\r\n+QFWDURC: "client/close",2\r\n',
  '\0',
  '\x1A',
  '\x1B',
];
const trapDistance = 997;

/** Random bytes, the same for the same seed, with text of the AT language strewn in. */
export function hostileBytes(length: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest();
  const bytes = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
  for (let at = 0, turn = 0; at + trapDistance < length; at += trapDistance, turn++) {
    bytes.write(traps[turn % traps.length]!, at, 'latin1');
  }
  return bytes;
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
