/** A command and its turn: whom to tell of the answer, and when. */
import type { Command } from './command';
import { AtError } from './errors';
import { type Exchange, isAnswered, isComplete, mayHaveHappened, outcome } from './exchange';
import { shown } from './secrets';

/** How a command is to be executed. */
export interface Turn<T = unknown> {
  /** Lanes have their turns round and round; see {@link TurnQueue}. */
  readonly lane?: string;
  /** Asked when the turn comes: a command whose reason has gone is not sent any more. */
  isWanted?(): boolean;
  /** Asked before it is written on one line with others. If not, it goes on waiting for its turn. */
  mayJoin?(): boolean;
  /** Told when it is about to be written, before others are asked whether they may join it. */
  onWritten?(): void;
  /**
   * Told of the answer at its place in the order of the line: before anything that came after it. An answer that says
   * everything ({@link Command.isComplete}) is told when it does, and the promise resolves with the same at the final
   * result code, whatever that is; if none comes in time, or the link is lost, it resolves as well.
   */
  onAnswer?(value: T): void;
  /**
   * Told of an unsolicited line that came after the command was written and before the first line of its answer. The
   * module may have executed the command before or after what it reports. Told before `ChannelOptions.onUnsolicited`.
   */
  onUnsolicited?(line: string): void;
}

export class Job {
  /** It was rejected with others on the same line, so it is written without them. */
  isAlone = false;
  /** The answer was not of the form that the command has. */
  isMalformed = false;
  /** Settles the promise, once what it comes to is known. */
  private conclusion: (() => void) | undefined;

  constructor(
    readonly command: Command,
    readonly turn: Turn,
    private readonly resolve: (value: unknown) => void,
    readonly reject: (error: AtError) => void,
  ) {}

  /** So much of the answer is there. */
  progress(exchange: Exchange): void {
    if (!this.conclusion && this.turn.onAnswer && isComplete(exchange))
      this.conclusion = this.conclude(exchange);
  }

  /** A line came that is no part of the answer, of which so much is there. */
  onUnsolicited(line: string, { lines }: Exchange): void {
    if (lines.length === 0) this.turn.onUnsolicited?.(line);
  }

  /** No more is to be expected of the answer. */
  settle(exchange: Exchange): void {
    this.conclusion ??= this.conclude(exchange);
    this.conclusion();
  }

  /** The line is given up: the answer may have been complete but for the final result code. */
  abandon(exchange: Exchange | undefined, reason: Error): void {
    if (exchange && isAnswered(exchange)) return this.settle(exchange);
    this.reject(new AtError('lost', reason.message, exchange && mayHaveHappened(exchange)));
  }

  get mayJoin(): boolean {
    return !this.isAlone && this.turn.mayJoin?.() !== false;
  }

  /** Its turn has come. @returns whether it is to be written; one that is not wanted any more is cancelled */
  start(): boolean {
    const isWanted = this.turn.isWanted?.() !== false;
    if (isWanted) this.turn.onWritten?.();
    else this.cancel();
    return isWanted;
  }

  cancel(): void {
    this.reject(new AtError('cancelled', `${shown(this.command)} was not wanted any more`));
  }

  private conclude(exchange: Exchange): () => void {
    try {
      const value = outcome(exchange);
      this.turn.onAnswer?.(value);
      return () => this.resolve(value);
    } catch (error) {
      this.isMalformed = (error as AtError).failure === 'malformed';
      return () => this.reject(error as AtError);
    }
  }
}
