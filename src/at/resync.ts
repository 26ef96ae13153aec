/**
 * Synchronizes with the module after a command timed out. The next command must not be sent while a response may still be
 * pending, because a late response would be taken for the response to that command. So:
 *
 *     CR, after ESC if there may be a prompt ─▶ quiet line ─▶ a query without side effects, the fence ─▶ its response
 *
 * A body of fixed length in which ESC is data would include the ESC if bytes of the body were lost. So after such a body, the
 * first fence is sent without ESC: if it is answered, the module has received the body and nothing else for it.
 *
 * If there was no prompt, it may have been lost. A body that no module would take as a command line is then written instead of
 * ESC, which the firmware may take as data.
 *
 * If nothing is known of the module and its responses are unusual, an earlier user may have turned off result codes, made
 * them numeric, or changed control characters. These settings are restored before the next fence.
 *
 * Everything received before the response to the fence belongs to the overdue command, so a late read is not lost. Each
 * attempt uses another query as its fence, so that a late response to an earlier fence is recognized. A final result code
 * does not say which command it is for: it is counted for the overdue command only if every fence has one of its own.
 */
import { type Command, plainCommand } from './command';
import {
  begin,
  type Exchange,
  expected as expectedOf,
  isAnswer,
  type IsUnsolicited,
  type Step,
  take,
} from './exchange';
import { LineList } from './line-list';
import { parseNumericResult, parseResult, type Result } from './result';
import type { Expectation, Token } from './scanner';

/** Queries that every module supports, with responses that cannot be confused with a URC. */
const QUERIES = [
  plainCommand('AT+CMEE?', ['+CMEE:']),
  plainCommand('AT+CSQ', ['+CSQ:']),
  plainCommand('AT+IPR?', ['+IPR:']),
  plainCommand('AT+IFC?', ['+IFC:']),
] as const;

export const ATTEMPTS = 3;

/** In ms: payload is received without such a pause, on any line. */
const PAUSE = 30;
/** Maximum length of payload with its header and result code, in bytes. */
const LONGEST_PAYLOAD = 1536;

/** ESC cancels a body, and CR ends an unfinished command line. */
const ESCAPE = Buffer.from('\x1b\r');
const CARRIAGE_RETURN = Buffer.from('\r');
const NOTHING = Buffer.alloc(0);
/** Ends a body of fixed length, of which 1460 is the maximum. If there is no body, these are empty command lines. */
const FILLER = Buffer.alloc(1460, CARRIAGE_RETURN);

/**
 * The format of responses (V.250 6.2): no echo, result codes as words; and before that the control characters for line
 * ends and backspace, as every other command line depends on them.
 */
const SETTINGS = ['ATS5=8S3=13S4=10', 'ATE0Q0V1'] as const;

export interface Resync {
  /** The command that timed out. Its response may still be received. */
  readonly overdue?: Exchange;
  /** The overdue command, ended by the first result code after a fence was sent, if that turns out to be its own. */
  readonly ended?: Exchange | undefined;
  /** One fence for each attempt. */
  readonly fences: readonly Command[];
  /** Counted from 0. */
  readonly attempt: number;
  /** The fence, once it is sent. */
  readonly fence?: Exchange | undefined;
  /** Number of result codes since the first fence was sent. */
  readonly results: number;
  /** How many of them were errors: a module may support none of the fences. */
  readonly refused: number;
  readonly result: 'open' | 'inStep' | 'failed';
  /** There was no prompt; the body is written at the beginning of the first attempt. */
  readonly isBodyBlind: boolean;
  /** The bytes that end a body of fixed length, if there may be one. */
  readonly filler?: Buffer;
  /** Payload of unknown length may still be received, so a line may be part of it. */
  readonly isInPayload: boolean;
  /** Commands with settings, to be sent before the fence of this attempt. */
  readonly settings: readonly string[];
  /** Command lines that were written, fences included; each may have a result code. */
  readonly written: readonly string[];
  /** At least part of the response to an earlier fence was received. */
  readonly isAnswering: boolean;
  /** The response to this fence has an unusual format. */
  readonly isOdd: boolean;
}

/** @param given missing after connecting, when the state of the module is unknown */
export function beginResync(given?: Exchange): Resync {
  const isBodyBlind = given?.phase === 'prompt' && given.command.isBodyHarmless?.() === true;
  const overdue: Exchange | undefined = isBodyBlind
    ? { ...given, phase: 'answer', bodyWritten: true }
    : given;
  return {
    ...(overdue && { overdue }),
    isBodyBlind,
    fences: fencesBeside(overdue?.command.text ?? ''),
    attempt: 0,
    results: 0,
    refused: 0,
    result: 'open',
    isInPayload: overdue?.phase === 'block',
    settings: [],
    written: [],
    isAnswering: false,
    isOdd: false,
  };
}

/** Fences whose responses cannot be confused with that of the overdue command come first. */
function fencesBeside(text: string): Command[] {
  const isAlike = ({ responsePrefixes }: Command) =>
    responsePrefixes?.some((prefix) => text.toUpperCase().includes(prefix.slice(0, -1)));
  return [...QUERIES.filter((it) => !isAlike(it)), ...QUERIES.filter(isAlike)];
}

/** The bytes at the beginning of an attempt, if any. */
export function wakeUp(resync: Resync): Buffer {
  const { overdue, isBodyBlind, filler, attempt, results, isAnswering } = resync;
  if (filler) return filler;
  if (overdue && attempt === 0) {
    if (isBodyBlind) return Buffer.concat([overdue.command.body ?? NOTHING, CARRIAGE_RETURN]);
    if (isAlone(overdue)) return NOTHING;
  }
  // If nothing is known of the module and it did not react to ESC, it may expect a body of fixed length.
  if (!overdue && attempt > 0 && results === 0 && !isAnswering) return FILLER;
  return overdue && !overdue.command.body ? CARRIAGE_RETURN : ESCAPE;
}

/** The line is quiet: returns the next command line to write, which is a setting or the fence. */
export function nextLine(resync: Resync): { state: Resync; text: string; write: Buffer } {
  const { settings, written, fences, attempt } = resync;
  const [setting, ...rest] = settings;
  if (setting !== undefined) {
    const state = { ...resync, settings: rest, written: [...written, setting] };
    // If the module expects LF at the end of a command line: the first LF ends an unfinished one, the second this one.
    return { state, text: setting, write: Buffer.from(`\n${setting}\n\r`) };
  }
  const fence = fences[attempt];
  if (!fence) throw new RangeError('there is no further attempt');
  const { text } = fence;
  const state = { ...resync, fence: begin(fence), written: [...written, text] };
  return { state, text, write: Buffer.from(`${text}\r`) };
}

/**
 * How long the line must stay quiet after an unsolicited line, in ms. 0 unless that may be part of payload, of which more
 * follows without a pause; otherwise the response to the fence is sufficient.
 * @param heard number of bytes received in this attempt
 */
export function pauseAfterLine({ overdue }: Resync, heard: number): number {
  const mayBePayload = !overdue || overdue.command.block !== undefined;
  return mayBePayload && heard < LONGEST_PAYLOAD ? PAUSE : 0;
}

/** A block was incomplete, so its end is unknown. */
export function loseBlock(resync: Resync): Resync {
  return { ...resync, isInPayload: resync.isInPayload || resync.overdue?.phase === 'block' };
}

/** The fence timed out. */
export function nextAttempt(resync: Resync): Resync {
  const { attempt, overdue, fence, isAnswering } = resync;
  const next: Resync = {
    ...fill(loseBlock(resync)),
    attempt: attempt + 1,
    fence: undefined,
    settings: overdue ? [] : SETTINGS,
    isAnswering: isAnswering || (fence !== undefined && fence.lines.length > 0),
    isOdd: false,
  };
  if (next.attempt < ATTEMPTS) return next;
  // A module that supports none of the fences may still have responded to each of them.
  return next.refused >= ATTEMPTS && isAllAnswered(next) ? conclude(next) : { ...next, result: 'failed' };
}

/**
 * If the firmware takes ESC as data, only the announced number of bytes ends a body. As command lines, these are empty.
 * From here on, the outcome of the payload is unknown, whatever the response is.
 */
function fill(resync: Resync): Resync {
  const { overdue, attempt, isBodyBlind } = resync;
  const { body, isFixedLength } = overdue?.command ?? {};
  if (!overdue || !body || !isFixedLength) return resync;
  const state = { ...resync, overdue: mixed(overdue) };
  // ESC was not sent yet.
  if (isBodyBlind && attempt === 0) return state;
  return { ...state, filler: Buffer.alloc(body.length, CARRIAGE_RETURN) };
}

/** The outcome of its body is unknown, whatever the response is. */
function mixed(overdue: Exchange): Exchange {
  return {
    ...overdue,
    phase: 'done',
    lines: LineList.EMPTY,
    ending: undefined,
    bodyWritten: true,
    isBodyMixed: true,
  };
}

/** Whether the fence follows the body, without anything between them. */
function isAlone({ command: { isEscapeData }, bodyWritten }: Exchange): boolean {
  return isEscapeData === true && bodyWritten;
}

/** Whether the token may be a result of the bytes at the beginning of the attempt, taken for the body or its end. */
function isOfWakeUp({ overdue, isBodyBlind }: Resync, token: Token, isUnsolicited: IsUnsolicited): boolean {
  if (!overdue) return false;
  const isWhole = isBodyBlind || isAlone(overdue);
  const { isFixedLength, finals, refusals } = overdue.command;
  if (!isFixedLength || isWhole || token.type !== 'line') return false;
  if (isAnswer(overdue.command, token.text, isUnsolicited)) return true;
  return finals?.includes(token.text) === true && refusals?.includes(token.text) !== true;
}

/** A prompt is always expected: a command of a user may cause one, too. */
export function expected({ overdue, isInPayload }: Resync): Expectation {
  if (isInPayload) return {};
  return { ...(overdue && expectedOf(overdue)), prompt: true };
}

/** Processes a token, for the synchronization and for the overdue command. */
export function advance(resync: Resync, token: Token, isUnsolicited: IsUnsolicited): Step<Resync> {
  if (token.type === 'prompt') {
    // A fence has no prompt. Without an overdue command, the line ends of the module are unusual.
    const isOdd = resync.isOdd || (!resync.overdue && resync.fence !== undefined);
    const state = { ...resync, isOdd };
    // The body was written already.
    return resync.isBodyBlind && resync.attempt === 0 ? { state } : { state, write: ESCAPE };
  }
  if (token.type !== 'line') return passToOverdue(resync, token, isUnsolicited);

  const { overdue, fence, fences, attempt, written } = resync;
  if (written.includes(token.text)) return { state: resync };
  if (fence && isAnswer(fence.command, token.text, isUnsolicited)) {
    return { state: { ...resync, fence: take(fence, token, isUnsolicited).state } };
  }
  if (fences.slice(0, attempt).some((earlier) => isAnswer(earlier, token.text, isUnsolicited))) {
    return { state: resync };
  }
  const result = parseResult(token.text);
  // None of the expected responses has a line that is only a number.
  const number = overdue ? undefined : parseNumericResult(token.text);
  const said = result ?? number;
  if (!said) return passToOverdue(resync, token, isUnsolicited);
  if (written.length > 0) {
    const isOdd = resync.isOdd || (fence !== undefined && number !== undefined);
    return { state: takeResult({ ...resync, isOdd }, token, said, isUnsolicited) };
  }
  return canEnd(overdue) ? passToOverdue(resync, token, isUnsolicited) : { state: resync };
}

function takeResult(resync: Resync, token: Token, result: Result, isUnsolicited: IsUnsolicited): Resync {
  const { overdue, fence, isInPayload } = resync;
  const isFences = fence !== undefined && fence.lines.length > 0;
  if (isInPayload && !isFences) return resync;
  const next = {
    ...resync,
    results: resync.results + 1,
    refused: resync.refused + (result.ok ? 0 : 1),
    ended:
      resync.ended ?? (overdue && canEnd(overdue) ? take(overdue, token, isUnsolicited).state : undefined),
  };
  if (!isFences) return fence && !result.ok && isAllAnswered(next) ? nextAttempt(next) : next;
  if (!result.ok) return next;
  return next.isOdd ? nextAttempt(next) : conclude(next);
}

/** Synchronized: the outcome of the overdue command is known now, or never will be. */
function conclude(resync: Resync): Resync {
  const { ended } = resync;
  return { ...resync, ...(ended && isAllAnswered(resync) && { overdue: ended }), result: 'inStep' };
}

/** Whether the result code of every command that can have one was received. */
function isAllAnswered(resync: Resync): boolean {
  return resync.results >= resync.written.length + (canEnd(resync.overdue) ? 1 : 0);
}

/**
 * Whether a final result code can be that of the overdue command. Never with a body: the response to the ESC is OK on some
 * firmware and ERROR on other, so it does not show whether the body was accepted.
 */
function canEnd(overdue: Exchange | undefined): boolean {
  return overdue !== undefined && overdue.phase !== 'done' && overdue.command.body === undefined;
}

function passToOverdue(resync: Resync, token: Token, isUnsolicited: IsUnsolicited): Step<Resync> {
  if (resync.isInPayload) return { state: resync };
  const { overdue, ended, filler } = resync;
  // It is about the filler.
  if (filler && overdue && token.type === 'line' && isAnswer(overdue.command, token.text, isUnsolicited)) {
    return { state: resync };
  }
  if (!overdue || overdue.phase === 'done' || ended) {
    const isTold = token.type === 'line' && token.text !== overdue?.text.trim();
    return { state: resync, ...(isTold && { unsolicited: token.text }) };
  }
  if (isOfWakeUp(resync, token, isUnsolicited)) return { state: { ...resync, overdue: mixed(overdue) } };
  const step = take(overdue, token, isUnsolicited);
  return { ...step, state: { ...resync, overdue: step.state } };
}
