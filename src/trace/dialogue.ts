/** The trace of one port as turns of a dialogue: commands with their answers, and what the module said in between. */
import { masked } from '../at';
import { partsOf, withoutData } from './answer';
import type { TraceEntry } from './format';
import {
  bodyLength,
  endOfBody,
  ESC,
  isRead,
  payloadOf,
  TERMINATED,
  withoutLength,
  withoutPayload,
} from './payload';

/** What a command does: `read` and `send` are those of payload, and a read that found nothing is a `query`. */
export type Kind = 'query' | 'read' | 'send' | 'change';

/** A command and its answer, up to the final result code. */
export interface Exchange {
  /** As of {@link keyOf}. */
  readonly key: string;
  readonly kind: Kind;
  /** Before and after the body, if there was one. */
  readonly answer: string;
  readonly afterBody?: string;
  /** Whether it shared a line with others. */
  readonly isJoined?: boolean;
  /** What was sent: bytes. */
  readonly payload?: string;
  /** How long the answer took, in ms: up to the prompt, if there was one, and after the body. */
  readonly took: number;
  readonly tookAfterBody?: number;
  /** When the answer ended, in ms since the begin of the trace. */
  readonly ms: number;
}

/** What the module said unasked. */
export interface Report {
  readonly text: string;
  /** Whether it came in one piece with an answer. */
  readonly isAttached: boolean;
  /** Whether it came within the answer to the query after it. */
  readonly isWithin?: boolean;
  /** In ms since the begin of the trace. */
  readonly ms: number;
}

export type Turn = Exchange | Report;

/** Commands with parameters that only query. */
const QUERIES = [
  /^AT\+(QFWDACK|QFWDS{1,3}TATE|QISTATE|CGPADDR)=\d+(,\d+)?$/i,
  /^AT\+Q(I|SSL)(RD|SEND|RECV)=\d+,0$/i,
  /^AT\+QFWDCFG="urc",\d+$/i,
];

const PROMPT = /^> ?\r?$/m;

/** What the module says unasked about sockets. */
const URC = /^\s*\+Q\w*URC:/;

export function isReport(turn: Turn): turn is Report {
  return 'text' in turn;
}

/** The turns of each port. */
export function turnsOfPorts(entries: readonly TraceEntry[]): ReadonlyMap<string, readonly Turn[]> {
  const names = [...new Set(entries.map(({ port }) => port))];
  return new Map(names.map((name) => [name, turnsIn(entries.filter(({ port }) => port === name))]));
}

/** @param entries of one port */
export function turnsIn(entries: readonly TraceEntry[]): Turn[] {
  const turns: Turn[] = [];
  let open: Open | undefined;
  const close = (): void => {
    if (open) turns.push(...exchangesOf(open));
    open = undefined;
  };
  for (const { dir, data, ms } of entries) {
    if (dir === 'out') {
      if (/^\s*AT/i.test(data)) {
        close();
        const said = { answer: takeBegun(turns)?.text ?? '', took: 0, ms };
        open = { command: data, body: '', written: ms, said };
      } else if (open && (PROMPT.test(open.said.answer) || data.replaceAll(ESC, '').trim() !== '')) {
        open.said = { afterBody: '', ...open.said };
        open.body += data;
        open.written = ms;
      }
      continue;
    }
    if (!open) {
      report(turns, data, ms, false);
      continue;
    }
    const { said, written } = open;
    const text = (said.afterBody ?? said.answer) + data;
    const { result, rest } = partsOf(text);
    const answer = text.slice(0, text.length - rest.length);
    const took = ms - written;
    open.said =
      said.afterBody === undefined
        ? { ...said, answer, took, ms }
        : { ...said, afterBody: answer, tookAfterBody: took, ms };
    if (result === '') continue;
    close();
    if (rest !== '') report(turns, rest, ms, true);
  }
  close();
  return turns;
}

/** What is the same of a command whether it was masked or not, and however much is sent or read. */
export function keyOf(command: string): string {
  const text = command.trim();
  return withoutLength(withoutPayload(text) ?? masked(text));
}

interface Open {
  readonly command: string;
  body: string;
  /** When the command or its body was written. */
  written: number;
  said: Said;
}

type Said = Omit<Exchange, 'key' | 'kind' | 'payload'>;

/** The commands of a line (V.250 5.2.1), as they would be written alone. */
export function commandsIn(line: string): string[] {
  const [first = '', ...others] = line.trim().match(/(?:"[^"]*"|[^;"])+/g) ?? [];
  return [first, ...others.map((command) => `AT${command}`)];
}

/**
 * The exchanges of a line: several if each of its commands has its own part of the answer. What came unasked during a query
 * comes before it: the host may ask it more often than then, or not at all.
 */
function exchangesOf({ command, body, said: rest }: Open): Turn[] {
  const { infos, result } = partsOf(rest.answer);
  const isUrc = (line: string): boolean => URC.test(line);
  const reports = infos
    .filter(isUrc)
    .map((text) => ({ text, isAttached: false, isWithin: true, ms: rest.ms }));
  const own = infos.filter((line) => !isUrc(line));
  const commands = commandsIn(command);
  if (commands.length > 1 && commands.length === own.length) {
    const exchanges = commands.map((text, at) =>
      exchangeOf(text, { ...rest, answer: `${own[at] ?? ''}${result}`, isJoined: true }),
    );
    return [...reports, ...exchanges];
  }
  const whole = exchangeOf(command.trim(), rest);
  if (whole.kind === 'send') return [{ ...whole, payload: payloadOf(command, withoutEnd(command, body)) }];
  if (whole.kind === 'change') return [whole];
  return [...reports, { ...whole, answer: own.join('') + result }];
}

/** The body without what ends it. */
function withoutEnd(command: string, body: string): string {
  return bodyLength(command) === TERMINATED ? body.slice(0, endOfBody(body)) : body;
}

function exchangeOf(command: string, rest: Said): Exchange {
  return { ...rest, key: keyOf(command), kind: kindOf(command, rest) };
}

/** What changes more comes first: a line is of the first kind that one of its commands has. */
const KINDS = ['change', 'send', 'read', 'query'] as const;

function kindOf(line: string, said: Said): Kind {
  const kinds = commandsIn(line).map((command) => kindOfOne(command, said));
  return KINDS.find((kind) => kinds.includes(kind)) ?? 'query';
}

function kindOfOne(command: string, { answer, afterBody }: Said): Kind {
  if (isRead(command)) return withoutData(answer) === answer ? 'query' : 'read';
  if (!/=(?!\?)/.test(command) || QUERIES.some((query) => query.test(command))) return 'query';
  return afterBody !== undefined || withoutPayload(command) !== undefined ? 'send' : 'change';
}

/** Appends to a report of which only a line end has come. */
function report(turns: Turn[], text: string, ms: number, isAttached: boolean): void {
  const begun = takeBegun(turns);
  turns.push({ text: (begun?.text ?? '') + text, ms, isAttached: begun?.isAttached ?? isAttached });
}

/** Removes the report of which only a line end has come, if there is one. */
function takeBegun(turns: Turn[]): Report | undefined {
  const last = turns.at(-1);
  if (!last || !isReport(last) || last.text.trim() !== '') return undefined;
  turns.pop();
  return last;
}
