import { FAMILIES } from '../../src/families';
import type { Profile, SocketFamily } from '../../src/modem';
import * as qfwd from '../../src/qfwd';
import * as tcpip from '../../src/tcpip';

/** The values of the property `commands`. */
export const COMMANDS = ['auto', 'qfwd', 'tcpip'] as const;
export type Commands = (typeof COMMANDS)[number];

/** The families that a modem may use. */
export function familiesOf(commands: Commands): readonly SocketFamily[] {
  return commands === 'auto' ? FAMILIES : FAMILIES.filter(({ name }) => name === commands);
}

/** Whether a value from storage is a valid profile. */
export function isProfile(value: unknown): value is Profile {
  return qfwd.isProfile(value) || tcpip.isProfile(value);
}
