import type { SocketUrc } from './vocabulary';

/**
 * A decoder of the URCs of a family that never throws: other lines, and URCs that it cannot decode because of line noise or
 * because they are undocumented, are `other`.
 * @param decode may throw
 */
export function urcDecoder(
  isUnsolicited: (line: string) => boolean,
  decode: (line: string) => SocketUrc,
): (line: string) => SocketUrc {
  return (line) => {
    try {
      if (isUnsolicited(line)) return decode(line);
    } catch {
      // See above.
    }
    return { event: 'other', line };
  };
}
