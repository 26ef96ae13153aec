/** How far a trace has been played, and which of its turns comes next. Pure: knows neither bytes nor time. */
import { type Exchange, isReport, type Kind, type Report, type Turn } from './dialogue';

/** A turn and its place in the trace. */
export interface Placed<T extends Turn> {
  readonly at: number;
  readonly turn: T;
}

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
    const happening = Math.min(report, this.nextChange()?.at ?? this.turns.length);
    // What is read may be the answer to what was sent.
    const send = this.nextChange((kind) => kind === 'send')?.at ?? this.turns.length;
    const isNext = ({ at, turn }: Placed<Exchange>): boolean => {
      if (this.isAnswered(turn)) return false;
      if (turn.kind === 'query') return at > this.position && at < happening;
      return at < report && (turn.kind !== 'read' || at < send);
    };
    const all = this.exchanges.filter(({ turn }) => turn.key === key);
    return (
      all.find(isNext) ?? all.filter(({ at }) => at < happening).at(-1) ?? all.slice(0, 1).find(isTimeless)
    );
  }

  /** The report that comes next, unless a command has to change something before. */
  dueReport(): Placed<Report> | undefined {
    const report = this.nextReport();
    const change = this.nextChange();
    return report && change && change.at < report.at ? undefined : report;
  }

  /** Reports before a place that the host does not know. */
  reportsBefore(end: number): Placed<Report>[] {
    return this.reports.filter(({ at }) => at > this.position && at < end);
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

  private nextReport(): Placed<Report> | undefined {
    return this.reports.find(({ at }) => at > this.position);
  }

  private nextChange(is: (kind: Kind) => boolean = (kind) => kind !== 'query'): Placed<Exchange> | undefined {
    return this.exchanges.find(({ at, turn }) => at > this.position && is(turn.kind));
  }
}

/** Whether the answer may come earlier than in the trace: what a socket is like changes with it. */
function isTimeless({ turn: { kind, key } }: Placed<Exchange>): boolean {
  return kind !== 'query' || !key.includes('=') || key.endsWith('=?');
}
