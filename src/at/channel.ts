/**
 * The one owner of an AT port: commands go in, answers come out, one command is on the line at a time.
 *
 *     execute ─▶ queue ─▶ exchange ─▶ answer
 *                            │ no answer in time
 *                            ▼
 *                         resync ──▶ in step: the next command, or ─▶ failed: the link is given up
 */
import type { Clock } from './clock';
import type { Command } from './command';
import { Deadline } from './deadline';
import { AtError } from './errors';
import {
  begin,
  type Exchange,
  expected,
  isAnswered,
  type IsUnsolicited,
  mayHaveHappened,
  outcome,
  take,
} from './exchange';
import type { LineMonitor } from './monitor';
import { Pace } from './pace';
import { CONTROL, TurnQueue } from './queue';
import type { Result } from './result';
import * as resync from './resync';
import { type Expectation, Scanner, type Token } from './scanner';
import { masked } from './secrets';
import type { Link } from './transport';

export interface ChannelOptions {
  readonly clock: Clock;
  /** How long to wait for an answer, in ms, unless the command or a measurement says otherwise. */
  readonly timeout: number;
  readonly isUnsolicited: IsUnsolicited;
  readonly monitor?: LineMonitor | undefined;
  /** A line that belongs to no answer. */
  onUnsolicited(line: string): void;
  /** The module echoed this command line. */
  onEcho?(text: string): void;
  /** A command has its final result code. Told before whoever waits for the answer. */
  onResult?(command: Command, result: Result): void;
  /** The line was out of step and is in step again; unsolicited lines may have been lost. */
  onResync(): void;
  /** The module does not answer any more. The channel is closed by then. */
  onFailed(reason: AtError): void;
}

/** How a command is to be executed. */
export interface Turn<T = unknown> {
  /** Lanes have their turns round and round; see {@link TurnQueue}. */
  readonly lane?: string;
  /** Asked when the turn comes: a command whose reason has gone is not sent any more. */
  isWanted?(): boolean;
  /** Told of the answer at once: before the bytes behind it are looked at, and before the promise is seen to resolve. */
  onAnswer?(value: T): void;
}

interface Job {
  readonly command: Command;
  readonly turn: Turn;
  /** When it was written, as a time of the clock. */
  writtenAt?: number;
  resolve(value: unknown): void;
  reject(error: AtError): void;
}

type State =
  | { readonly name: 'idle' }
  /** `until`: when an answer that goes on and on is given up, as a time of the clock. */
  | { readonly name: 'busy'; readonly job: Job; readonly exchange: Exchange; readonly until: number }
  | { readonly name: 'resync'; readonly job?: Job; readonly resync: resync.Resync }
  | { readonly name: 'closed'; readonly reason: AtError };

/** Commands that may wait: far more than a healthy modem ever has, and little memory. */
const QUEUE_LIMIT = 4096;
/** An answer without a name of its own that goes on for so many time-outs is a module that talks of other things. */
const ANSWER_LIMIT = 4;
/** The line counts as quiet after this many ms without a byte … */
const QUIET = 100;
/** … and the fence goes out after this many in any case. */
const QUIET_LIMIT = 2000;

const IDLE: State = { name: 'idle' };

export class Channel {
  private readonly scanner = new Scanner();
  private readonly queue = new TurnQueue<Job>(QUEUE_LIMIT);
  private state: State = IDLE;
  private pace: Pace;
  private readonly deadline: Deadline;
  private quietLimit = Infinity;
  private isReceiving = false;
  private isFinishing = false;
  private noteFinished: () => void = () => undefined;

  private noteClosed: () => void = () => undefined;
  /** Resolves when the channel is closed. */
  readonly closed = new Promise<void>((resolve) => (this.noteClosed = resolve));

  constructor(
    private readonly link: Link,
    private readonly options: ChannelOptions,
  ) {
    this.pace = new Pace(options.timeout);
    this.deadline = new Deadline(options.clock, () => this.onDeadline());
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
      const job: Job = { command, turn, resolve, reject };
      if (!this.queue.push(turn.lane ?? CONTROL, job)) {
        return reject(new AtError('full', `${QUEUE_LIMIT} commands are waiting for the modem already`));
      }
      this.pump();
    }) as Promise<T>;
  }

  /** Rejects, as `cancelled`, what waits with this turn. What is under way goes on. */
  withdraw(turn: Turn): void {
    for (const job of this.queue.remove((it) => it.turn === turn)) cancel(job);
  }

  /** The module was measured to take so long for an answer at most, in ms. */
  adapt(slowest: number): void {
    this.pace = new Pace(this.options.timeout, slowest);
  }

  /** Gets in step with a module of which nothing is known: it may be in the middle of anything. */
  synchronise(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state.name === 'closed') return reject(this.state.reason);
      const command: Command = { text: '', decode: () => undefined };
      this.resynchronise(resync.beginResync(), { command, turn: {}, resolve: () => resolve(), reject });
    });
  }

  /** Bytes from the link. */
  receive(chunk: Buffer): void {
    this.options.monitor?.received(chunk);
    this.scanner.feed(chunk);
    this.isReceiving = true;
    for (;;) {
      const token = this.scanner.next(this.expectation());
      if (!token) break;
      this.hear(token);
    }
    this.isReceiving = false;
    // A block may be slow, as long as it goes on.
    if (this.isBlockDue()) this.deadline.set(this.pace.answer);
    else if (this.state.name === 'resync' && !this.state.resync.fence) this.awaitQuiet();
    this.pump();
  }

  /** Begins no more commands. Resolves when the one under way has its answer, or had none in time. */
  finish(): Promise<void> {
    this.isFinishing = true;
    if (this.state.name !== 'busy') return Promise.resolve();
    return new Promise((resolve) => (this.noteFinished = resolve));
  }

  /** Rejects whatever is under way or waiting. Does not close the link. */
  close(reason: Error): void {
    const { state } = this;
    if (state.name === 'closed') return;
    this.deadline.cancel();
    this.noteClosed();
    this.noteFinished();
    this.state = { name: 'closed', reason: new AtError('lost', reason.message) };
    if (state.name === 'busy') abandon(state.job, state.exchange, reason);
    else if (state.name === 'resync' && state.job) abandon(state.job, state.resync.overdue, reason);
    for (const job of this.queue.clear()) job.reject(new AtError('lost', reason.message));
  }

  /** What came before a command was written cannot be its answer, so all of it is heard first. */
  private pump(): void {
    if (this.isFinishing && this.state.name !== 'busy') return this.noteFinished();
    while (this.state.name === 'idle' && !this.isReceiving) {
      const job = this.queue.shift();
      if (!job) return;
      if (job.turn.isWanted?.() === false) {
        cancel(job);
        continue;
      }
      const { command } = job;
      const limit = command.responsePrefixes
        ? Infinity
        : ANSWER_LIMIT * (command.timeout ?? this.pace.answer);
      const now = this.options.clock.now();
      job.writtenAt = now;
      this.state = { name: 'busy', job, exchange: begin(command), until: now + limit };
      this.awaitAnswer(this.state);
      this.writeCommand(command.text);
    }
  }

  private writeCommand(text: string): void {
    this.options.monitor?.command(text);
    this.link.write(Buffer.from(`${text}\r`));
  }

  private wakeUp(bytes: Buffer): void {
    this.options.monitor?.wakeUp(bytes);
    this.link.write(bytes);
  }

  private awaitAnswer({ exchange, until }: State & { name: 'busy' }): void {
    this.deadline.set(Math.min(this.pace.of(exchange), Math.max(0, until - this.options.clock.now())));
  }

  private expectation(): Expectation {
    if (this.state.name === 'busy') return expected(this.state.exchange);
    if (this.state.name === 'resync') return resync.expected(this.state.resync);
    // A stray prompt must not be there still when a body waits for its own.
    return { prompt: true };
  }

  private isBlockDue(): boolean {
    return this.expectation().block !== undefined;
  }

  private hear(token: Token): void {
    this.options.monitor?.heard(token);
    if (this.state.name === 'busy') this.hearAnswer(token, this.state);
    else if (this.state.name === 'resync') this.hearResync(token, this.state.resync, this.state.job);
    else if (this.state.name === 'idle' && token.type === 'line') this.options.onUnsolicited(token.text);
  }

  private hearAnswer(token: Token, { job, exchange, until }: State & { name: 'busy' }): void {
    const step = take(exchange, token, this.options.isUnsolicited);
    if (step.state.phase === 'done') {
      this.state = IDLE;
      this.deadline.set(Infinity);
      if (step.state.result) this.options.onResult?.(job.command, step.state.result);
      return settle(job, step.state);
    }
    this.state = { name: 'busy', job, exchange: step.state, until };
    if (step.state.echoes && !exchange.echoes) this.options.onEcho?.(job.command.text);
    if (step.unsolicited !== undefined) return this.options.onUnsolicited(step.unsolicited);
    // Noise is no sign of an answer.
    if (step.state !== exchange) this.awaitAnswer(this.state);
    if (!step.write) return;
    this.options.monitor?.body(step.write.length);
    this.link.write(step.write);
  }

  private hearResync(token: Token, before: resync.Resync, job: Job | undefined): void {
    const step = resync.hear(before, token, this.options.isUnsolicited);
    const isOverdues = token.type === 'prompt' || step.state.overdue !== before.overdue;
    if (isOverdues && job?.writtenAt !== undefined)
      this.pace.noteLate(this.options.clock.now() - job.writtenAt);
    if (step.write) this.wakeUp(step.write);
    if (step.state.result !== 'open') return this.endResync(step.state, job);
    if (step.state.attempt !== before.attempt) return this.resynchronise(step.state, job);
    this.state = { name: 'resync', resync: step.state, ...(job && { job }) };
    // What was asked before this fence is being answered: slow is not dead.
    const { results, attempt } = step.state;
    if (results > before.results && results <= attempt + 1) this.deadline.set(this.pace.fence(attempt));
    if (step.unsolicited !== undefined) this.options.onUnsolicited(step.unsolicited);
  }

  /** Starts an attempt. */
  private resynchronise(state: resync.Resync, job: Job | undefined): void {
    this.state = { name: 'resync', resync: state, ...(job && { job }) };
    if (state.deaf) this.scanner.drop();
    this.wakeUp(resync.wakeUp(state));
    this.quietLimit = this.options.clock.now() + QUIET_LIMIT;
    this.awaitQuiet();
  }

  private awaitQuiet(): void {
    this.deadline.set(Math.min(QUIET, Math.max(0, this.quietLimit - this.options.clock.now())));
  }

  private endResync(state: resync.Resync, job: Job | undefined): void {
    if (state.result === 'failed') {
      const reason = new AtError('lost', 'the module does not answer');
      this.state = { name: 'resync', resync: state, ...(job && { job }) };
      this.close(reason);
      return this.options.onFailed(reason);
    }
    this.state = IDLE;
    this.deadline.set(Infinity);
    if (state.overdue && job) settle(job, state.overdue);
    else job?.resolve(undefined);
    if (state.overdue) this.options.onResync();
    this.pump();
  }

  private onDeadline(): void {
    const { state } = this;
    if (state.name === 'busy') {
      this.noteFinished();
      this.options.monitor?.timedOut(state.job.command.text);
      this.resynchronise(resync.beginResync(state.exchange), state.job);
    } else if (state.name === 'resync' && !state.resync.fence && this.isBlockDue()) {
      this.resynchronise(resync.goDeaf(state.resync), state.job);
    } else if (state.name === 'resync' && !state.resync.fence) {
      const step = resync.sendFence(state.resync);
      this.state = { ...state, resync: step.state };
      this.deadline.set(this.pace.fence(state.resync.attempt));
      if (step.state.fence) this.writeCommand(step.state.fence.command.text);
    } else if (state.name === 'resync') {
      const next = resync.nextAttempt(state.resync);
      if (next.result === 'open') this.resynchronise(next, state.job);
      else this.endResync(next, state.job);
    }
  }
}

function cancel(job: Job): void {
  job.reject(new AtError('cancelled', `${masked(job.command.text)} was not wanted any more`));
}

function settle(job: Job, exchange: Exchange): void {
  try {
    const value = outcome(exchange);
    job.turn.onAnswer?.(value);
    job.resolve(value);
  } catch (error) {
    job.reject(error as AtError);
  }
}

/** Settles a job whose line is given up: its answer may have been complete but for the final result code. */
function abandon(job: Job, exchange: Exchange | undefined, reason: Error): void {
  if (exchange && isAnswered(exchange)) return settle(job, exchange);
  job.reject(new AtError('lost', reason.message, exchange && mayHaveHappened(exchange)));
}
