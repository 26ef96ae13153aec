/** A command in the queue or on the line, with its turn and its promise. */
import type { Command } from './command';
import { AtError } from './errors';
import { type Exchange, isAnswered, isComplete, mayHaveHappened, outcome } from './exchange';
import { shown } from './secrets';

/** How a command is to be executed. */
export interface Turn<T = unknown> {
  /** The lanes take turns; see {@link TurnQueue}. */
  readonly lane?: string;
  /** Called when its turn comes: if false, the command is not written. */
  isWanted?(): boolean;
  /** Called before it would share a line with others. If false, it waits for its own turn. */
  mayJoin?(): boolean;
  /** Called directly before it is written, and before others are asked whether they may share its line. */
  onWritten?(): void;
  /**
   * Called with the response in the order of the line: before anything received after it is handled. For a response that
   * is complete ({@link Command.isComplete}), it is called at once. The promise resolves with the same value at the final
   * result code, whatever that is, and also if there is none in time or the link is lost.
   */
  onAnswer?(value: T): void;
}

export class Job {
  /** It was rejected with others on the same line, so it is written without them. */
  isAlone = false;
  /** The response could not be decoded. */
  isMalformed = false;
  /** Settles the promise; set once the result is known. */
  private conclusion: (() => void) | undefined;

  constructor(
    readonly command: Command,
    readonly turn: Turn,
    private readonly resolve: (value: unknown) => void,
    readonly reject: (error: AtError) => void,
  ) {}

  /** More of the response was received. */
  progress(exchange: Exchange): void {
    if (!this.conclusion && this.turn.onAnswer && isComplete(exchange))
      this.conclusion = this.conclude(exchange);
  }

  /** The response is complete, or no more of it is expected. */
  settle(exchange: Exchange): void {
    // A later line may have shown that the response was not its own.
    if (exchange.isDoubtful) this.conclusion = undefined;
    this.conclusion ??= this.conclude(exchange);
    this.conclusion();
  }

  /** The link is given up: the response may have been complete except for the final result code. */
  abandon(exchange: Exchange | undefined, reason: Error): void {
    if (exchange && isAnswered(exchange)) return this.settle(exchange);
    this.reject(new AtError('lost', reason.message, exchange && mayHaveHappened(exchange)));
  }

  get mayJoin(): boolean {
    return !this.isAlone && this.turn.mayJoin?.() !== false;
  }

  /** Its turn has come. @returns whether to write it; if it is no longer wanted, it is rejected as `cancelled` */
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
