/**
 * How many commands may share a command line (V.250 5.2.1). Where the module takes its time for every answer, each one more
 * costs no round trip. Firmware may refuse such lines, take only a few commands, or ignore all but the first. Queries show
 * which: they can be asked again.
 */

/** Maximum commands on a line: so many reads carry 0.95 of what 921600 baud can, at 5 ms an answer. */
export const MOST_PER_LINE = 8;
/** As much as modules are known to take. */
export const MOST_CHARACTERS = 255;
/** Lines may be rejected for another reason so often before none is written any more, if none was ever answered. */
const TRIES = 3;
/** While several lanes want the line, a line of several takes so many times as long as that of one, at most. */
const PATIENCE = 2;
/** Several lanes want the line if they did so within this many ms. */
const MEMORY = 1000;
/** The weight of a new time in the average. */
const WEIGHT = 1 / 8;

export class Joining {
  private isProved = false;
  private tries = 0;
  /** In ms: of one command on a line, and of each one more. */
  private first: number | undefined;
  private further: number | undefined;
  private lane: string | undefined;
  private contendedAt = -Infinity;

  constructor(private most = MOST_PER_LINE) {}

  /** Whether several commands on a line are worth trying. */
  get isPossible(): boolean {
    return this.most > 1;
  }

  /** Whether the module takes such lines; `undefined` before the first one. */
  get isUsed(): boolean | undefined {
    return this.isProved || (this.isPossible ? undefined : false);
  }

  /** At most so many, as was measured on this firmware. */
  limit(most: number): void {
    this.most = Math.min(MOST_PER_LINE, Math.max(1, most));
    this.isProved = most > 1;
  }

  /** A line goes out. @param hasOthers other lanes wait */
  noteLine(lane: string, hasOthers: boolean, now: number): void {
    if (hasOthers || (this.lane !== undefined && lane !== this.lane)) this.contendedAt = now;
    this.lane = lane;
  }

  /**
   * How many commands the next line may have.
   * @param isRepeatable whether they may be written again if they are not answered, so that they may show what is possible
   */
  size(now: number, isRepeatable: boolean): number {
    if (!this.isProved && !isRepeatable) return 1;
    if (!this.isPossible || now - this.contendedAt > MEMORY) return this.most;
    const { first, further } = this;
    if (first === undefined || further === undefined) return Math.min(PATIENCE, this.most);
    const size = further > 0 ? 1 + (first * (PATIENCE - 1)) / further : this.most;
    return Math.max(1, Math.min(Math.floor(size), this.most));
  }

  /** @param ms from a line of so many commands to its result code; all were answered */
  noteAnswered(commands: number, ms: number): void {
    if (commands === 1) {
      this.first = average(this.first, ms);
      return;
    }
    this.isProved = true;
    const further = (ms - (this.first ?? ms / commands)) / (commands - 1);
    this.further = average(this.further, Math.max(0, further));
  }

  /** The line was rejected after so many answers, at a command that was not rejected alone. */
  noteRefused(commands: number, answered: number): void {
    if (answered > 1) this.isProved = true;
    if (!this.isProved) this.most = 1;
    else if (answered === 0) this.most = Math.max(2, commands >> 1);
  }

  /** The line was rejected after so many answers, at a command that is rejected alone, too. */
  noteUndecided(answered: number): void {
    if (answered > 1) this.isProved = true;
    this.tries++;
    if (!this.isProved && this.tries >= TRIES) this.most = 1;
  }

  /** The line was not rejected, but not all of it was answered. */
  notePassedOver(): void {
    if (!this.isProved) this.most = 1;
  }
}

function average(before: number | undefined, value: number): number {
  return before === undefined ? value : before + (value - before) * WEIGHT;
}
