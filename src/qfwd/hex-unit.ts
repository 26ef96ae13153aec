/** Whether `actual_send_len` counts bytes or digits under HEX: undocumented, so it is learned from responses. */
import type { Piece } from './commands';

export type HexUnit = 'bytes' | 'digits';

/**
 * While the unit is unknown, only one byte is sent: it cannot be accepted partially, so the response shows the unit.
 */
export function oneByteProbe(piece: Piece, unit: HexUnit | undefined): Piece {
  const isOpen = piece.format === 'hex' && unit === undefined;
  return isOpen ? { ...piece, bytes: piece.bytes.subarray(0, 1) } : piece;
}

/**
 * The unit according to the response to a piece.
 * @param before the unit assumed so far
 * @param taken `actual_send_len`
 */
export function unitAfter(
  { format, bytes }: Piece,
  taken: number,
  before: HexUnit | undefined,
): HexUnit | undefined {
  if (format === 'raw') return before;
  if (taken === 2 * bytes.length) return 'digits';
  return before ?? (taken === bytes.length ? 'bytes' : undefined);
}

/** How many bytes of a piece the module accepted. */
export function bytesTaken({ format, bytes }: Piece, taken: number, unit: HexUnit | undefined): number {
  const isHalf = format === 'hex' && unit === 'digits';
  return Math.min(isHalf ? taken >> 1 : taken, bytes.length);
}
