/** Whether `actual_send_len` counts bytes or digits under HEX: the manual says neither, so the answers have to. */
import type { Piece } from './commands';

export type HexUnit = 'bytes' | 'digits';

/** What to send of a piece while the unit is not known: one byte cannot be taken by half, so its answer tells. */
export function oneByteProbe(piece: Piece, unit: HexUnit | undefined): Piece {
  const isOpen = piece.format === 'hex' && unit === undefined;
  return isOpen ? { ...piece, bytes: piece.bytes.subarray(0, 1) } : piece;
}

/**
 * The unit as the answer to a piece shows it.
 * @param before what it was taken for until then
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

/** How many bytes of a piece the module took. */
export function bytesTaken({ format, bytes }: Piece, taken: number, unit: HexUnit | undefined): number {
  const isHalf = format === 'hex' && unit === 'digits';
  return Math.min(isHalf ? taken >> 1 : taken, bytes.length);
}
