/** The trace of one port as turns of a dialogue: commands with their answers, and what the module said in between. */
import { masked } from '../at';
import { partsOf, withoutData } from './answer';
import type { TraceEntry } from './format';
import { ESC, isRead, withoutLength, withoutPayload } from './payload';

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

/** What the module says unasked about sockets. */
const URC = /^\s*\+Q\w*URC:/;

export function isReport(turn: Turn): turn is Report {
  return 'text' in turn;
}

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
        open = { command: data, answer: '', ms };
      } else if (open && data.replaceAll(ESC, '').trim() !== '') open.afterBody ??= '';
      continue;
    }
    if (!open) {
      report(turns, data, ms, false);
      continue;
    }
    const text = (open.afterBody ?? open.answer) + data;
    const { result, rest } = partsOf(text);
    const said = text.slice(0, text.length - rest.length);
    if (open.afterBody === undefined) open.answer = said;
    else open.afterBody = said;
    open.ms = ms;
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
  answer: string;
  afterBody?: string;
  ms: number;
}

/** The commands of a line (V.250 5.2.1), as they would be written alone. */
export function commandsIn(line: string): string[] {
  const [first = '', ...others] = line.trim().match(/(?:"[^"]*"|[^;"])+/g) ?? [];
  return [first, ...others.map((command) => `AT${command}`)];
}

/**
 * The exchanges of a line: several if each of its commands has its own part of the answer. What came unasked during a query
 * comes before it: the host may ask it more often than then, or not at all.
 */
function exchangesOf({ command, ...rest }: Open): Turn[] {
  const { infos, result } = partsOf(rest.answer);
  const isUrc = (line: string): boolean => URC.test(line);
  const reports = infos
    .filter(isUrc)
    .map((text) => ({ text, isAttached: false, isWithin: true, ms: rest.ms }));
  const own = infos.filter((line) => !isUrc(line));
  const commands = commandsIn(command);
  if (commands.length > 1 && commands.length === own.length) {
    const exchanges = commands.map((text, at) =>
      exchangeOf(text, { ms: rest.ms, answer: `${own[at] ?? ''}${result}`, isJoined: true }),
    );
    return [...reports, ...exchanges];
  }
  const whole = exchangeOf(command.trim(), rest);
  if (whole.kind === 'send' || whole.kind === 'change') return [whole];
  return [...reports, { ...whole, answer: own.join('') + result }];
}

function exchangeOf(command: string, rest: Omit<Exchange, 'key' | 'kind'>): Exchange {
  return { ...rest, key: keyOf(command), kind: kindOf(command, rest) };
}

/** What changes more comes first: a line is of the first kind that one of its commands has. */
const KINDS = ['change', 'send', 'read', 'query'] as const;

function kindOf(line: string, rest: Pick<Exchange, 'answer' | 'afterBody'>): Kind {
  const kinds = commandsIn(line).map((command) => kindOfOne(command, rest));
  return KINDS.find((kind) => kinds.includes(kind)) ?? 'query';
}

function kindOfOne(command: string, { answer, afterBody }: Pick<Exchange, 'answer' | 'afterBody'>): Kind {
  if (isRead(command)) return withoutData(answer) === answer ? 'query' : 'read';
  if (!/=(?!\?)/.test(command) || QUERIES.some((query) => query.test(command))) return 'query';
  return afterBody !== undefined || withoutPayload(command) !== undefined ? 'send' : 'change';
}

/** Appends to a report of which only a line end has come. */
function report(turns: Turn[], text: string, ms: number, isAttached: boolean): void {
  const last = turns.at(-1);
  const isBegun = last && isReport(last) && last.text.trim() === '';
  if (isBegun) turns[turns.length - 1] = { ...last, text: last.text + text, ms };
  else turns.push({ text, ms, isAttached });
}
