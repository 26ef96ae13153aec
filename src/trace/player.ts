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
import { commandsIn, type Exchange, keyOf, type Report, type Turn } from './dialogue';
import { Loopback } from './loopback';
import { bodyLength, endOfBody, ESC, payloadOf, TERMINATED } from './payload';
import { NOWHERE, type Placed, Progress } from './progress';

export interface PlayerOptions {
  /** Bytes for the host. */
  send(bytes: Buffer): void;
  /** A command that was never asked in the trace. */
  onUnknown(command: string): void;
  readonly clock?: Clock;
}

interface Pending {
  readonly exchange: Placed<Exchange>;
  readonly command: string;
}

/** What every module answers with OK: AT alone, and settings of the line. */
const SETTING = /^AT(?:[EQV]\d?|S\d+=\d+)*$/i;
const DONE = '\r\nOK\r\n';
const NOT_KNOWN = '\r\nERROR\r\n';

/** Reports with the result of a command that opens a socket. */
const OPENED = /^\s*\+(Q(I|SSL)OPEN:|QFWDURC: ?"(server|client)\/open")/;

export class TracePlayer {
  private readonly loopback: Loopback;
  private readonly progress: Progress;
  private readonly clock: Clock;
  /** From the time of the trace to that of the clock, in ms. */
  private shift = 0;
  /** Of a report or an answer. */
  private cancelTimer: () => void = () => undefined;
  /** A command or a body was taken, and is not answered yet. */
  private isBusy = false;
  private received = '';
  /** The exchange whose body is being received. */
  private pending: Pending | undefined;

  /** @param turns of one port */
  constructor(
    turns: readonly Turn[],
    private readonly options: PlayerOptions,
  ) {
    this.loopback = new Loopback(turns);
    this.progress = new Progress(this.loopback.turns);
    this.clock = options.clock ?? systemClock;
  }

  /** A host has attached. */
  begin(): void {
    this.shift = this.clock.now();
    this.awaitReport();
  }

  /** The host has detached. */
  end(): void {
    this.cancelTimer();
  }

  /** Bytes of the host. */
  receive(bytes: Buffer): void {
    this.received += bytes.toString('latin1');
    this.proceed();
  }

  private proceed(): void {
    while (!this.isBusy && (this.pending ? this.takeBody(this.pending) : this.takeCommand()));
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
    const said: string[] = [];
    const answers: string[] = [];
    let took = 0;
    for (const command of this.commandsOf(line)) {
      const exchange = this.find(command);
      if (!exchange && SETTING.test(command)) {
        answers.push(DONE);
        continue;
      }
      if (!exchange) {
        this.options.onUnknown(masked(line));
        answers.push(NOT_KNOWN);
        break;
      }
      said.push(...this.progress.reportsBefore(exchange).map((report) => this.told(report)));
      took = Math.max(took, exchange.turn.took);
      answers.push(this.answerOf(exchange, command));
    }
    this.say(took, [...said, joined(answers)]);
  }

  /** The commands of a line, if the module took several of them; or else the line as a whole. */
  private commandsOf(line: string): string[] {
    const commands = commandsIn(line);
    const isKnown = (command: string): boolean =>
      this.progress.has(keyOf(command)) || this.loopback.emptyRead(command) !== undefined;
    return this.progress.joins && commands.every(isKnown) ? commands : [line];
  }

  private find(command: string): Placed<Exchange> | undefined {
    const { loopback, progress } = this;
    const data = loopback.read(command);
    if (data) return { at: NOWHERE, turn: data };
    const nothing = loopback.emptyRead(command);
    return progress.find(keyOf(command)) ?? (nothing && { at: NOWHERE, turn: nothing });
  }

  /** @returns the answer, up to the prompt if there is one */
  private answerOf(exchange: Placed<Exchange>, command: string): string {
    const { turn } = exchange;
    const answer = this.progress.isAnswered(turn) ? withoutData(turn.answer) : turn.answer;
    if (turn.afterBody === undefined)
      return answer + this.settle(exchange, turn.took, payloadOf(command, ''));
    this.pending = { exchange, command };
    return answer;
  }

  private takeBody({ exchange, command }: Pending): boolean {
    const length = bodyLength(command);
    const end = length === TERMINATED ? endOfBody(this.received) : length - 1;
    if (end < 0 || end >= this.received.length) return false;
    const isTerminated = length === TERMINATED;
    const isCancelled = isTerminated && this.received[end] === ESC;
    const body = this.received.slice(0, isTerminated ? end : length);
    this.received = this.received.slice(end + 1);
    this.pending = undefined;
    const { tookAfterBody: took = 0 } = exchange.turn;
    const payload = payloadOf(command, body);
    this.say(took, [
      isCancelled ? DONE : takenOf(exchange.turn, payload) + this.settle(exchange, took, payload),
    ]);
    return true;
  }

  /**
   * The exchange is played.
   * @returns the result of opening a socket again, which is the same as before
   */
  private settle(exchange: Placed<Exchange>, took: number, payload: string): string {
    const { progress } = this;
    const { text = '' } = progress.isAnswered(exchange.turn) ? (progress.reportAfter(exchange) ?? {}) : {};
    if (progress.note(exchange)) this.shift = this.clock.now() + took - exchange.turn.ms;
    this.loopback.note(exchange.turn, payload);
    return OPENED.test(text) ? text : '';
  }

  /** Answers after the time that the answer took. Until then, nothing else is said, and no command is taken. */
  private say(took: number, texts: readonly string[]): void {
    this.cancelTimer();
    this.isBusy = true;
    const say = (): void => {
      this.isBusy = false;
      for (const text of texts) this.send(text);
      this.awaitReport();
      this.proceed();
    };
    if (took === 0) say();
    else this.cancelTimer = this.clock.after(took, say);
  }

  private awaitReport(): void {
    // The host may have written its next command while it was told the last thing.
    if (this.isBusy || this.pending) return;
    this.cancelTimer();
    const report = this.progress.dueReport();
    if (!report) return;
    const delay = report.turn.ms + this.shift - this.clock.now();
    const tell = (): void => {
      this.tell(report);
      this.awaitReport();
    };
    // What came in one piece comes so again, and what an answer has delayed comes right after it.
    if (delay < 0 || (delay === 0 && report.turn.isAttached)) tell();
    else this.cancelTimer = this.clock.after(Math.max(0, delay), tell);
  }

  private tell(report: Placed<Report>): void {
    this.send(this.told(report));
  }

  /** The host is told a report. @returns its text */
  private told(report: Placed<Report>): string {
    this.progress.note(report);
    this.loopback.note(report.turn);
    return report.turn.text;
  }

  private send(text: string): void {
    if (text !== '') this.options.send(Buffer.from(text, 'latin1'));
  }
}

/** The answer to a body of another length than then: if all was taken then, all is taken. */
function takenOf({ afterBody = '', payload = '' }: Exchange, { length }: string): string {
  return afterBody.replace(/(\+QFWDSEND: ?\d+,)(\d+)/, (text, before: string, taken: string) => {
    const unit = Number(taken) / payload.length;
    return unit === 1 || unit === 2 ? `${before}${unit * length}` : text;
  });
}
