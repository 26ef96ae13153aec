/** How far a trace has been played, and which of its turns comes next. Pure: knows neither bytes nor time. */
import { isOpened, listNow, socketOfFigures } from './socket-knowledge';
import { type Exchange, isReport, type Kind, type Report, type Turn } from './dialogue';

/** A turn and its place in the trace. */
export interface Placed<T extends Turn> {
  readonly at: number;
  readonly turn: T;
}

/** The place of an answer that is not in the trace as it is. */
export const NOWHERE = -1;

/** Reports of data to read. */
const READABLE = /^\s*\+Q\w*URC: ?"(client\/read|recv)",/;

export class Progress {
  /** The last report or change that the host knows. */
  private position = -1;
  private readonly answered = new Set<Turn>();
  private readonly exchanges: readonly Placed<Exchange>[];
  private readonly reports: readonly Placed<Report>[];

  constructor(private readonly turns: readonly Turn[]) {
    const placed = turns.map((turn, at) => ({ at, turn }));
    this.exchanges = placed.filter((it): it is Placed<Exchange> => !isReport(it.turn));
    this.reports = placed.filter((it): it is Placed<Report> => isReport(it.turn));
  }

  /** Whether the module took several commands on a line. */
  get joins(): boolean {
    return this.exchanges.some(({ turn }) => turn.isJoined);
  }

  isAnswered(exchange: Exchange): boolean {
    return this.answered.has(exchange);
  }

  /** Whether a command is in the trace. */
  has(key: string): boolean {
    return this.exchanges.some(({ turn }) => turn.key === key);
  }

  /** The exchange that answers a command; `undefined` if the trace has none. */
  find(key: string): Placed<Exchange> | undefined {
    const report = this.nextReport()?.at ?? this.turns.length;
    const otherReport = this.nextReport((text) => !READABLE.test(text))?.at ?? this.turns.length;
    const change = this.nextChange()?.at ?? this.turns.length;
    const happening = Math.min(report, change);
    // What is read may be the answer to what was sent.
    const send = this.nextChange((kind) => kind === 'send')?.at ?? this.turns.length;
    const isNext = ({ at, turn }: Placed<Exchange>): boolean => {
      if (this.isAnswered(turn)) return false;
      const begin = this.beginOf(at);
      if (turn.kind === 'query') return at > this.position && begin <= happening;
      // The host may send more before it reads.
      if (turn.kind === 'send') return begin <= otherReport;
      if (turn.kind === 'change') return begin <= report || at === change;
      return begin <= report && at < send;
    };
    const all = this.exchanges.filter(({ turn }) => turn.key === key);
    const next = all.find(isNext);
    if (next) return next;
    const last = all.filter(({ at }) => at < happening).at(-1);
    if (!last) return all.slice(0, 1).find(isTimeless);
    return last.turn.kind === 'query' ? this.now(last, all) : last;
  }

  /** The last answer to a query, but for sockets that were opened or closed since. */
  private now(last: Placed<Exchange>, all: readonly Placed<Exchange>[]): Placed<Exchange> {
    const { at, turn } = last;
    const between = this.turns.slice(at + 1, this.position + 1);
    const next = all.find((it) => it.at > this.position);
    const socketId = socketOfFigures(turn.key);
    if (next && socketId !== undefined && isOpened(socketId, between)) return next;
    return { at, turn: { ...turn, answer: listNow(turn.answer, next?.turn.answer, between) } };
  }

  /** Where the reports within the answer begin. */
  private beginOf(at: number): number {
    const before = this.turns[at - 1];
    return before && isReport(before) && before.isWithin === true ? this.beginOf(at - 1) : at;
  }

  /** The report that comes next, unless a command has to change something before. */
  dueReport(): Placed<Report> | undefined {
    const report = this.nextReport();
    const change = this.nextChange();
    return report && change && change.at < report.at ? undefined : report;
  }

  /** Reports that the host does not know and that come before an answer: within it, if that is the answer to a query. */
  reportsBefore({ at: end, turn }: Placed<Exchange>): Placed<Report>[] {
    if (end === NOWHERE) return turn.kind === 'read' ? this.announcement() : [];
    const begin = turn.kind === 'query' ? this.beginOf(end) : 0;
    return this.reports.filter(({ at }) => at > this.position && at >= begin && at < end);
  }

  /** The host knows a turn. @returns whether the trace has come further by it */
  note({ at, turn }: Placed<Turn>): boolean {
    this.answered.add(turn);
    const isAhead = at > this.position && (isReport(turn) || turn.kind !== 'query');
    if (isAhead) this.position = at;
    return isAhead;
  }

  /** The report right after a turn, if the host knows it. */
  reportAfter({ at }: Placed<Turn>): Report | undefined {
    const next = this.turns[at + 1];
    return next && isReport(next) && at + 1 <= this.position ? next : undefined;
  }

  /** The report that comes next, if it says that there is data to read. */
  private announcement(): Placed<Report>[] {
    const report = this.dueReport();
    return report && READABLE.test(report.turn.text) ? [report] : [];
  }

  private nextReport(is: (text: string) => boolean = () => true): Placed<Report> | undefined {
    return this.reports.find(({ at, turn }) => at > this.position && is(turn.text));
  }

  private nextChange(is: (kind: Kind) => boolean = (kind) => kind !== 'query'): Placed<Exchange> | undefined {
    return this.exchanges.find(({ at, turn }) => at > this.position && is(turn.kind));
  }
}

/** Whether the answer may come earlier than in the trace: what a socket is like changes with it. */
function isTimeless({ turn: { kind, key } }: Placed<Exchange>): boolean {
  return kind !== 'query' || !key.includes('=') || key.endsWith('=?');
}
