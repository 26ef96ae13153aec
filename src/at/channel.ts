/**
 * The only user of an AT port: executes commands, one command line at a time.
 *
 *     execute ─▶ queue ─▶ exchange ─▶ response
 *                            │ no response in time
 *                            ▼
 *                         resync ──▶ synchronized: the next command, or ─▶ failed: the link is given up
 */
import { type Clock, within } from './clock';
import type { Command } from './command';
import { CommandLine } from './command-line';
import { Deadline } from './deadline';
import { AtError } from './errors';
import { cutOff, type Exchange, expected, isUnprompted, type IsUnsolicited, take } from './exchange';
import { Job, type Turn } from './job';
import { Joining, MOST_CHARACTERS, mostOnLine } from './joining';
import { LineHealth } from './line-health';
import type { LineMonitor } from './monitor';
import { Pace } from './pace';
import { CONTROL, TurnQueue } from './queue';
import { parseResult, type Result } from './result';
import { shown } from './secrets';
import * as resync from './resync';
import type { Expectation, Token } from './scanner';
import { Tokenizer } from './tokenizer';
import type { Link } from './transport';

export interface ChannelOptions {
  readonly clock: Clock;
  /** Time limit for a response in ms, unless the command has its own or the module was measured to be slower. */
  readonly timeout: number;
  readonly isUnsolicited: IsUnsolicited;
  readonly monitor?: LineMonitor | undefined;
  /** A line that belongs to no response, followed by the text that it announces, if any, after a line break. */
  onUnsolicited(line: string): void;
  /** The module has echoed this command line. */
  onEcho?(text: string): void;
  /** A command has its final result code, and its information text. Called before its promise is settled. */
  onResult?(command: Command, result: Result, lines: readonly string[]): void;
  /** Unsolicited lines may have been lost: during a resync, or because they counted as part of a text. */
  onResync(): void;
  /** So many responses in a row were garbled; 0: one with payload was not. */
  onGarbled?(inARow: number): void;
  /** The module no longer responds, and the channel is closed. */
  onFailed(reason: AtError): void;
}

type State =
  | { readonly name: 'idle' }
  /** `until`: the time at which a response that has no end is given up. */
  | { readonly name: 'busy'; readonly line: CommandLine; readonly exchange: Exchange; readonly until: number }
  | { readonly name: 'resync'; readonly line?: CommandLine; readonly resync: resync.Resync }
  /** The settings of the port are being restored. */
  | { readonly name: 'restoring' }
  | { readonly name: 'closed'; readonly reason: AtError };

/** Maximum number of waiting commands: far more than usual, and little memory. */
const QUEUE_LIMIT = 4096;
/** A response without known prefixes is given up after this many timeouts: all its lines may be unsolicited. */
const ANSWER_LIMIT = 4;
/** Any other is given up after this many ms. A list of 256 sockets takes 30 s at 9600 baud. */
const NAMED_ANSWER_LIMIT = 300_000;
/** The line counts as quiet after this many ms without a byte. */
const QUIET = 100;
/** The fence is written after this many ms even if the line is not quiet. */
const QUIET_LIMIT = 2000;

const IDLE: State = { name: 'idle' };

const RING = 'RING';
const CALL_ENDED = 'NO CARRIER';

export class Channel {
  private readonly tokenizer: Tokenizer;
  private readonly queue = new TurnQueue<Job>(QUEUE_LIMIT);
  private state: State = IDLE;
  private pace: Pace;
  private readonly deadline: Deadline;
  private readonly textDeadline: Deadline;
  /** When the line was last not quiet. */
  private disturbedAt = 0;
  private quietLimit = Infinity;
  /** Bytes received in the current attempt to synchronize. */
  private heard = 0;
  /** There is an incoming call. It may end with a line that could also be the result code of a command. */
  private isRinging = false;
  private isReceiving = false;
  private isFinishing = false;
  /** The last command that had a result code but no line of its response. If one is received later, the result code was of another command. */
  private unanswered: Command | undefined;
  private typedAnswerEnd = -Infinity;
  private readonly health: LineHealth;
  private readonly joining = new Joining();
  private noteFinished: () => void = () => undefined;

  private noteClosed: () => void = () => undefined;
  /** Resolves when the channel is closed. */
  readonly closed = new Promise<void>((resolve) => (this.noteClosed = resolve));

  constructor(
    private readonly link: Link,
    private readonly options: ChannelOptions,
  ) {
    this.pace = new Pace(options.timeout);
    this.health = new LineHealth((inARow) => options.onGarbled?.(inARow));
    this.deadline = new Deadline(options.clock, () => this.onDeadline());
    this.textDeadline = new Deadline(options.clock, () => this.endText());
    this.tokenizer = new Tokenizer(options.isUnsolicited);
  }

  /** See {@link ChannelOptions.onGarbled}. */
  get garbledInARow(): number {
    return this.health.garbledInARow;
  }

  /** Whether a command without response prefixes is in progress: its response may contain text from others. */
  get isAnswerOpen(): boolean {
    return this.state.name === 'busy' && this.state.line.command.responsePrefixes === undefined;
  }

  /** When a response with text in it to a command of a user last ended, on the clock: the text may have ended it too early. */
  get typedAnswerEndedAt(): number {
    return this.typedAnswerEnd;
  }

  /** Queues a command. Rejects with an {@link AtError}. */
  execute<T>(command: Command<T>, turn: Turn<NoInfer<T>> = {}): Promise<T> {
    const attempt = this.enqueue(command, turn);
    if (!command.isRepeatable) return attempt;
    return attempt.catch((error: unknown) => {
      if (error instanceof AtError && error.failure === 'timeout') return this.enqueue(command, turn);
      throw error;
    });
  }

  private enqueue<T>(command: Command<T>, turn: Turn<T>): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.state.name === 'closed') return reject(this.state.reason);
      const job = new Job(command, turn, resolve, reject);
      if (!this.queue.push(turn.lane ?? CONTROL, job)) {
        return reject(new AtError('full', `${QUEUE_LIMIT} commands are waiting for the modem already`));
      }
      // Delayed, so that commands queued at the same time can share its line.
      if (command.joins !== undefined && this.joining.isPossible) queueMicrotask(() => this.pump());
      else this.pump();
    }) as Promise<T>;
  }

  /**
   * The maximum number of commands that the module is known to accept on a line (see {@link Command.joins}); `undefined`
   * until that is known.
   */
  get commandsPerLine(): number | undefined {
    return this.joining.known;
  }

  /** How many reads of one lane may share the next line, if {@link commandsPerLine} is known. @param text one of them */
  readsPerLine(text: string): number {
    return Math.min(mostOnLine(text), this.joining.limits(this.options.clock.now(), false).ofOneLane);
  }

  /** @param most the maximum number of commands that this firmware accepts on a line */
  limitJoining(most: number): void {
    this.joining.limit(most);
  }

  /** Rejects waiting commands with this turn as `cancelled`. A command in progress continues. */
  withdraw(turn: Turn): void {
    for (const job of this.queue.remove((it) => it.turn === turn)) job.cancel();
  }

  /** @param slowest the longest measured response time of the module, in ms */
  adapt(slowest: number): void {
    this.pace = new Pace(this.options.timeout, slowest);
  }

  /** Synchronizes with a module whose state is unknown: it may be in a data phase, for example. */
  synchronize(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state.name === 'closed') return reject(this.state.reason);
      const command: Command = { text: '', isComplete: () => true, decode: () => undefined };
      const job = new Job(command, {}, () => resolve(), reject);
      this.resynchronize(resync.beginResync(), new CommandLine([job]));
    });
  }

  /** Bytes from the link. */
  receive(chunk: Buffer): void {
    const { tokenizer } = this;
    this.options.monitor?.received(chunk);
    tokenizer.feed(chunk);
    this.heard += chunk.length;
    this.isReceiving = true;
    for (;;) {
      const token = tokenizer.next(this.expectation());
      if (!token) break;
      this.onToken(token);
    }
    this.isReceiving = false;
    if (tokenizer.isTextOpen) this.textDeadline.set(tokenizer.isMidLine ? this.options.timeout : QUIET);
    // A block may take long, as long as more of it is received.
    if (this.isBlockDue()) this.deadline.set(this.pace.answer);
    else if (this.state.name === 'resync' && !this.state.resync.fence) this.awaitQuiet(this.state.resync);
    this.pump();
  }

  /** Writes no more commands. Resolves when the one in progress has ended, possibly after a resync, or the link is given up. */
  finish(): Promise<void> {
    this.isFinishing = true;
    if (this.state.name === 'idle' || this.state.name === 'closed') return Promise.resolve();
    return new Promise((resolve) => (this.noteFinished = resolve));
  }

  /** Rejects commands in progress and waiting. Does not close the link. */
  close(reason: Error): void {
    const { state } = this;
    if (state.name === 'closed') return;
    this.deadline.cancel();
    this.textDeadline.cancel();
    this.noteClosed();
    this.noteFinished();
    this.state = { name: 'closed', reason: new AtError('lost', reason.message) };
    if (state.name === 'busy') state.line.abandon(state.exchange, reason);
    else if (state.name === 'resync') state.line?.abandon(state.resync.overdue, reason);
    for (const job of this.queue.clear()) job.reject(new AtError('lost', reason.message));
  }

  /**
   * Lines received before a command was written cannot be its response, so all of them are handled first. While a text may
   * continue, a response could not be told from it.
   */
  private pump(): void {
    if (this.isFinishing && this.state.name === 'idle') return this.noteFinished();
    while (this.state.name === 'idle' && !this.isReceiving && !this.tokenizer.isTextOpen) {
      if (this.health.isRestoreDue && this.restore()) return;
      const job = this.nextJob();
      if (!job) return;
      this.writeLine(new CommandLine([job, ...this.joinedWith(job)]));
    }
  }

  /** The next command that is still wanted. */
  private nextJob(): Job | undefined {
    for (;;) {
      const job = this.queue.shift();
      if (!job || job.start()) return job;
    }
  }

  /** Waiting commands that may be written on the same line: one of each lane in turn. */
  private joinedWith({ command, turn: { lane = CONTROL }, isAlone }: Job): Job[] {
    const { joins, text, isRepeatable = false } = command;
    const now = this.options.clock.now();
    // Control commands are rare, and always go first.
    if (lane !== CONTROL && !isRepeatable) this.joining.noteCommand(lane, now);
    if (joins === undefined || isAlone) return [];
    const { most, ofOneLane } = this.joining.limits(now, isRepeatable);
    const jobs: Job[] = [];
    const lanes = new Set([lane]);
    let reads = 1;
    const hasRoomFor = (itsLane: string): boolean => reads < ofOneLane || !lanes.has(itsLane);
    let room = MOST_CHARACTERS - text.length;
    while (jobs.length + 1 < most) {
      const mayAdd = ({ command: it }: Job, itsLane: string): boolean =>
        it.joins === joins && (it.isRepeatable === true || (!isRepeatable && hasRoomFor(itsLane)));
      const job = this.queue.shiftIf(
        (it, itsLane) => mayAdd(it, itsLane) && it.command.text.length - 1 <= room && it.mayJoin,
      );
      if (!job) break;
      if (!job.start()) continue;
      if (job.command.isRepeatable !== true) {
        const { lane: itsLane = CONTROL } = job.turn;
        this.joining.noteCommand(itsLane, now);
        lanes.add(itsLane);
        reads++;
      }
      // `;` stands for `AT`.
      room -= job.command.text.length - 1;
      jobs.push(job);
    }
    return jobs;
  }

  private writeLine(line: CommandLine): void {
    const { command } = line;
    const { responsePrefixes, timeout = this.pace.answer } = command;
    const limit = responsePrefixes ? Math.max(NAMED_ANSWER_LIMIT, timeout) : ANSWER_LIMIT * timeout;
    const now = this.options.clock.now();
    line.writtenAt = now;
    const exchange = line.begin();
    this.state = { name: 'busy', line, exchange, until: now + limit };
    this.awaitAnswer(this.state, now);
    this.writeCommand(exchange.text, command.isSecret, Buffer.from(`${exchange.text}\r`));
  }

  private writeCommand(text: string, isSecret: boolean | undefined, bytes: Buffer): void {
    this.options.monitor?.command(text, isSecret);
    this.link.write(bytes);
  }

  private wakeUp(bytes: Buffer): void {
    this.options.monitor?.wakeUp(bytes);
    this.link.write(bytes);
  }

  private awaitAnswer({ exchange, until }: State & { name: 'busy' }, now = this.options.clock.now()): void {
    this.deadline.set(Math.min(this.pace.of(exchange), Math.max(0, until - now)), now);
  }

  private expectation(): Expectation {
    if (this.state.name === 'busy') return expected(this.state.exchange);
    if (this.state.name === 'resync') return resync.expected(this.state.resync);
    // An unexpected prompt must not be taken for that of the next command.
    return { prompt: true };
  }

  private isBlockDue(): boolean {
    return this.expectation().block !== undefined;
  }

  private onToken(token: Token): void {
    this.options.monitor?.heard(token, 'line' in this.state && this.state.line.command.isSecret);
    if (this.state.name === 'busy') this.advanceExchange(token, this.state);
    else if (this.state.name === 'resync') this.advanceResync(token, this.state.resync, this.state.line);
    else if (this.state.name !== 'closed' && token.type === 'line') this.onStray(token.text, token);
  }

  /** A line while no command is in progress. A result code belongs to something that the channel has not written. */
  private onStray(line: string, token: Token): void {
    if (parseResult(line)) this.health.isRestoreDue = true;
    this.report(line, token);
  }

  private advanceExchange(token: Token, { line, exchange, until }: State & { name: 'busy' }): void {
    const step = take(exchange, token, this.isUnsolicited);
    if (step.unsolicited !== undefined && this.isLateAnswer(step.unsolicited)) {
      this.report(step.unsolicited, token);
      return this.noteOutOfStep(line, exchange);
    }
    if (isUnprompted(step.state)) return this.resynchronize(resync.beginResync(step.state), line);
    if (step.state.phase === 'done') return this.endLine(line, step.state);
    this.state = { name: 'busy', line, exchange: step.state, until };
    if (step.state.isTooLong) return this.giveUp(this.state);
    if (step.state.echoes && !exchange.echoes) this.options.onEcho?.(step.state.text);
    line.progress(step.state);
    // Noise does not extend the time limit.
    if (step.state.provisional && step.state.provisional !== exchange.provisional) this.deadline.set(QUIET);
    else if (step.state !== exchange && step.unsolicited === undefined) this.awaitAnswer(this.state);
    if (step.unsolicited !== undefined) this.report(step.unsolicited, token);
    if (!step.write) return;
    this.options.monitor?.body(step.write.length);
    this.link.write(step.write);
  }

  /** The final result code was received. */
  private endLine(line: CommandLine, exchange: Exchange): void {
    if (line.command.isTyped && exchange.lines.length > 0) this.typedAnswerEnd = this.options.clock.now();
    this.state = IDLE;
    this.deadline.set(Infinity);
    if (exchange.ending) this.options.onResult?.(line.command, exchange.ending.result, exchange.lines.view);
    const again = line.settleExecuted(exchange);
    for (const job of [...again].reverse()) {
      job.isAlone = true;
      this.queue.unshift(job.turn.lane ?? CONTROL, job);
    }
    this.joining.noteEnded(line, exchange, again, this.options.clock.now());
    // A malformed response may be a text from others, and the real one may still be received.
    this.unanswered = exchange.lines.length === 0 || line.isMalformed ? line.command : undefined;
    this.health.judge(line, exchange, this.tokenizer.hasBareLineFeed);
    // Missing responses of a joined line may still be received, and could be taken for later ones.
    const isShort = line.isJoined && exchange.following.length > 0 && exchange.ending?.result.ok === true;
    // Behind a garbled header, the result code may be payload, and the real one would be taken for that of the next command.
    const isHeaderLost =
      line.command.block !== undefined && exchange.isGarbled && exchange.lines.length === 0;
    const mayContinue = line.isMalformed && (line.isJoined || isHeaderLost);
    if (isShort || mayContinue) this.resynchronize(resync.beginResync(), undefined);
  }

  /** Whether a line is the response to the command before the one in progress. */
  private isLateAnswer(line: string): boolean {
    return this.unanswered?.responsePrefixes?.some((prefix) => line.startsWith(prefix)) === true;
  }

  /** The command in progress would get the result code of the one before it. */
  private noteOutOfStep(line: CommandLine, exchange: Exchange): void {
    this.unanswered = undefined;
    this.resynchronize(resync.beginResync(), undefined);
    line.breakOff(exchange, `the line was out of step, so the answer to ${shown(line.command)} is unknown`);
  }

  /** @returns whether it has begun; commands wait until it has ended */
  private restore(): boolean {
    if (!this.link.restore || !this.health.beginRestore(this.options.clock.now())) return false;
    const restoring: State = { name: 'restoring' };
    this.state = restoring;
    const restored = this.link.restore().catch(() => undefined);
    void within(this.options.clock, this.pace.answer, restored).then(() => {
      if (this.state !== restoring) return;
      this.state = IDLE;
      this.options.onResync();
      this.pump();
    });
    return true;
  }

  private advanceResync(token: Token, before: resync.Resync, line: CommandLine | undefined): void {
    const step = resync.advance(before, token, this.isUnsolicited);
    const { overdue } = step.state;
    const isOverdues = token.type === 'prompt' || overdue !== before.overdue;
    if (isOverdues && line?.writtenAt !== undefined)
      this.pace.noteLate(this.options.clock.now() - line.writtenAt);
    if (step.unsolicited === undefined) this.disturbedAt = this.options.clock.now();
    if (step.write) this.wakeUp(step.write);
    if (step.state.result !== 'open') return this.endResync(step.state, line);
    if (step.state.attempt !== before.attempt) return this.resynchronize(step.state, line);
    this.state = { name: 'resync', resync: step.state, ...(line && { line }) };
    // The module responds to what was written before this fence: it is slow, but not dead.
    const { results, written, attempt } = step.state;
    if (results > before.results && results <= written.length) this.deadline.set(this.pace.fence(attempt));
    if (overdue) line?.progress(overdue);
    if (step.unsolicited !== undefined) this.report(step.unsolicited, token);
  }

  /** A line that belongs to no response. */
  private report(line: string, token: Token): void {
    if (line === RING || line.startsWith('+CRING:')) this.isRinging = true;
    else if (line === CALL_ENDED) this.isRinging = false;
    this.options.onUnsolicited(line);
    if (token.type === 'line' && token.isOpenEnded) this.options.onResync();
  }

  private readonly isUnsolicited: IsUnsolicited = (line) =>
    this.options.isUnsolicited(line) || (this.isRinging && line === CALL_ENDED);

  /** The line is quiet, so a text that may be incomplete has no more lines. */
  private endText(): void {
    const token = this.tokenizer.endText();
    if (token) this.onToken(token);
    this.pump();
  }

  /** The response takes too long, or is too long. */
  private giveUp({ line, exchange }: State & { name: 'busy' }): void {
    const taken = this.options.clock.now() - (line.writtenAt ?? 0);
    this.resynchronize(resync.beginResync(cutOff(exchange, taken)), line);
  }

  /** Starts an attempt. */
  private resynchronize(state: resync.Resync, line: CommandLine | undefined): void {
    this.state = { name: 'resync', resync: state, ...(line && { line }) };
    if (state.isInPayload) this.tokenizer.drop();
    const wakeUp = resync.wakeUp(state);
    if (wakeUp.length > 0) this.wakeUp(wakeUp);
    this.disturbedAt = this.options.clock.now();
    this.quietLimit = this.disturbedAt + QUIET_LIMIT;
    this.heard = 0;
    this.awaitQuiet(state);
  }

  /** Unsolicited lines extend the wait only briefly: some modules send them all the time. */
  private awaitQuiet(state: resync.Resync): void {
    const now = this.options.clock.now();
    if (state.isInPayload) this.disturbedAt = now;
    const pause = this.tokenizer.isMidLine ? QUIET : resync.pauseAfterLine(state, this.heard);
    const quietAt = Math.max(this.disturbedAt + QUIET, now + pause);
    this.deadline.set(Math.max(0, Math.min(quietAt, this.quietLimit) - now));
  }

  private endResync(state: resync.Resync, line: CommandLine | undefined): void {
    if (state.result === 'failed') {
      const reason = new AtError('lost', 'the module does not answer');
      this.state = { name: 'resync', resync: state, ...(line && { line }) };
      this.close(reason);
      return this.options.onFailed(reason);
    }
    this.state = IDLE;
    this.deadline.set(Infinity);
    line?.settle(state.overdue ?? line.begin());
    if (!line) this.options.onResync();
    if (state.overdue) {
      this.health.isRestoreDue = true;
      if (line?.isMalformed || state.overdue.phase === 'block') this.health.noteGarbled();
      this.options.onResync();
    }
    this.pump();
  }

  private onDeadline(): void {
    const { state } = this;
    if (state.name === 'busy') {
      if (!state.exchange.provisional) this.options.monitor?.timedOut(shown(state.line.command));
      this.giveUp(state);
    } else if (state.name === 'resync' && !state.resync.fence && this.isBlockDue()) {
      this.resynchronize(resync.loseBlock(state.resync), state.line);
    } else if (state.name === 'resync' && !state.resync.fence) {
      const next = resync.nextLine(state.resync);
      this.state = { ...state, resync: next.state };
      this.writeCommand(next.text, undefined, next.write);
      if (next.state.fence) return this.deadline.set(this.pace.fence(next.state.attempt));
      this.disturbedAt = this.options.clock.now();
      this.awaitQuiet(next.state);
    } else if (state.name === 'resync') {
      const next = resync.nextAttempt(state.resync);
      if (next.result === 'open') this.resynchronize(next, state.line);
      else this.endResync(next, state.line);
    }
  }
}
