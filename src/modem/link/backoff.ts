import type { Clock } from '../../at';

/** What worked for so long, in ms, has recovered; what fails sooner again and again has not. */
const LIVED = 10_000;

/** How long to wait before the next attempt: doubled each time, with jitter so that many modems do not try in step. */
export class Backoff {
  private tries = 0;
  private worksSince: number | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly random: () => number,
    private readonly first = 1000,
    private readonly most = 30_000,
  ) {}

  /** Whether the next failure is the first since the start, or since a recovery. */
  get isFirst(): boolean {
    const { tries, worksSince } = this;
    return tries === 0 || (worksSince !== undefined && this.clock.now() - worksSince >= LIVED);
  }

  /** After a failure: milliseconds, between half and all of the doubled delay. */
  next(): number {
    if (this.isFirst) this.tries = 0;
    this.worksSince = undefined;
    return doubled(this.tries++, this.first, this.most) * (0.5 + this.random() / 2);
  }

  /** It works from now on, or still does. It has recovered if it goes on for {@link LIVED}. */
  noteWorking(): void {
    this.worksSince ??= this.clock.now();
  }

  /** The next failure is the first. */
  reset(): void {
    this.tries = 0;
    this.worksSince = undefined;
  }
}

/** The pause after so many tries before, in ms: doubled each time, without jitter. */
export function doubled(tries: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(tries, 16));
}
