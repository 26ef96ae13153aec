/** One command line: a command, or several that share a final result code. */
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

  /** How many responses were passed on completely. */
  private told = 0;

  /** @param jobs if there are several, none has a body */
  constructor(readonly jobs: readonly [Job, ...Job[]]) {}

  /** The first command, which errors name in place of the line. */
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

  /** More of the response was received. A block may be known to be complete only when the next response begins. */
  progress(exchange: Exchange): void {
    const { past } = exchange;
    for (; this.told < past.length; this.told++) this.jobs[this.told]?.progress(past[this.told] ?? exchange);
    this.jobs[past.length]?.progress(exchange);
  }

  /** The response is complete, or no more of it is expected. */
  settle(exchange: Exchange): void {
    this.each(exchange, (job, part) => job.settle(part));
  }

  /**
   * The line has its final result code: settles the executed commands.
   * @returns the commands that were not executed and must be written again
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

  /** The link is given up: the response may have been complete except for the final result code. */
  abandon(exchange: Exchange | undefined, reason: Error): void {
    if (exchange) this.each(exchange, (job, part) => job.abandon(part, reason));
    else for (const job of this.jobs) job.abandon(undefined, reason);
  }

  /** @param text why the rest of the response is unknown */
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
