/** Facts measured about these commands; see `Profile`. */
import { COMMON_FACTS, type FactsOf, isProfileOf, type Profile } from '../sockets';
import { SPELLINGS } from './dialect';

/** Every fact: the allowed words, or a number. */
export const FACTS = {
  ...COMMON_FACTS,
  /** The prompt of AT+QFWDSEND: `\r\n> `, `\r\n>` or `\r\n>\r\n`. */
  prompt: ['blank', 'bare', 'line'],
  /** HEX: all 256 values. */
  hex: ['transparent', 'altered'],
  /** Raw in variable length: all values but Ctrl-Z and ESC, which end it. */
  variable: ['transparent', 'altered'],
  /** Raw in fixed length: all values; `ends`: Ctrl-Z or ESC end it as well. */
  fixed: ['transparent', 'ends', 'altered'],
  /** What `send_len`, `actual_send_len` and the limit of 1024 count under HEX. */
  hexLength: ['bytes', 'digits'],
  hexTaken: ['bytes', 'digits'],
  hexLimit: ['bytes', 'digits'],
  /** The maximum number of bytes accepted by one AT+QFWDSEND. */
  perSend: 'number',
  /** Sizes of the queues of a socket, in bytes. */
  sendMax: 'number',
  recvMax: 'number',
  /** The prefix of a read response. */
  readHeader: ['QFWDRECV', 'QFWDPRECV', 'QFWDACK'],
} as const;

export type Facts = FactsOf<typeof FACTS>;

/** Whether a value from storage is a valid profile of this family. */
export function isProfile(value: unknown): value is Profile {
  return isProfileOf(value, 'qfwd', SPELLINGS, FACTS);
}
