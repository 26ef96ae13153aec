/**
 * The life of one command on the line, as a pure function of what the module says:
 *
 *     begin ─▶ prompt ─(body)─▶ answer ─▶ done          a command with a body
 *     begin ─▶ answer ⇄ block ─▶ done                   any other
 *
 * It knows nothing of time: a command that takes too long is the business of the resynchronisation.
 */
import { describeResult } from './cme';
import type { Answer, Command } from './command';
import { AtError } from './errors';
import { parseResult, type Result } from './result';
import type { Expectation, Token } from './scanner';
import { masked } from './secrets';

export interface Exchange {
  readonly command: Command;
  readonly phase: 'prompt' | 'answer' | 'block' | 'done';
  readonly lines: readonly string[];
  /** Length of the block that is due, while `phase` is `block`. */
  readonly due: number;
  readonly block?: Buffer;
  readonly bodyWritten: boolean;
  /** The module echoed the command line, so it may echo the body too. */
  readonly echoes: boolean;
  readonly result?: Result;
  /** A line came that is neither the answer's nor unsolicited: of a command with a block, perhaps what is left of it. */
  readonly isGarbled: boolean;
}

/** What a token did. */
export interface Step<State> {
  readonly state: State;
  /** To be written now. */
  readonly write?: Buffer;
  /** A line that is no part of the exchange. */
  readonly unsolicited?: string;
}

/** Says of a line that it can never belong to an answer. */
export type IsUnsolicited = (line: string) => boolean;

export function begin(command: Command): Exchange {
  const phase = command.body ? 'prompt' : 'answer';
  return { command, phase, lines: [], due: 0, bodyWritten: false, echoes: false, isGarbled: false };
}

/** What may come next. */
export function expected({ phase, due, command, bodyWritten, echoes }: Exchange): Expectation {
  if (phase === 'prompt') return { prompt: true };
  if (phase === 'block') return { block: due };
  return bodyWritten && echoes ? { echo: command.body } : {};
}

export function take(exchange: Exchange, token: Token, isUnsolicited: IsUnsolicited): Step<Exchange> {
  switch (token.type) {
    case 'prompt': {
      const { body } = exchange.command;
      return { state: { ...exchange, phase: 'answer', bodyWritten: true }, ...(body && { write: body }) };
    }
    case 'block':
      return { state: { ...exchange, phase: 'answer', block: token.data } };
    case 'echo':
      return { state: { ...exchange, echoes: false } };
    case 'noise':
      return { state: exchange };
    case 'line':
      return takeLine(exchange, token.text, isUnsolicited);
  }
}

function takeLine(exchange: Exchange, line: string, isUnsolicited: IsUnsolicited): Step<Exchange> {
  if (isEcho(line)) return { state: { ...exchange, echoes: true } };
  const result = resultOf(exchange.command, line);
  if (result) return { state: { ...exchange, phase: 'done', result } };
  if (!isAnswer(exchange.command, line, isUnsolicited)) {
    const isGarbled = exchange.isGarbled || !isUnsolicited(line);
    return {
      state: isGarbled === exchange.isGarbled ? exchange : { ...exchange, isGarbled },
      unsolicited: line,
    };
  }
  const due = exchange.command.block?.(line) ?? 0;
  const phase = due > 0 ? 'block' : exchange.phase;
  return { state: { ...exchange, phase, due, lines: [...exchange.lines, line] } };
}

/** The final result code that a line is to this command. */
function resultOf({ finals }: Command, line: string): Result | undefined {
  return finals?.includes(line) ? { ok: true, text: line } : parseResult(line);
}

/** No module says anything that begins with AT: it is the echo of a command line. */
export function isEcho(line: string): boolean {
  return /^AT/i.test(line);
}

export function isAnswer(command: Command, line: string, isUnsolicited: IsUnsolicited): boolean {
  return command.responsePrefixes
    ? command.responsePrefixes.some((prefix) => line.startsWith(prefix))
    : !isUnsolicited(line);
}

/** Whether the module may have acted on the command. One with a body has happened once the body was written. */
export function mayHaveHappened({ command, bodyWritten }: Exchange): boolean {
  return command.body === undefined || bodyWritten;
}

/** Whether all that matters of the answer is there. */
export function isAnswered({ command, result, lines, block }: Exchange): boolean {
  return result !== undefined || command.isComplete?.(block ? { lines, block } : { lines }) === true;
}

/**
 * What the exchange came to when no more is to be expected of it.
 * @throws {AtError} `rejected`, `timeout`, `noPrompt` or `malformed`
 */
export function outcome(exchange: Exchange): unknown {
  const { command, result, lines, block } = exchange;
  const answer: Answer = { lines, ...(block && { block }), ...(result && { final: result.text }) };
  const name = () => masked(command.text);
  const happened = mayHaveHappened(exchange);
  if (!isAnswered(exchange)) {
    if (!happened) throw new AtError('noPrompt', `the module did not ask for the data of ${name()} in time`);
    throw new AtError('timeout', `the module did not answer ${name()} in time`, true);
  }
  if (result?.ok === false) {
    const said = describeResult(result.text, result.cme);
    throw new AtError(
      'rejected',
      `the module answered ${said} to ${name()}`,
      false,
      result.cme,
      command.text,
    );
  }
  if (command.block && lines.length === 0 && exchange.isGarbled) {
    throw new AtError('malformed', `the answer to ${command.text} was garbled`, true);
  }
  if (!happened) throw new AtError('noPrompt', `the module did not ask for the data of ${name()}`);
  try {
    return command.decode(answer);
  } catch (error) {
    throw new AtError(
      'malformed',
      `${name()} was answered "${lines.join(' | ')}": ${String(error)}`,
      happened,
    );
  }
}
