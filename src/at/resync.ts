/**
 * Getting back in step after a command was not answered in time. The next command must not be sent into the dark, as
 * the late answer would be taken for its own. So:
 *
 *     CR, with ESC before it if a prompt may be open ─▶ quiet ─▶ a harmless query, the fence ─▶ its answer: in step
 *
 * All that comes before the fence's own answer still belongs to the overdue command: a read that comes late is not lost.
 * Each attempt has a fence of another name, so that a late fence is not taken for the next one.
 */
import { plainCommand } from './command';
import {
  begin,
  type Exchange,
  expected as expectedOf,
  isAnswer,
  isEcho,
  type IsUnsolicited,
  type Step,
  take,
} from './exchange';
import { parseResult } from './result';
import type { Expectation, Token } from './scanner';

const FENCES = [
  plainCommand('AT+CMEE?', ['+CMEE:']),
  plainCommand('AT+CSQ', ['+CSQ:']),
  plainCommand('AT+CFUN?', ['+CFUN:']),
] as const;

export const ATTEMPTS = FENCES.length;

/** ESC leaves a data phase without sending; the CR ends whatever else was begun. */
export const ESCAPE = Buffer.from('\x1b\r');
const CARRIAGE_RETURN = Buffer.from('\r');

export interface Resync {
  /** The command that had no answer in time, and may yet get one. */
  readonly overdue?: Exchange;
  /** Counts from 0. */
  readonly attempt: number;
  /** The fence, once it is sent. */
  readonly fence?: Exchange | undefined;
  /** How many fences the module answered with ERROR: it does not know them. */
  readonly refused: number;
  readonly result: 'open' | 'inStep' | 'failed';
  /** Payload may still be coming whose end is not known, so no line can be trusted to be one. */
  readonly deaf: boolean;
}

/** Without an overdue command: after connecting, when nobody knows what went before. */
export function beginResync(overdue?: Exchange): Resync {
  const deaf = overdue?.phase === 'block';
  return { ...(overdue && { overdue }), attempt: 0, refused: 0, result: 'open', deaf };
}

/** What to write first in every attempt. */
export function wakeUp({ overdue }: Resync): Buffer {
  return overdue && !overdue.command.body ? CARRIAGE_RETURN : ESCAPE;
}

/** The line is quiet: the fence goes out. */
export function sendFence(resync: Resync): Step<Resync> {
  const command = FENCES[resync.attempt] ?? FENCES[0];
  return { state: { ...resync, fence: begin(command) }, write: Buffer.from(`${command.text}\r`) };
}

/** The fence had no answer in time. */
export function nextAttempt(resync: Resync): Resync {
  const attempt = resync.attempt + 1;
  const next = { ...resync, attempt, fence: undefined };
  if (attempt < ATTEMPTS) return next;
  // A module that knows none of the fences has still answered each of them.
  return { ...next, result: resync.refused === ATTEMPTS ? 'inStep' : 'failed' };
}

export function expected({ overdue, deaf }: Resync): Expectation {
  if (overdue?.phase === 'block' && !deaf) return expectedOf(overdue);
  return { prompt: !overdue || overdue.command.body !== undefined };
}

export function hear(resync: Resync, token: Token, isUnsolicited: IsUnsolicited): Step<Resync> {
  if (token.type === 'prompt') return { state: resync, write: ESCAPE };
  if (token.type === 'block') return hearOverdue(resync, token, isUnsolicited);
  if (token.type !== 'line' || isEcho(token.text)) return { state: resync };

  const { fence } = resync;
  if (fence && isAnswer(fence.command, token.text, isUnsolicited)) {
    return { state: { ...resync, fence: take(fence, token, isUnsolicited).state } };
  }
  const result = parseResult(token.text);
  if (!result) return hearOverdue(resync, token, isUnsolicited);
  if (fence && fence.lines.length > 0) return { state: { ...resync, result: result.ok ? 'inStep' : 'open' } };
  if (canEnd(resync.overdue)) return hearOverdue(resync, token, isUnsolicited);
  if (fence && !result.ok) return { state: nextAttempt({ ...resync, refused: resync.refused + 1 }) };
  return { state: resync };
}

/**
 * Whether a final result code can be the overdue command's. Never for one with a body: it had an ESC, which some answer
 * with OK and some with ERROR, so neither says whether the body was taken.
 */
function canEnd(overdue: Exchange | undefined): boolean {
  return overdue !== undefined && overdue.phase !== 'done' && overdue.command.body === undefined;
}

function hearOverdue(resync: Resync, token: Token, isUnsolicited: IsUnsolicited): Step<Resync> {
  if (resync.deaf) return { state: resync };
  if (!resync.overdue || resync.overdue.phase === 'done') {
    return { state: resync, ...(token.type === 'line' && { unsolicited: token.text }) };
  }
  const step = take(resync.overdue, token, isUnsolicited);
  return { ...step, state: { ...resync, overdue: step.state } };
}
