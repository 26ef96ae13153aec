/**
 * Splits a payload into pieces for one command each, so that no byte of it can act as a command:
 *
 * - raw in fixed length, where it has neither Ctrl-Z nor ESC. By some manuals, ESC cancels fixed length as well, and what
 *   follows it would be a command line.
 * - raw with both, once this firmware was measured to take them as data.
 * - hexadecimal digits (AT+QISENDEX) otherwise.
 *
 * Raw payload waits for a prompt, and digits do not. Where a prompt was lost, payload that could act as a command line without
 * it is sent as digits from then on.
 *
 * A module may send raw payload back, in front of its answer. While it is unknown whether this one does, payload that
 * looks like an answer is sent as digits, too.
 */
import { harmlessRun, type PayloadMode } from '../sockets';
import { SEND_LENGTH } from './commands';
import type { Facts } from './facts';

/** What was measured on this firmware; empty if nothing was. */
export type Proof = Pick<Facts, 'fixed' | 'hexLimit'>;

export interface Piece {
  readonly bytes: Buffer;
  readonly format: 'raw' | 'hex';
}

export interface Payload {
  readonly mode: PayloadMode;
  readonly proof: Proof;
  /** Whether the module sends payload back, as far as known. */
  readonly echo: 'on' | 'off' | undefined;
  /** A prompt was lost on this line: without it, only data that can do no harm as a command line can still be written. */
  readonly losesPrompts: boolean;
}

/** Manuals and firmware disagree whether AT+QISENDEX takes 512 bytes or as many digits. */
export const HEX_LENGTH = 512;
/** A raw run shorter than this costs more commands than the digits save. */
const WORTH_RAW = HEX_LENGTH / 2;

/** The first piece of `rest`. */
export function nextPiece(rest: Buffer, payload: Payload): Piece {
  const most = rest.subarray(0, SEND_LENGTH);
  const run = payload.mode === 'hex' ? 0 : rawRun(most, payload);
  const isRaw = run === most.length || run >= WORTH_RAW;
  const isSafe = !payload.losesPrompts || isNoCommand(rest.subarray(0, run));
  if (isRaw && isSafe) return { bytes: rest.subarray(0, run), format: 'raw' };
  return { bytes: most.subarray(0, hexLength(payload.proof)), format: 'hex' };
}

/** A whole datagram; `undefined` when no command is known to carry it safely. */
export function datagramPiece(datagram: Buffer, payload: Payload): Piece | undefined {
  if (isRawSafe(datagram, payload)) return { bytes: datagram, format: 'raw' };
  // More than is safe is up to the firmware, which refuses what it does not take.
  return datagram.length <= HEX_LENGTH ? { bytes: datagram, format: 'hex' } : undefined;
}

/** Whether it can be sent raw. */
export function isRawSafe(bytes: Buffer, payload: Payload): boolean {
  return payload.mode !== 'hex' && bytes.length <= SEND_LENGTH && rawRun(bytes, payload) === bytes.length;
}

/** How many of the first bytes can be sent raw. */
function rawRun(data: Buffer, { proof, echo }: Payload): number {
  if (echo === undefined && looksLikeAnswer(data)) return 0;
  return proof.fixed === 'transparent' ? data.length : harmlessRun(data);
}

/** BS and DEL delete the character before. */
const DELETION = /[^\b\x7f][\b\x7f]/g;
// eslint-disable-next-line no-control-regex -- all but CR
const IGNORED = /[\0-\f\x0e- \x7f]/g;
const PREFIX = /A[T/]/i;

/**
 * Whether a module would ignore the data if it took it for command lines: no line has AT or A/ in it, whatever the module
 * makes of control characters, blanks, characters that delete others, and the eighth bit.
 */
export function isNoCommand(data: Buffer): boolean {
  const text = Buffer.from(data.map((byte) => byte & 0x7f)).toString('latin1');
  let edited = text;
  for (let before = ''; before !== edited;) {
    before = edited;
    edited = edited.replace(DELETION, '');
  }
  return [text, edited].every((lines) => !PREFIX.test(lines.replace(IGNORED, '')));
}

function hexLength({ hexLimit }: Proof): number {
  return hexLimit === 'bytes' ? HEX_LENGTH : HEX_LENGTH / 2;
}

/** Whether the module itself could say what the payload begins with, right after it has taken that. */
export function looksLikeAnswer(data: Buffer): boolean {
  const begin = data.toString('latin1', 0, 2 * HEX_LENGTH).replace(/^[\0- ]+/, '');
  return /^(SEND|OK|ERROR|[+^]|\d+,SEND|RDY|APP RDY|POWERED|NORMAL)/.test(begin);
}
