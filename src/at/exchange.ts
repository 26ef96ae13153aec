/**
 * One command on the line, as a pure function of the tokens received:
 *
 *     begin ─▶ prompt ─(body)─▶ answer ─▶ done          a command with a body
 *     begin ─▶ answer ⇄ block ─▶ done                   any other
 *
 * After a block that is longer or shorter than announced, the phase is `rest`: the rest of a line follows.
 *
 * Several commands on one line (V.250 5.2.1, joined by `;`) have responses one after the other, and one final result code
 * for all of them. Each response is an exchange of its own, see {@link partsOf}.
 *
 * Time limits are not handled here: a command that takes too long leads to a resync.
 */
import { describeResult } from './cme';
import type { Answer, Command } from './command';
import { AtError } from './errors';
import { isForeign, isUrc } from './foreign';
import { LineList } from './line-list';
import { parseCallResult, parseResult, type Result } from './result';
import type { Expectation, Token } from './scanner';
import { masked, shown } from './secrets';

/** No field is optional: each step copies the object, which is fast if all objects have the same shape. */
export interface Exchange {
  /** The command line as it was written, without its CR. */
  readonly text: string;
  /** The command whose response is expected. */
  readonly command: Command;
  /** The commands before it on the line, with their responses. */
  readonly past: readonly Exchange[];
  /** The commands behind it on the line. */
  readonly following: readonly Command[];
  readonly phase: 'prompt' | 'answer' | 'block' | 'rest' | 'done';
  readonly lines: LineList;
  /** Length of the expected block, while `phase` is `block`. */
  readonly due: number;
  readonly block: Buffer | undefined;
  readonly bodyWritten: boolean;
  /** The module echoed the command line, so it may echo the body too. */
  readonly echoes: boolean;
  /** The module has echoed the body. */
  readonly bodyEchoed: boolean;
  /** The bytes that woke the module may have become part of the body. */
  readonly isBodyMixed: boolean;
  readonly ending: Ending | undefined;
  /** How the response ends unless more of it is received before the response to a fence. */
  readonly provisional: Ending | undefined;
  /** A line was received that belongs neither to the response nor is unsolicited: possibly the rest of a block. */
  readonly isGarbled: boolean;
  /** On a line with several commands: the response may be payload of another command, or there was one more. */
  readonly isDoubtful: boolean;
  /** The block was changed on the line: it is longer or shorter than announced. */
  readonly isCut: boolean;
  /** The end of the block may be the result code, if bytes of the block were lost. */
  readonly mayHoldResult: boolean;
  /** The response is longer than any can be. The rest of it is dropped. */
  readonly isTooLong: boolean;
  /** Time in ms after which the command was given up and the module woken, which ends some commands with a result code. */
  readonly cutOffAfter: number | undefined;
}

/** A final result code, and the lines of the response before it. */
interface Ending {
  readonly result: Result;
  readonly lines: LineList;
}

/** The effect of a token. */
export interface Step<State> {
  readonly state: State;
  /** To be written now. */
  readonly write?: Buffer;
  /** A line that does not belong to the exchange. */
  readonly unsolicited?: string;
}

/** Whether a line can never belong to a response. */
export type IsUnsolicited = (line: string) => boolean;

const OK: Result = { ok: true, text: 'OK' };
const NO_COMMANDS: readonly Command[] = [];
const NO_EXCHANGES: readonly Exchange[] = [];
const PROMPT: Expectation = { prompt: true };
const LINES: Expectation = {};

/** No response has more lines or characters: a module may have 65,535 sockets. */
export const MAX_LINES = 100_000;
export const MAX_CHARACTERS = 16 * 1024 * 1024;

/** @param following commands behind it on the same line; none of them has a body */
export function begin(command: Command, following: readonly Command[] = NO_COMMANDS): Exchange {
  return {
    text: lineOf(command, following),
    command,
    past: NO_EXCHANGES,
    following,
    phase: command.body ? 'prompt' : 'answer',
    lines: LineList.EMPTY,
    due: 0,
    block: undefined,
    bodyWritten: false,
    echoes: false,
    bodyEchoed: false,
    isBodyMixed: false,
    ending: undefined,
    provisional: undefined,
    isGarbled: false,
    isDoubtful: false,
    isCut: false,
    mayHoldResult: false,
    isTooLong: false,
    cutOffAfter: undefined,
  };
}

/** `AT+A=1;+B=2` */
function lineOf({ text }: Command, following: readonly Command[]): string {
  return following.length === 0 ? text : [text, ...following.map((it) => it.text.slice(2))].join(';');
}

/** The exchange, given up after `ms`. Its response may still be received. */
export function cutOff(exchange: Exchange, ms: number): Exchange {
  return { ...exchange, cutOffAfter: ms };
}

/** What may be received next. */
export function expected(exchange: Exchange): Expectation {
  const { phase, due, command } = exchange;
  if (phase === 'prompt') return PROMPT;
  if (phase === 'block') return { block: due };
  if (command.inlineHeader) return { inlineHeader: command.inlineHeader };
  if (!exchange.bodyWritten || exchange.bodyEchoed) return LINES;
  return exchange.echoes || command.isBodyEchoed === true ? { echo: command.body } : LINES;
}

export function take(exchange: Exchange, token: Token, isUnsolicited: IsUnsolicited): Step<Exchange> {
  switch (token.type) {
    case 'prompt': {
      const { body } = exchange.command;
      return { state: { ...exchange, phase: 'answer', bodyWritten: true }, ...(body && { write: body }) };
    }
    case 'block':
      if (token.isCut) return { state: { ...exchange, phase: 'rest', isCut: true } };
      return {
        state: { ...exchange, phase: 'answer', block: token.data, mayHoldResult: mayHoldResult(token.data) },
      };
    case 'echo':
      return { state: { ...exchange, bodyEchoed: true } };
    case 'noise':
      return { state: exchange };
    case 'line':
      if (exchange.phase === 'rest') return { state: takeRest(exchange, token.text) };
      return takeLine(exchange, token.text, token.isOpenEnded === true, isUnsolicited);
  }
}

/**
 * If bytes of a block are lost, it is filled up with what follows: lines from the result code on, the last one perhaps
 * incomplete. If bytes of the header are lost, too, the line end before the result code counts as that of the header.
 */
const TAKEN_IN = /(?:^|\r\n)OK(\r\n(\r\n[^\r\n]+\r\n)*(\r\n[^\r\n]*)?)?$/;
const MOST_TAKEN_IN = 200;

function mayHoldResult(block: Buffer): boolean {
  return TAKEN_IN.test(block.toString('latin1', Math.max(0, block.length - MOST_TAKEN_IN)));
}

/** The line may be part of the block or of the response, but a result code ends the command. */
function takeRest(exchange: Exchange, line: string): Exchange {
  const result = resultOf(exchange.command, line);
  return result ? end(exchange, result) : { ...exchange, phase: 'answer' };
}

function takeLine(
  exchange: Exchange,
  line: string,
  isOpenEnded: boolean,
  isUnsolicited: IsUnsolicited,
): Step<Exchange> {
  if (isEcho(exchange, line)) return { state: { ...exchange, echoes: true } };
  const result = resultOf(exchange.command, line);
  if (result) return { state: end(exchange, result) };
  const call = callResultOf(exchange.command, line, isUnsolicited);
  if (call) {
    return {
      state: { ...exchange, provisional: { result: call, lines: exchange.lines } },
      unsolicited: line,
    };
  }
  const next = followingOf(exchange, line);
  if (next) return takeLine(next, line, isOpenEnded, isUnsolicited);
  const isJoined = exchange.past.length > 0 || exchange.following.length > 0;
  const isIts = isJoined ? isOfPart(exchange, line) : isAnswer(exchange.command, line, isUnsolicited);
  if (!isIts) {
    if (isUnsolicited(line) || (isJoined && isUrc(line))) return { state: exchange, unsolicited: line };
    return { state: { ...doubting(exchange, line), isGarbled: true }, unsolicited: line };
  }
  if (exchange.isTooLong) return { state: exchange };
  const due = exchange.command.block?.(line) ?? 0;
  const phase = due > 0 ? 'block' : exchange.phase;
  const { lines, provisional } = withLine(exchange, line, isOpenEnded);
  const isTooLong = lines.length > MAX_LINES || lines.characters > MAX_CHARACTERS;
  return { state: { ...exchange, phase, due, lines, provisional, isTooLong } };
}

/**
 * The exchange of the next command on the line, if its response begins with this line. If the header of the response before
 * was lost or garbled, the line may be payload that looks like a response: it is believed for the same socket, but for no
 * other. From then on, nothing on the line is believed.
 */
function followingOf(exchange: Exchange, line: string): Exchange | undefined {
  const { command, following, lines } = exchange;
  if (following.length === 0 || (lines.length === 0 && answers(command, line))) return undefined;
  const at = following.findIndex((it) => answers(it, line));
  const next = following[at];
  if (!next) return undefined;
  const isOther = next.text !== command.text;
  const mayBePayload = lines.length === 0 || exchange.isGarbled || exchange.isCut;
  // This line shows that the block before it does not contain the result code, and that what is missing before it is lost.
  const isGarbled = exchange.isGarbled || lines.length === 0;
  const past = [...exchange.past, { ...exchange, mayHoldResult: false, isGarbled }];
  const skipped = following.slice(0, at).map((it) => ({ ...begin(it), isGarbled: true }));
  return {
    ...begin(next),
    text: exchange.text,
    isDoubtful: exchange.isDoubtful || (isOther && mayBePayload),
    past: [...past, ...skipped],
    following: following.slice(at + 1),
  };
}

/** The exchange, in which commands are doubtful that have a response already, if the line is one more. */
function doubting(exchange: Exchange, line: string): Exchange {
  const isSurplus = (it: Exchange): boolean => it.lines.length > 0 && answers(it.command, line);
  const past = exchange.past.map((it) => (isSurplus(it) ? { ...it, isDoubtful: true } : it));
  const isDoubtful = exchange.isDoubtful || isSurplus(exchange) || exchange.past.some(isSurplus);
  return isDoubtful ? { ...exchange, past, isDoubtful } : exchange;
}

/** On a line with several commands, each response has one line. */
function isOfPart({ command, lines }: Exchange, line: string): boolean {
  return lines.length === 0 && answers(command, line);
}

function answers({ isAnsweredBy, responsePrefixes }: Command, line: string): boolean {
  return isAnsweredBy ? isAnsweredBy(line) : responsePrefixes?.some((it) => line.startsWith(it)) === true;
}

/** A line of the response may contain a text of several lines. If the end of the text is unknown, it may contain the result code. */
function withLine(
  exchange: Exchange,
  line: string,
  isOpenEnded: boolean,
): Pick<Exchange, 'lines' | 'provisional'> {
  if (!line.includes('\n')) return { lines: exchange.lines.with(line), provisional: undefined };
  let { lines } = exchange;
  let provisional: Ending | undefined;
  for (const part of line.split('\n')) {
    const result = isOpenEnded ? resultOf(exchange.command, part) : undefined;
    if (result) provisional = { result, lines };
    lines = lines.with(part);
  }
  return { lines, provisional };
}

/**
 * The bytes that wake the module abort some commands (V.250 5.6.1), with a result code that says nothing about them. Only
 * commands of a user, which have no response prefixes, can be aborted.
 */
function end(exchange: Exchange, result: Result): Exchange {
  const { command, lines, cutOffAfter } = exchange;
  const isAborted =
    cutOffAfter !== undefined && !command.responsePrefixes && (!result.ok || lines.length === 0);
  return { ...exchange, phase: 'done', ending: isAborted ? undefined : { result, lines } };
}

/** The final result code, if the line is one for this command. */
function resultOf({ finals }: Command, line: string): Result | undefined {
  return finals?.includes(line) ? { ok: true, text: line } : parseResult(line);
}

/**
 * Lines like `NO CARRIER` may also be about a call. A command with response prefixes does not dial, so they are not its
 * result code. For any other command they are, unless more of its response follows.
 */
function callResultOf(
  { responsePrefixes }: Command,
  line: string,
  isUnsolicited: IsUnsolicited,
): Result | undefined {
  return responsePrefixes || isUnsolicited(line) ? undefined : parseCallResult(line);
}

/** An echo is the command line, once, before the response. */
function isEcho({ text, past, lines, echoes, bodyWritten }: Exchange, line: string): boolean {
  return !echoes && !bodyWritten && lines.length === 0 && past.length === 0 && line === text.trim();
}

export function isAnswer(command: Command, line: string, isUnsolicited: IsUnsolicited): boolean {
  return command.responsePrefixes
    ? command.responsePrefixes.some((prefix) => line.startsWith(prefix))
    : !isUnsolicited(line) && !isForeign(line, command.text);
}

/** Whether the module may have executed the command. One with a body is not executed before the body was written. */
export function mayHaveHappened({ command, bodyWritten }: Exchange): boolean {
  return command.body === undefined || bodyWritten;
}

/** Whether there was OK in place of the prompt. It may be that of another command, so the prompt may still follow. */
export function isUnprompted({ command, bodyWritten, ending }: Exchange): boolean {
  return command.body !== undefined && !bodyWritten && ending?.result.ok === true;
}

/**
 * The exchange of each command on the line, in order. The line ends at the first command that is rejected (V.250 5.2.1):
 * this one and those behind it were not executed. If part of the response is garbled, it is unknown which ones these are.
 */
export function partsOf(exchange: Exchange): readonly Exchange[] {
  const { past, following, ending, cutOffAfter } = exchange;
  if (past.length === 0 && following.length === 0) return [exchange];
  const isGarbled = exchange.isGarbled || exchange.isCut || past.some((it) => it.isGarbled || it.isCut);
  const result = ending && (isGarbled ? OK : ending.result);
  const begun = [...past, exchange].map((it) => {
    const itsResult = it.lines.length > 0 ? OK : result;
    return itsResult ? { ...it, ending: { result: itsResult, lines: it.lines }, isGarbled } : it;
  });
  const end = result && { result, lines: LineList.EMPTY };
  return [...begun, ...following.map((it) => ({ ...begin(it), ending: end, cutOffAfter, isGarbled }))];
}

/** Whether the command was not executed, because the line was rejected at this command, or before. */
export function isRejected({ ending }: Exchange): boolean {
  return ending?.result.ok === false;
}

/** Whether the response to a command on a line with several is only the result code. */
export function isPassedOver(part: Exchange): boolean {
  return part.lines.length === 0 && part.ending?.result.ok === true;
}

/** Whether everything relevant of the response was received. */
export function isAnswered(exchange: Exchange): boolean {
  if (exchange.following.length > 0) return exchange.ending !== undefined;
  return exchange.ending !== undefined || exchange.provisional !== undefined || isComplete(exchange);
}

/** Whether the response is complete, so that the final result code does not matter. */
export function isComplete(exchange: Exchange): boolean {
  const { command, lines, block, ending } = exchange;
  if (!command.isComplete || !mayHaveHappened(exchange)) return false;
  if (exchange.mayHoldResult && !ending) return false;
  return command.isComplete(block ? { lines: lines.view, block } : { lines: lines.view });
}

/**
 * The result of an exchange that is over.
 * @throws {AtError} `rejected`, `timeout`, `noPrompt` or `malformed`
 */
export function outcome(exchange: Exchange): unknown {
  const { command, block, bodyEchoed, isTooLong, ending = exchange.provisional } = exchange;
  const { lines } = ending ?? exchange;
  if (exchange.isCut)
    throw malformed(exchange, 'is longer or shorter than it says: bytes were lost on the line, or changed');
  if (exchange.isDoubtful)
    throw malformed(exchange, 'cannot be told from payload: bytes were lost on the line');
  if (isTooLong) throw malformed(exchange, `was given up after ${lines.length} lines`);
  if (!isComplete(exchange)) {
    if (!ending) throw unanswered(exchange);
    // Behind a garbled header, payload is taken for lines, and its ERROR for the result code.
    if (command.block && lines.length === 0 && exchange.isGarbled) throw malformed(exchange, 'was garbled');
    if (!ending.result.ok) throw rejection(command, ending.result);
    if (!mayHaveHappened(exchange)) throw unprompted(command);
  }
  const answer: Answer = {
    lines: lines.toArray(),
    ...(block && { block }),
    ...(bodyEchoed && { hasEchoedBody: true }),
    ...(ending && { final: ending.result.text }),
  };
  try {
    return command.decode(answer);
  } catch (error) {
    throw malformed(exchange, `was ${excerpt(answer.lines)}: ${String(error)}`);
  }
}

function unanswered(exchange: Exchange): AtError {
  const { command, lines, cutOffAfter = 0, isBodyMixed } = exchange;
  if (!mayHaveHappened(exchange)) return unprompted(command);
  const name = shown(command);
  const limit = `within ${Math.round(cutOffAfter / 100) / 10} s, and was then cut off`;
  const said = lines.length > 0 ? `the answer to ${name} had not ended` : `${name} was not answered`;
  return new AtError(isBodyMixed ? 'mixed' : 'timeout', `${said} ${limit}`, true);
}

function rejection(command: Command, result: Result & { ok: false }): AtError {
  const said = describeResult(result.text, result.cme);
  const text = `the module answered ${said} to ${shown(command)}`;
  return new AtError('rejected', text, false, result.cme, command.text);
}

function unprompted(command: Command): AtError {
  return new AtError('noPrompt', `the module did not ask for the data of ${shown(command)}`);
}

function malformed(exchange: Exchange, what: string): AtError {
  const text = `the answer to ${shown(exchange.command)} ${what}`;
  return new AtError('malformed', text, mayHaveHappened(exchange));
}

/** The first lines, for an error text. */
function excerpt(lines: readonly string[]): string {
  return JSON.stringify(masked(lines.slice(0, 3).join(' | ')).slice(0, 200));
}
