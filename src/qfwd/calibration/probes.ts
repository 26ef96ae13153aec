/**
 * What is sent to find out how a firmware treats payload. Whatever of it the firmware takes for the end of the data, the
 * rest does nothing as a command line: `AT` and `A/` (V.250 5.2) are nowhere in it, not in HEX either.
 */
import type { Command } from '../../at';
import { CTRL_Z, ESC, MAX_LENGTH, send } from '../commands';
import type { Facts } from '../facts';

/**
 * All byte values, falling: what follows Ctrl-Z and ESC is control characters, and XOFF (0x13) is soon taken back by XON
 * (0x11), lest a module with software flow control falls silent.
 */
export const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => 255 - index));

/** The same without what ends data of variable length. */
export const VARIABLE_BYTES = ALL_BYTES.filter((byte) => byte !== CTRL_Z && byte !== ESC) as Buffer;

/** Each of them twice: what announces a command on a line, as Telnet's 255 does, is itself sent so. */
export const DOUBLES = Buffer.from([...ALL_BYTES].flatMap((byte) => [byte, byte]));
export const VARIABLE_DOUBLES = DOUBLES.filter((byte) => byte !== CTRL_Z && byte !== ESC) as Buffer;

/** Line ends and what goes with them, which are changed in pairs … */
export const LINE_ENDS = Buffer.from('\n\r\n\r\r\n\n\0\r\0  \0\0\r\n\n');
/** … or taken off at the beginning and at the end. */
export const EDGES = ['\n', '\r', '\0', '\t', ' '].map((edge) => Buffer.from(`${edge}0${edge}`));

/** As long as one command carries, and nothing special in it. */
export const FULL_LENGTH = Buffer.alloc(MAX_LENGTH, '0123456789 ');

/** More than fits if the limit of 1024 counts digits. */
export const LONG_HEX = Buffer.alloc(600, '1');

/** This byte, followed by empty command lines. It comes first, as some firmware takes less than it is given. */
export function startingWith(byte: number): Buffer {
  return Buffer.concat([Buffer.from([byte]), Buffer.alloc(7, '\r')]);
}

/** This byte at the very end. */
export function endingWith(byte: number): Buffer {
  return Buffer.concat([Buffer.alloc(7, '\r'), Buffer.from([byte])]);
}

/** Both in each other's company, all over a command of full length. */
export const CROWD = Buffer.alloc(MAX_LENGTH, '\x1a\r\x1b\r\x1a\x1a\r\x1b\x1b\r\x1a\x1b\r\n\x1b\x1a \r');

/**
 * HEX of fixed length under either meaning of `send_len`: four bytes, or two and an empty command line after some digits.
 * Gives `actual_send_len`.
 */
export function fixedHex(socketId: number): Command<number> {
  return {
    ...send(socketId, { bytes: Buffer.from('1234'), format: 'hex', form: 'fixed' }),
    text: `AT+QFWDSEND=${socketId},1,4`,
    body: Buffer.from('31323334\r'),
  };
}

const PROMPTS = { '': 'bare', ' ': 'blank', '\r\n': 'line' } as const;

/** The form of the prompt, from all that was received while data was sent to this socket, and perhaps to others. */
export function promptIn(text: string, socketId: number): Facts['prompt'] {
  const tail = new RegExp(`\\r\\n>( |\\r\\n)?\\r\\n\\+QFWDSEND: *${socketId},`).exec(text);
  return tail ? PROMPTS[(tail[1] ?? '') as keyof typeof PROMPTS] : undefined;
}

/** What the answer of a read of this socket begins with that found something, from all that was received. */
export function readHeaderIn(text: string, socketId: number): Facts['readHeader'] {
  const header = new RegExp(`\\r\\n\\+(QFWDP?RECV|QFWDACK): *${socketId}, *[1-9]\\d*,?\\r\\n`).exec(text);
  return header?.[1] as Facts['readHeader'];
}

/** What a count is of, when it is either of these. */
export function unitOf(count: number, bytes: number, digits: number): 'bytes' | 'digits' | undefined {
  if (count === bytes) return 'bytes';
  return count === digits ? 'digits' : undefined;
}
