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

export interface LineLimits {
  /** Maximum commands on the line. */
  readonly most: number;
  /** From this number on, only lanes that have no command on the line yet may add one. */
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
    if (first === undefined || further === undefined) return { most, ofOneLane: Math.min(FIRST_TRY, most) };
    if (now - this.contendedAt <= MEMORY)
      return { most, ofOneLane: Math.floor(1 + (PATIENCE * first) / further) };
    return same(Math.min(most, Math.max(1, Math.ceil((first - further) / (SMALL * further)))));
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
      if (exchange.block) this.noteReads([...exchange.past, exchange], now - (line.writtenAt ?? 0));
    } else if (line.isJoined && isOk) this.notePassedOver();
    else if (line.isJoined && first) this.suspect = { job: first, commands, answered };
  }

  /** @param ms from the line to its result code; only lines of full reads are comparable */
  private noteReads(reads: readonly Exchange[], ms: number): void {
    const length = Math.min(...reads.map(({ block }) => block?.length ?? 0));
    if (length === 0 || length < this.longest) return;
    const isLonger = length > this.longest;
    this.longest = length;
    this.noteTime(reads.length, ms, isLonger);
  }

  /** @param isFirst whether earlier times were of shorter reads */
  noteTime(reads: number, ms: number, isFirst = false): void {
    if (isFirst) this.first = this.further = undefined;
    if (reads === 1) this.first = average(this.first, ms);
    else if (this.first !== undefined)
      this.further = average(this.further, Math.max(LEAST, (ms - this.first) / (reads - 1)));
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
