/** What a firmware was measured to do with these commands; see `Profile`. */
import { COMMON_FACTS, type FactsOf, isProfileOf, type Profile } from '../sockets';
import { SPELLINGS } from './dialect';

/** Every fact: the words it may be, or that it is a number. */
export const FACTS = {
  ...COMMON_FACTS,
  /** What asks for the data of AT+QFWDSEND: `\r\n> `, `\r\n>` or `\r\n>\r\n`. */
  prompt: ['blank', 'bare', 'line'],
  /** HEX: all 256 values. */
  hex: ['transparent', 'altered'],
  /** Raw in variable length: all values but Ctrl-Z and ESC, which end it. */
  variable: ['transparent', 'altered'],
  /** Raw in fixed length: all values; or Ctrl-Z or ESC end it as well. */
  fixed: ['transparent', 'ends', 'altered'],
  /** What `send_len`, `actual_send_len` and the limit of 1024 count under HEX. */
  hexLength: ['bytes', 'digits'],
  hexTaken: ['bytes', 'digits'],
  hexLimit: ['bytes', 'digits'],
  /** The most bytes that one AT+QFWDSEND took. */
  perSend: 'number',
  /** Sizes of the queues of a socket, in bytes. */
  sendMax: 'number',
  recvMax: 'number',
  /** What the answer to a read begins with. */
  readHeader: ['QFWDRECV', 'QFWDPRECV', 'QFWDACK'],
} as const;

export type Facts = FactsOf<typeof FACTS>;

/** Whether something that was kept outside of this program is a profile of this family. */
export function isProfile(value: unknown): value is Profile {
  return isProfileOf(value, 'qfwd', SPELLINGS, FACTS);
}
