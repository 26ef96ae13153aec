import type { Clock } from '../../at';

/** Working this long, in ms, counts as a recovery; an earlier failure continues the back-off. */
const LIVED = 10_000;

/** The delay before the next attempt: doubled each time, with jitter so that many modems do not retry at once. */
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

  /** The delay after a failure, in ms: between 50 % and 100 % of the doubled delay. */
  next(): number {
    if (this.isFirst) this.tries = 0;
    this.worksSince = undefined;
    return doubled(this.tries++, this.first, this.most) * (0.5 + this.random() / 2);
  }

  /** The operation works. If it still works after {@link LIVED}, it has recovered. */
  noteWorking(): void {
    this.worksSince ??= this.clock.now();
  }

  /** The next failure counts as the first. */
  reset(): void {
    this.tries = 0;
    this.worksSince = undefined;
  }
}

/** The pause after `tries` earlier attempts, in ms: doubled each time, without jitter. */
export function doubled(tries: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(tries, 16));
}
