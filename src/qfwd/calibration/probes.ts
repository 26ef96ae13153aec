/** Test data for how a firmware treats payload, in addition to that for all families; and what its answers show. */
import type { Command } from '../../at';
import { crowdOf, digitsOf } from '../../sockets';
import { MAX_LENGTH, send } from '../commands';
import type { Facts } from '../facts';

/** The maximum length of one command, without special bytes. */
export const FULL_LENGTH = digitsOf(MAX_LENGTH);

/** Too long if the limit of 1024 counts digits. */
export const LONG_HEX = Buffer.alloc(600, '1');

/** Both bytes in combination, over a command of full length. */
export const CROWD = crowdOf(MAX_LENGTH);

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
