/**
 * Splits a payload into pieces for one AT+QFWDSEND each, encoded so that no byte of it can act as a command:
 *
 * - `raw`: unchanged, in fixed length. Relies on the firmware to accept 0x1A and 0x1B as data.
 * - `hex`: two digits per byte, so that no byte can act as a command.
 * - `auto`: raw where the data has neither byte; otherwise HEX, or raw in fixed length where measured to be safe. Safe
 *   on any firmware.
 *
 * `hex` and `auto` prefer variable length, which ESC cancels on every firmware; whether ESC cancels fixed length is
 * unknown.
 */
import { harmlessRun, type PayloadMode } from '../sockets';
import { MAX_LENGTH, type Piece } from './commands';
import type { Facts } from './facts';

/** What was measured about sending on this firmware; empty if nothing was. */
export type Proof = Pick<Facts, 'variable' | 'fixed' | 'perSend'>;

const UNPROVED: Proof = {};

/** Safe whether the limit of 1024 (2.3) counts digits or bytes. */
export const MAX_HEX_LENGTH = MAX_LENGTH / 2;

/** A raw run shorter than this costs more commands than the HEX digits save. */
const WORTH_RAW = MAX_HEX_LENGTH;

/** The first piece of `rest`. */
export function nextPiece(rest: Buffer, mode: PayloadMode, proof = UNPROVED): Piece {
  const { perSend = MAX_LENGTH } = proof;
  const most = rest.subarray(0, Math.max(1, Math.min(perSend, MAX_LENGTH)));
  if (mode === 'raw') return { bytes: most, format: 'raw', form: 'fixed' };
  const run = mode === 'auto' && proof.variable !== 'altered' ? harmlessRun(most) : 0;
  if (run === most.length) return { bytes: most, format: 'raw', form: 'variable' };
  if (mode === 'auto' && proof.fixed === 'transparent') return { bytes: most, format: 'raw', form: 'fixed' };
  if (run >= WORTH_RAW) return { bytes: rest.subarray(0, run), format: 'raw', form: 'variable' };
  return { bytes: most.subarray(0, MAX_HEX_LENGTH), format: 'hex', form: 'variable' };
}

/**
 * A datagram as one piece; `undefined` when it is longer than one command carries. As HEX, more than
 * {@link MAX_HEX_LENGTH} bytes are up to the firmware, which refuses what it does not take.
 */
export function datagramPiece(datagram: Buffer, mode: PayloadMode, proof = UNPROVED): Piece | undefined {
  if (datagram.length > MAX_LENGTH) return undefined;
  // How much a connection takes at a time is not said of datagrams.
  const piece = nextPiece(datagram, mode, { ...proof, perSend: MAX_LENGTH });
  if (piece.bytes.length === datagram.length) return piece;
  return { bytes: datagram, format: 'hex', form: 'variable' };
}
