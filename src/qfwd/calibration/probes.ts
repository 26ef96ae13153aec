/**
 * Test data for how a firmware treats payload. Wherever the firmware ends the data, the rest is harmless as a command
 * line: `AT` and `A/` (V.250 5.2) do not occur in it, nor in its HEX form.
 */
import type { Command } from '../../at';
import { CTRL_Z, ESC, MAX_LENGTH, send } from '../commands';
import type { Facts } from '../facts';

/**
 * All byte values in descending order: after Ctrl-Z and ESC come only control characters, and XON (0x11) soon follows
 * XOFF (0x13), so that a module with software flow control does not stop.
 */
export const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => 255 - index));

/** The same without the bytes that end data of variable length. */
export const VARIABLE_BYTES = ALL_BYTES.filter((byte) => byte !== CTRL_Z && byte !== ESC) as Buffer;

/** Each byte twice: escape characters, such as 255 in Telnet, are transmitted doubled. */
export const DOUBLES = Buffer.from([...ALL_BYTES].flatMap((byte) => [byte, byte]));
export const VARIABLE_DOUBLES = DOUBLES.filter((byte) => byte !== CTRL_Z && byte !== ESC) as Buffer;

/** Line ends and related bytes, which may be converted in pairs … */
export const LINE_ENDS = Buffer.from('\n\r\n\r\r\n\n\0\r\0  \0\0\r\n\n');
/** … or trimmed at the beginning and at the end. */
export const EDGES = ['\n', '\r', '\0', '\t', ' '].map((edge) => Buffer.from(`${edge}0${edge}`));

/** The maximum length of one command, without special bytes. */
export const FULL_LENGTH = Buffer.alloc(MAX_LENGTH, '0123456789 ');

/** Too long if the limit of 1024 counts digits. */
export const LONG_HEX = Buffer.alloc(600, '1');

/** The byte, followed by empty command lines. It comes first, as some firmware accepts less than it is given. */
export function startingWith(byte: number): Buffer {
  return Buffer.concat([Buffer.from([byte]), Buffer.alloc(7, '\r')]);
}

/** The byte at the end. */
export function endingWith(byte: number): Buffer {
  return Buffer.concat([Buffer.alloc(7, '\r'), Buffer.from([byte])]);
}

/** Both bytes in combination, over a command of full length. */
export const CROWD = Buffer.alloc(MAX_LENGTH, '\x1a\r\x1b\r\x1a\x1a\r\x1b\x1b\r\x1a\x1b\r\n\x1b\x1a \r');

/**
 * HEX of fixed length, valid for both meanings of `send_len`: four bytes, or two bytes and an empty command line after
 * some digits. Returns `actual_send_len`.
 */
export function fixedHex(socketId: number): Command<number> {
  return {
    ...send(socketId, { bytes: Buffer.from('1234'), format: 'hex', form: 'fixed' }),
    text: `AT+QFWDSEND=${socketId},1,4`,
    body: Buffer.from('31323334\r'),
  };
}

const PROMPTS = { '': 'bare', ' ': 'blank', '\r\n': 'line' } as const;

/** The format of the prompt, from all characters received while data was sent to this socket and possibly others. */
export function promptIn(text: string, socketId: number): Facts['prompt'] {
  const tail = new RegExp(`\\r\\n>( |\\r\\n)?\\r\\n\\+QFWDSEND: *${socketId},`).exec(text);
  return tail ? PROMPTS[(tail[1] ?? '') as keyof typeof PROMPTS] : undefined;
}

/** The prefix of a read response with data for this socket, from all characters received. */
export function readHeaderIn(text: string, socketId: number): Facts['readHeader'] {
  const header = new RegExp(`\\r\\n\\+(QFWDP?RECV|QFWDACK): *${socketId}, *[1-9]\\d*,?\\r\\n`).exec(text);
  return header?.[1] as Facts['readHeader'];
}

/** The unit of a count; `undefined` when it matches neither. */
export function unitOf(count: number, bytes: number, digits: number): 'bytes' | 'digits' | undefined {
  if (count === bytes) return 'bytes';
  return count === digits ? 'digits' : undefined;
}
