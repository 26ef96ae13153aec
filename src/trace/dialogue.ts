/** The trace of one port as turns of a dialogue: commands with their answers, and what the module said in between. */
import { masked, parseResult } from '../at';
import type { TraceEntry } from './format';
import { blockLength, ESC, isRead, withoutData, withoutLength, withoutPayload } from './payload';

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
  /** When the answer ended, in ms since the begin of the trace. */
  readonly ms: number;
}

/** What the module said unasked. */
export interface Report {
  readonly text: string;
  /** In ms since the begin of the trace. */
  readonly ms: number;
}

export type Turn = Exchange | Report;

/** Commands with parameters that only query. */
const QUERIES = [
  /^AT\+(QFWDACK|QFWDSTATE|QISTATE|CGPADDR)=\d+(,\d+)?$/i,
  /^AT\+Q(I|SSL)(RD|SEND|RECV)=\d+,0$/i,
  /^AT\+QFWDCFG="urc",\d+$/i,
];

export function isReport(turn: Turn): turn is Report {
  return 'text' in turn;
}

export function turnsIn(entries: readonly TraceEntry[]): Turn[] {
  const turns: Turn[] = [];
  let open: Open | undefined;
  const close = (): void => {
    if (open) turns.push(exchangeOf(open));
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
      report(turns, data, ms);
      continue;
    }
    const text = (open.afterBody ?? open.answer) + data;
    const end = endOfAnswer(text);
    const said = end < 0 ? text : text.slice(0, end);
    if (open.afterBody === undefined) open.answer = said;
    else open.afterBody = said;
    open.ms = ms;
    if (end < 0) continue;
    close();
    if (end < text.length) report(turns, text.slice(end), ms);
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

function exchangeOf({ command, ...rest }: Open): Exchange {
  return { ...rest, key: keyOf(command), kind: kindOf(command.trim(), rest) };
}

function kindOf(command: string, { answer, afterBody }: Omit<Open, 'command'>): Kind {
  if (!/=(?!\?)/.test(command) || QUERIES.some((query) => query.test(command))) return 'query';
  if (isRead(command)) return withoutData(answer) === answer ? 'query' : 'read';
  return afterBody !== undefined || withoutPayload(command) !== undefined ? 'send' : 'change';
}

/** Appends to a report of which only a line end has come. */
function report(turns: Turn[], text: string, ms: number): void {
  const last = turns.at(-1);
  const isBegun = last && isReport(last) && last.text.trim() === '';
  if (isBegun) turns[turns.length - 1] = { text: last.text + text, ms };
  else turns.push({ text, ms });
}

/** Where an answer ends: after its final result code; -1 if that has not come yet. */
function endOfAnswer(text: string): number {
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (parseResult(line) || /^SEND (OK|FAIL)$/.test(line)) return start;
    start += blockLength(line);
  }
  return -1;
}
