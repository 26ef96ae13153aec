/** Facts measured about these commands; see `Profile`. */
import { COMMON_FACTS, type FactsOf, isProfileOf, type Profile } from '../sockets';

export const FAMILY = 'tcpip';

/** Every fact: the allowed words, or a number. */
export const FACTS = {
  ...COMMON_FACTS,
  /** AT+QISENDEX: all 256 values. */
  hex: ['transparent', 'altered'],
  /** What its limit of 512 counts. */
  hexLimit: ['bytes', 'digits'],
  /** Raw: all values; `ends`: Ctrl-Z or ESC end the data. */
  fixed: ['transparent', 'ends', 'altered'],
  /** Raw, without Ctrl-Z and ESC. */
  harmless: ['transparent', 'altered'],
} as const;

export type Facts = FactsOf<typeof FACTS>;

/** Whether a value from storage is a valid profile of this family. */
export function isProfile(value: unknown): value is Profile {
  return isProfileOf(value, FAMILY, {}, FACTS);
}
