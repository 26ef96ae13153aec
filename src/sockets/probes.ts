/**
 * Test data for how a firmware treats payload. Wherever the firmware ends the data, the rest is harmless as a command
 * line: `AT` and `A/` (V.250 5.2) do not occur in it, nor in its hexadecimal form.
 */

import { CTRL_Z, ESC } from './special-bytes';

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

/** The byte, followed by empty command lines. It comes first, as some firmware accepts less than it is given. */
export function startingWith(byte: number): Buffer {
  return Buffer.concat([Buffer.from([byte]), Buffer.alloc(7, '\r')]);
}

/** The byte at the end. */
export function endingWith(byte: number): Buffer {
  return Buffer.concat([Buffer.alloc(7, '\r'), Buffer.from([byte])]);
}

/** Both bytes in combination. */
export function crowdOf(length: number): Buffer {
  return Buffer.alloc(length, '\x1a\r\x1b\r\x1a\x1a\r\x1b\x1b\r\x1a\x1b\r\n\x1b\x1a \r');
}

/** Digits and blanks only. */
export function digitsOf(length: number): Buffer {
  return Buffer.alloc(length, '0123456789 ');
}
