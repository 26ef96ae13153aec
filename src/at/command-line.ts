/** One line on its way to the module and back: a command, or several that share a final result code. */
import { AtError } from './errors';
import {
  begin,
  type Exchange,
  isAnswered,
  isPassedOver,
  isRejected,
  mayHaveHappened,
  partsOf,
} from './exchange';
import type { Job } from './job';

export class CommandLine {
  /** When it was written, as a time of the clock. */
  writtenAt: number | undefined;

  /** How many answers have been told of in full. */
  private told = 0;

  /** @param jobs of several, none has a body */
  constructor(readonly jobs: readonly [Job, ...Job[]]) {}

  /** The first command: its name stands for the line in errors. */
  get command() {
    return this.jobs[0].command;
  }

  get isJoined(): boolean {
    return this.jobs.length > 1;
  }

  get isMalformed(): boolean {
    return this.jobs.some((job) => job.isMalformed);
  }

  begin(): Exchange {
    const [first, ...following] = this.jobs;
    return begin(first.command, this.isJoined ? following.map(({ command }) => command) : undefined);
  }

  /** So much of the answer is there. A block may be known to be whole only when the next answer begins. */
  progress(exchange: Exchange): void {
    const { past } = exchange;
    for (; this.told < past.length; this.told++) this.jobs[this.told]?.progress(past[this.told] ?? exchange);
    this.jobs[past.length]?.progress(exchange);
  }

  /** A line came that is no part of the answer, of which so much is there. */
  onUnsolicited(line: string, exchange: Exchange): void {
    const at = exchange.past.length;
    this.jobs[at]?.onUnsolicited(line, exchange);
    for (const { turn } of this.jobs.slice(at + 1)) turn.onUnsolicited?.(line);
  }

  /** No more is to be expected of the answer. */
  settle(exchange: Exchange): void {
    this.each(exchange, (job, part) => job.settle(part));
  }

  /**
   * The line has its final result code: settles what is answered.
   * @returns what has to be written again, as it was not executed
   */
  settleExecuted(exchange: Exchange): readonly Job[] {
    const again: Job[] = [];
    this.each(exchange, (job, part) => {
      const isSafe = isRejected(part) || (isPassedOver(part) && job.command.isRepeatable);
      if (this.isJoined && isSafe) again.push(job);
      else job.settle(part);
    });
    return again;
  }

  /** The line is given up: the answer may have been complete but for the final result code. */
  abandon(exchange: Exchange | undefined, reason: Error): void {
    if (exchange) this.each(exchange, (job, part) => job.abandon(part, reason));
    else for (const job of this.jobs) job.abandon(undefined, reason);
  }

  /** @param text why the rest of the answer will not be known */
  breakOff(exchange: Exchange, text: string): void {
    this.each(exchange, (job, part) => {
      if (isAnswered(part)) job.settle(part);
      else job.reject(new AtError('timeout', text, mayHaveHappened(part)));
    });
  }

  private each(exchange: Exchange, action: (job: Job, part: Exchange) => void): void {
    if (!this.isJoined) return action(this.jobs[0], exchange);
    const parts = partsOf(exchange);
    this.jobs.forEach((job, index) => action(job, parts[index] ?? exchange));
  }
}
