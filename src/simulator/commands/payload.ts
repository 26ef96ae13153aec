import { AtError } from '../errors';

/** Which control characters count in data of fixed length, for each value of the option `fixedLength`. */
export const FIXED_LENGTH = {
  transparent: false,
  'ends-at-ctrl-z': true,
  'cancels-at-esc': 'escape',
} as const;

/** The bytes of hexadecimal digits. @throws {AtError} */
export function decodeHex(digits: Buffer): Buffer {
  const text = digits.toString('latin1');
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new AtError(50);
  return Buffer.from(text, 'hex');
}
