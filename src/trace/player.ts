/**
 * Plays the module's side of a trace. A command is answered as it was then, and reports come as long after it as then. The host
 * may ask more or less than in the trace, and in another order:
 *
 * - A query is answered with its next answer in the trace before anything else happens there, and with the last of them from
 *   then on; but what it says of sockets holds only until they are opened or closed.
 * - What is asked more often than in the trace is answered like the last time. Data is given once: then there is none.
 * - A report comes after the commands before it that change something, and before the answers to those after it.
 * - What was never asked is answered with ERROR.
 */
import { type Clock, masked, systemClock } from '../at';
import { joined, withoutData } from './answer';
import { commandsIn, type Exchange, keyOf, type Report, turnsIn } from './dialogue';
import type { TraceEntry } from './format';
import { bodyLength, endOfBody, ESC, TERMINATED } from './payload';
import { type Placed, Progress } from './progress';

export interface PlayerOptions {
  /** Bytes for the host. */
  send(bytes: Buffer): void;
  /** A command that was never asked in the trace. */
  onUnknown(command: string): void;
  readonly clock?: Clock;
}

interface Pending {
  readonly exchange: Placed<Exchange>;
  /** Of the body in bytes, see {@link bodyLength}. */
  readonly length: number;
}

const NOT_KNOWN = '\r\nERROR\r\n';
const CANCELLED = '\r\nOK\r\n';

/** Reports with the result of a command that opens a socket. */
const OPENED = /^\s*\+(Q(I|SSL)OPEN:|QFWDURC: ?"(server|client)\/open")/;

export class TracePlayer {
  private readonly progress: Progress;
  private readonly clock: Clock;
  /** From the time of the trace to that of the clock, in ms. */
  private shift = 0;
  private cancelReport: () => void = () => undefined;
  private received = '';
  /** The exchange whose body is being received. */
  private pending: Pending | undefined;

  /** @param entries of one port */
  constructor(
    entries: readonly TraceEntry[],
    private readonly options: PlayerOptions,
  ) {
    this.progress = new Progress(turnsIn(entries));
    this.clock = options.clock ?? systemClock;
  }

  /** A host has attached. */
  begin(): void {
    this.shift = this.clock.now();
    this.awaitReport();
  }

  /** The host has detached. */
  end(): void {
    this.cancelReport();
  }

  /** Bytes of the host. */
  receive(bytes: Buffer): void {
    this.received += bytes.toString('latin1');
    while (this.pending ? this.takeBody(this.pending) : this.takeCommand());
  }

  /** @returns whether there was one */
  private takeCommand(): boolean {
    // ESC and LF outside a body have no effect.
    const end = this.received.indexOf('\r');
    if (end < 0) return false;
    const command = this.received.slice(0, end).replaceAll(ESC, '').trim();
    this.received = this.received.slice(end + 1);
    if (command !== '') this.answer(command);
    return true;
  }

  private answer(line: string): void {
    this.cancelReport();
    const answers: string[] = [];
    for (const key of this.keysOf(line)) {
      const exchange = this.progress.find(key);
      if (!exchange) this.options.onUnknown(masked(line));
      else if (exchange.turn.afterBody !== undefined) this.pending = { exchange, length: bodyLength(line) };
      answers.push(exchange ? this.play(exchange) : NOT_KNOWN);
      if (!exchange) break;
    }
    this.send(joined(answers));
    if (!this.pending) this.awaitReport();
  }

  /** The commands of a line, if the module took several of them; or else the line as a whole. */
  private keysOf(line: string): string[] {
    const { progress } = this;
    const keys = commandsIn(line).map(keyOf);
    const isJoined = progress.joins && keys.every((key) => progress.has(key));
    return isJoined ? keys : [keyOf(line)];
  }

  /** @returns the answer, up to the prompt if there is one */
  private play(exchange: Placed<Exchange>): string {
    const { progress } = this;
    const { turn } = exchange;
    for (const report of progress.reportsBefore(exchange)) this.tell(report);
    const answer = progress.isAnswered(turn) ? withoutData(turn.answer) : turn.answer;
    return turn.afterBody === undefined ? answer + this.settle(exchange) : answer;
  }

  private takeBody({ exchange, length }: Pending): boolean {
    const end = length === TERMINATED ? endOfBody(this.received) : length - 1;
    if (end < 0 || end >= this.received.length) return false;
    const isCancelled = length === TERMINATED && this.received[end] === ESC;
    this.received = this.received.slice(end + 1);
    this.pending = undefined;
    this.send(isCancelled ? CANCELLED : (exchange.turn.afterBody ?? '') + this.settle(exchange));
    this.awaitReport();
    return true;
  }

  /** The answer is complete. @returns the result of opening a socket again, which is the same as before */
  private settle(exchange: Placed<Exchange>): string {
    const { progress } = this;
    const { text = '' } = progress.isAnswered(exchange.turn) ? (progress.reportAfter(exchange) ?? {}) : {};
    if (progress.note(exchange)) this.shift = this.clock.now() - exchange.turn.ms;
    return OPENED.test(text) ? text : '';
  }

  private awaitReport(): void {
    this.cancelReport();
    const report = this.progress.dueReport();
    if (!report) return;
    const delay = report.turn.ms + this.shift - this.clock.now();
    const tell = (): void => {
      this.tell(report);
      this.awaitReport();
    };
    // What came in one piece comes so again.
    if (delay <= 0 && report.turn.isAttached) tell();
    else this.cancelReport = this.clock.after(Math.max(0, delay), tell);
  }

  private tell(report: Placed<Report>): void {
    this.progress.note(report);
    this.send(report.turn.text);
  }

  private send(text: string): void {
    if (text !== '') this.options.send(Buffer.from(text, 'latin1'));
  }
}

/** The ports in a trace. */
export function portsIn(entries: readonly TraceEntry[]): string[] {
  return [...new Set(entries.map(({ port }) => port))];
}
