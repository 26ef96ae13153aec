/**
 * How many commands may share a command line (V.250 5.2.1), which saves round trips if the module is slow to respond. Firmware
 * may reject such lines, accept only a few commands, or ignore all but the first. This is found out with queries, which can
 * be repeated.
 */
import type { CommandLine } from './command-line';
import type { Exchange } from './exchange';
import type { Job } from './job';

/** Maximum commands on a line: as many reads as fit into {@link MOST_CHARACTERS}. */
export const MOST_PER_LINE = 14;
/** Maximum length of a line that modules are known to accept. */
export const MOST_CHARACTERS = 255;
/** How many lines may be rejected for another reason before joining is given up, if none ever succeeded. */
const TRIES = 3;
/** Reads on the first line with several. */
const FIRST_TRY = 2;
/** Reads share a line until the round trip takes only this part of the time of one read more. */
const SMALL = 1 / 32;
/** While several lanes have commands, a line of several reads may take this much longer than one read, as a part of its time. */
const PATIENCE = 1 / 4;
/** Several lanes have commands if they had some within this many ms. */
const MEMORY = 10_000;
/** Reads are measured if they are at least this part of the longest: they differ by the datagrams that they end at. */
const ALIKE = 7 / 8;
/** Where lines of one read seem best, one with more is measured again after this many ms: the line before may have been late. */
const DOUBT = 60_000;
/** The shortest time of one read more, in ms, that is measured. */
const LEAST = 0.01;
/** Weight of a new measurement in the average. */
const WEIGHT = 1 / 8;

/** The command at which a line was rejected, which is then written alone; `answered`: responses before it. */
interface Suspect {
  readonly job: Job;
  readonly commands: number;
  readonly answered: number;
}

/** How many commands like this one fit on a line: behind the first, `;` stands for `AT`. */
export function mostOnLine(text: string): number {
  return 1 + Math.floor((MOST_CHARACTERS - text.length) / (text.length - 1));
}

export interface LineLimits {
  /** Maximum commands on the line. */
  readonly most: number;
  /** From this number of reads on, only lanes that have no command on the line yet may add one. */
  readonly ofOneLane: number;
}

const same = (most: number): LineLimits => ({ most, ofOneLane: most });

export class Joining {
  private isProved = false;
  private tries = 0;
  /** Duration in ms of a line with one read, and of each further read. */
  private first: number | undefined;
  private further: number | undefined;
  /** Length of the reads that were measured: the longest so far. */
  private longest = 0;
  private lane: string | undefined;
  private contendedAt = -Infinity;
  /** When the duration of a line with several reads was last measured. */
  private measuredAt = 0;
  /** How many commands of the last line that was not rejected had responses, if others had none. */
  private passedOver: number | undefined;
  private suspect: Suspect | undefined;

  constructor(private most = MOST_PER_LINE) {}

  /** Whether several commands may be written on a line. */
  get isPossible(): boolean {
    return this.most > 1;
  }

  /** The maximum number of commands that the module is known to accept on a line; `undefined` until this is known. */
  get known(): number | undefined {
    return this.isProved || !this.isPossible ? this.most : undefined;
  }

  /** @param most the maximum that was measured on this firmware */
  limit(most: number): void {
    this.most = Math.min(MOST_PER_LINE, Math.max(1, most));
    this.isProved = most > 1;
  }

  /** A command is written that is not a query. Queries do not count: no message waits for them. */
  noteCommand(lane: string, now: number): void {
    if (this.lane !== undefined && lane !== this.lane) this.contendedAt = now;
    this.lane = lane;
  }

  /**
   * How many commands the next line may have. Where the line itself is slow, reads that share it gain little, and other
   * commands wait for all of them.
   * @param isRepeatable whether they may be repeated without a response, so that they can be used to find out
   */
  limits(now: number, isRepeatable: boolean): LineLimits {
    if (isRepeatable) return same(this.most);
    if (!this.isProved) return same(1);
    const { first, further, most } = this;
    // The lanes that wait have their turns in any case, one after the other.
    const limited = (reads: number): LineLimits => ({ most, ofOneLane: Math.min(most, Math.max(1, reads)) });
    if (first === undefined || further === undefined) return limited(FIRST_TRY);
    const isContended = now - this.contendedAt <= MEMORY;
    const reads = isContended
      ? Math.floor(1 + (PATIENCE * first) / further)
      : Math.ceil((first - further) / (SMALL * further));
    if (reads <= 1 && now - this.measuredAt > DOUBT) return limited(FIRST_TRY);
    return limited(reads);
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
    if (isOk && answered === commands) {
      if (line.isJoined) this.isProved = true;
      if (commands > (this.passedOver ?? commands)) this.passedOver = undefined;
      if (line.isJoined || exchange.block)
        this.noteReads([...exchange.past, exchange], now - (line.writtenAt ?? 0), now);
    } else if (line.isJoined && isOk) this.notePassedOver(answered);
    else if (line.isJoined && first) this.suspect = { job: first, commands, answered };
  }

  /**
   * @param all the commands of the line, of which reads without data have no block
   * @param ms from the line to its result code; only lines of full reads are comparable
   */
  private noteReads(all: readonly Exchange[], ms: number, now: number): void {
    const reads = all.filter(({ command }) => command.block !== undefined);
    const length = Math.min(...reads.map(({ block }) => block?.length ?? 0));
    if (reads.length === 0 || length === 0 || length < ALIKE * this.longest) return;
    // Earlier times were of shorter reads.
    if (ALIKE * length > this.longest) this.first = this.further = undefined;
    this.longest = Math.max(this.longest, length);
    this.noteTime(reads.length, ms, now);
  }

  /** @param ms duration of a line with so many reads */
  noteTime(reads: number, ms: number, now: number): void {
    if (reads === 1) this.first = average(this.first, ms);
    if (reads === 1 || this.first === undefined) return;
    this.further = average(this.further, Math.max(LEAST, (ms - this.first) / (reads - 1)));
    this.measuredAt = now;
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

  /** The line was not rejected, but only `answered` commands have responses. One response may have been lost. */
  notePassedOver(answered: number): void {
    if (!this.isProved) this.most = 1;
    else if (answered === this.passedOver) this.most = Math.max(1, answered);
    this.passedOver = answered;
  }
}

/** One late line, such as on a busy computer, must not change much. */
function average(before: number | undefined, value: number): number {
  return before === undefined ? value : before + (Math.min(value, 2 * before) - before) * WEIGHT;
}
