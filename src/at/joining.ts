/**
 * How many commands may share a command line (V.250 5.2.1), which saves round trips if the module is slow to respond. Firmware
 * may reject such lines, accept only a few commands, or ignore all but the first. This is found out with queries, which can
 * be repeated.
 */
import type { CommandLine } from './command-line';
import type { Exchange } from './exchange';
import type { Job } from './job';

/** Maximum commands on a line: 8 reads transfer 0.95 of what 921600 baud can, with 5 ms for each response. */
export const MOST_PER_LINE = 8;
/** Maximum length of a line that modules are known to accept. */
export const MOST_CHARACTERS = 255;
/** How many lines may be rejected for another reason before joining is given up, if none ever succeeded. */
const TRIES = 3;
/** While several lanes have commands, a line may take at most this many times as long as one command. */
const PATIENCE = 2;
/** Several lanes have commands if they had some within this many ms. */
const MEMORY = 1000;
/** Weight of a new measurement in the average. */
const WEIGHT = 1 / 8;

/** The command at which a line was rejected, which is then written alone; `answered`: responses before it. */
interface Suspect {
  readonly job: Job;
  readonly commands: number;
  readonly answered: number;
}

export class Joining {
  private isProved = false;
  private tries = 0;
  /** Duration in ms of a line with one command, and of each further command. */
  private first: number | undefined;
  private further: number | undefined;
  private lane: string | undefined;
  private contendedAt = -Infinity;
  private suspect: Suspect | undefined;

  constructor(private most = MOST_PER_LINE) {}

  /** Whether several commands may be written on a line. */
  get isPossible(): boolean {
    return this.most > 1;
  }

  /** Whether the module accepts such lines; `undefined` until this is known. */
  get isUsed(): boolean | undefined {
    return this.isProved || (this.isPossible ? undefined : false);
  }

  /** @param most the maximum that was measured on this firmware */
  limit(most: number): void {
    this.most = Math.min(MOST_PER_LINE, Math.max(1, most));
    this.isProved = most > 1;
  }

  /** A line is written. @param hasOthers whether other lanes have waiting commands */
  noteLine(lane: string, hasOthers: boolean, now: number): void {
    if (hasOthers || (this.lane !== undefined && lane !== this.lane)) this.contendedAt = now;
    this.lane = lane;
  }

  /**
   * How many commands the next line may have.
   * @param isRepeatable whether they may be repeated without a response, so that they can be used to find out
   */
  size(now: number, isRepeatable: boolean): number {
    if (!this.isProved && !isRepeatable) return 1;
    if (!this.isPossible || now - this.contendedAt > MEMORY) return this.most;
    const { first, further } = this;
    if (first === undefined || further === undefined) return Math.min(PATIENCE, this.most);
    const size = further > 0 ? 1 + (first * (PATIENCE - 1)) / further : this.most;
    return Math.max(1, Math.min(Math.floor(size), this.most));
  }

  /**
   * The result code of a line was received.
   * @param again commands that were not executed and are written again, alone
   */
  noteEnded(line: CommandLine, exchange: Exchange, again: readonly Job[], now: number): void {
    const { suspect } = this;
    const [first] = again;
    const [job] = line.jobs;
    const isOk = exchange.ending?.result.ok === true;
    if (suspect?.job === job) {
      this.suspect = undefined;
      if (isOk) this.noteRefused(suspect.commands, suspect.answered);
      else this.noteUndecided(suspect.answered);
    }
    const commands = line.jobs.length;
    const answered = commands - exchange.following.length - (exchange.lines.length > 0 ? 0 : 1);
    // Of lines with one command, only those with data are comparable.
    const isTypical = isOk && answered === commands && (line.isJoined || exchange.block !== undefined);
    if (isTypical) this.noteAnswered(commands, now - (line.writtenAt ?? 0));
    else if (line.isJoined && isOk) this.notePassedOver();
    else if (line.isJoined && first) this.suspect = { job: first, commands, answered };
  }

  /** All commands of a line have a response. @param ms from the line to its result code */
  noteAnswered(commands: number, ms: number): void {
    if (commands === 1) {
      this.first = average(this.first, ms);
      return;
    }
    this.isProved = true;
    const further = (ms - (this.first ?? ms / commands)) / (commands - 1);
    this.further = average(this.further, Math.max(0, further));
  }

  /** The line was rejected after `answered` responses, at a command that succeeded alone. */
  noteRefused(commands: number, answered: number): void {
    if (answered > 1) this.isProved = true;
    if (!this.isProved) this.most = 1;
    else if (answered === 0) this.most = Math.max(2, commands >> 1);
  }

  /** The line was rejected after `answered` responses, at a command that is rejected alone, too. */
  noteUndecided(answered: number): void {
    if (answered > 1) this.isProved = true;
    this.tries++;
    if (!this.isProved && this.tries >= TRIES) this.most = 1;
  }

  /** The line was not rejected, but some commands have no response. */
  notePassedOver(): void {
    if (!this.isProved) this.most = 1;
  }
}

function average(before: number | undefined, value: number): number {
  return before === undefined ? value : before + (value - before) * WEIGHT;
}
