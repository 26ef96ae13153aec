/**
 * Getting back in step after a command was not answered in time. The next command must not be sent before it is known that
 * no answer is due any more, as a late one would be taken for its own. So:
 *
 *     CR, with ESC before it if a prompt may be open ─▶ quiet ─▶ a harmless query, the fence ─▶ its answer: in step
 *
 * A body of fixed length in which ESC is data would take the ESC in where bytes of it were lost. So if it was written, the first
 * fence goes out alone: where that is answered, the module got the body and nothing else for it.
 *
 * A module of which nothing is known, and that does not answer as it should, may have been left without result codes, with
 * numbers for them, or with other control characters than usual: that is set right before its next fence.
 *
 * A prompt that did not come may have been lost. Where the body can do no harm as a command line, it is written instead of ESC,
 * which may be data, too.
 *
 * All that comes before the fence's own answer still belongs to the overdue command: a read that comes late is not lost.
 * Each attempt has a fence of another name, so that a late fence is not taken for the next one. A final result code
 * bears no name: one that comes when a fence is out is the overdue command's only if every fence has one of its own.
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

/** Queries that every module knows and whose answers no URC looks like. */
const QUERIES = [
  plainCommand('AT+CMEE?', ['+CMEE:']),
  plainCommand('AT+CSQ', ['+CSQ:']),
  plainCommand('AT+IPR?', ['+IPR:']),
  plainCommand('AT+IFC?', ['+IFC:']),
] as const;

export const ATTEMPTS = 3;

/** Payload comes without a pause of so many ms, on any line; and with its header and result code it has no more bytes. */
const PAUSE = 30;
const LONGEST_PAYLOAD = 1536;

/** ESC leaves a data phase without sending; the CR ends whatever else was begun. */
const ESCAPE = Buffer.from('\x1b\r');
const CARRIAGE_RETURN = Buffer.from('\r');
const NOTHING = Buffer.alloc(0);
/** Ends any body of fixed length; no command of these modules takes more. As command lines they are blank. */
const FILLER = Buffer.alloc(1460, CARRIAGE_RETURN);

/**
 * What an answer looks like (V.250 6.2): no echo, result codes, in words; and the characters that end lines and delete
 * others. Those first, as they have a part in every other line.
 */
const SETTINGS = ['ATS5=8S3=13S4=10', 'ATE0Q0V1'] as const;

export interface Resync {
  /** The command that had no answer in time, and may yet get one. */
  readonly overdue?: Exchange;
  /** How the overdue command ended, if the first result code after a fence went out is its own. */
  readonly ended?: Exchange | undefined;
  /** The fence of each attempt. */
  readonly fences: readonly Command[];
  /** Counts from 0. */
  readonly attempt: number;
  /** The fence, once it is sent. */
  readonly fence?: Exchange | undefined;
  /** Result codes since the first fence went out. */
  readonly results: number;
  /** How many of them were errors: a module may know none of the fences. */
  readonly refused: number;
  readonly result: 'open' | 'inStep' | 'failed';
  /** The body was not prompted for, and is written to wake the module. */
  readonly isBodyBlind: boolean;
  /** What ends a body of fixed length, once it may be needed. */
  readonly filler?: Buffer;
  /** Payload whose end is not known may still be coming, so what looks like a line may be none. */
  readonly isInPayload: boolean;
  /** What is to be set before the fence of this attempt. */
  readonly settings: readonly string[];
  /** Command lines, fences among them, that were written and may have a result code each. */
  readonly written: readonly string[];
  /** A fence of an earlier attempt was answered, if only in part. */
  readonly isAnswering: boolean;
  /** The answer to this fence is of another form than it is to have. */
  readonly isOdd: boolean;
}

/** Without an overdue command: after connecting, when nobody knows what went before. */
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

/** Fences whose answers cannot be taken for the overdue command's come first. */
function fencesBeside(text: string): Command[] {
  const isAlike = ({ responsePrefixes }: Command) =>
    responsePrefixes?.some((prefix) => text.toUpperCase().includes(prefix.slice(0, -1)));
  return [...QUERIES.filter((it) => !isAlike(it)), ...QUERIES.filter(isAlike)];
}

/** What to write first in every attempt, if anything. */
export function wakeUp(resync: Resync): Buffer {
  const { overdue, isBodyBlind, filler, attempt, results, isAnswering } = resync;
  if (filler) return filler;
  if (overdue && attempt === 0) {
    if (isBodyBlind) return Buffer.concat([overdue.command.body ?? NOTHING, CARRIAGE_RETURN]);
    if (isAlone(overdue)) return NOTHING;
  }
  // A module of which nothing is known, and that says nothing to ESC, may be in a body of fixed length.
  if (!overdue && attempt > 0 && results === 0 && !isAnswering) return FILLER;
  return overdue && !overdue.command.body ? CARRIAGE_RETURN : ESCAPE;
}

/** The line is quiet: a setting goes out, and then the fence. `text` is the command line. */
export function nextLine(resync: Resync): { state: Resync; text: string; write: Buffer } {
  const { settings, written, fences, attempt } = resync;
  const [setting, ...rest] = settings;
  if (setting !== undefined) {
    const state = { ...resync, settings: rest, written: [...written, setting] };
    // Where LF ends command lines, CR is part of them: this ends what was written before, and then this one.
    return { state, text: setting, write: Buffer.from(`\n${setting}\n\r`) };
  }
  const fence = fences[attempt];
  if (!fence) throw new RangeError('there is no further attempt');
  const { text } = fence;
  const state = { ...resync, fence: begin(fence), written: [...written, text] };
  return { state, text, write: Buffer.from(`${text}\r`) };
}

/**
 * For how many ms a whole line that nobody asked for keeps the line from counting as quiet. None where it can be nothing
 * else: the fence's own answer shows that both are in step. Where payload may be on its way of which nothing is known,
 * what looks like such a line may be part of it; but then more of it follows without a pause.
 * @param heard how many bytes came since the module was woken
 */
export function pauseAfterLine({ overdue }: Resync, heard: number): number {
  const mayBePayload = !overdue || overdue.command.block !== undefined;
  return mayBePayload && heard < LONGEST_PAYLOAD ? PAUSE : 0;
}

/** A block that was due has stopped short: its end will not be found. */
export function loseBlock(resync: Resync): Resync {
  return { ...resync, isInPayload: resync.isInPayload || resync.overdue?.phase === 'block' };
}

/** The fence had no answer in time. */
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
  // A module that knows none of the fences may still have answered each of them.
  return next.refused >= ATTEMPTS && isAllAnswered(next) ? conclude(next) : { ...next, result: 'failed' };
}

/**
 * Where ESC is data, only as many bytes as were announced end a body. As command lines they are blank. What has become
 * of the payload is not known from here on, whatever the module says.
 */
function fill(resync: Resync): Resync {
  const { overdue, attempt, isBodyBlind } = resync;
  const { body, isFixedLength } = overdue?.command ?? {};
  if (!overdue || !body || !isFixedLength) return resync;
  const state = { ...resync, overdue: mixed(overdue) };
  // ESC was not tried yet.
  if (isBodyBlind && attempt === 0) return state;
  return { ...state, filler: Buffer.alloc(body.length, CARRIAGE_RETURN) };
}

/** What has become of its body will not be known, whatever the module says. */
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

/** Whether the fence comes next to the body, without anything between them. */
function isAlone({ command: { isEscapeData }, bodyWritten }: Exchange): boolean {
  return isEscapeData === true && bodyWritten;
}

/** Whether the module may have taken what woke it for the body, or for the end of it. */
function isOfWakeUp({ overdue, isBodyBlind }: Resync, token: Token, isUnsolicited: IsUnsolicited): boolean {
  if (!overdue) return false;
  const isWhole = isBodyBlind || isAlone(overdue);
  const { isFixedLength, finals, refusals } = overdue.command;
  if (!isFixedLength || isWhole || token.type !== 'line') return false;
  if (isAnswer(overdue.command, token.text, isUnsolicited)) return true;
  return finals?.includes(token.text) === true && refusals?.includes(token.text) !== true;
}

/** A prompt is looked for whatever was sent: a command given as text may have opened one, too. */
export function expected({ overdue, isInPayload }: Resync): Expectation {
  if (isInPayload) return {};
  return { ...(overdue && expectedOf(overdue)), prompt: true };
}

/** What a token of the module means for getting in step, and for the overdue command. */
export function advance(resync: Resync, token: Token, isUnsolicited: IsUnsolicited): Step<Resync> {
  if (token.type === 'prompt') {
    // A fence asks for nothing: where nothing else was asked, this is how the module ends its lines.
    const isOdd = resync.isOdd || (!resync.overdue && resync.fence !== undefined);
    const state = { ...resync, isOdd };
    // The body is on its way.
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
  // Of the answers that are due here, none has a line that is just a number.
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

/** In step: what the overdue command came to is known by now. */
function conclude(resync: Resync): Resync {
  const { ended } = resync;
  return { ...resync, ...(ended && isAllAnswered(resync) && { overdue: ended }), result: 'inStep' };
}

/** Whether each command that can still have one had its result code. */
function isAllAnswered(resync: Resync): boolean {
  return resync.results >= resync.written.length + (canEnd(resync.overdue) ? 1 : 0);
}

/**
 * Whether a final result code can be the overdue command's. Never for one with a body: it had an ESC, which some answer
 * with OK and some with ERROR, so neither says whether the body was taken.
 */
function canEnd(overdue: Exchange | undefined): boolean {
  return overdue !== undefined && overdue.phase !== 'done' && overdue.command.body === undefined;
}

function passToOverdue(resync: Resync, token: Token, isUnsolicited: IsUnsolicited): Step<Resync> {
  if (resync.isInPayload) return { state: resync };
  const { overdue, ended, filler } = resync;
  // It speaks of what filled the body.
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
