/** How long to wait before the next try: doubled each time, with jitter so that many modems do not try in step. */
export class Backoff {
  private tries = 0;

  constructor(
    private readonly random: () => number,
    private readonly first = 1000,
    private readonly most = 30_000,
  ) {}

  /** Milliseconds; between half and all of the doubled delay. */
  next(): number {
    return doubled(this.tries++, this.first, this.most) * (0.5 + this.random() / 2);
  }

  /** It worked: the next failure starts anew. */
  reset(): void {
    this.tries = 0;
  }
}

/** The pause after so many tries before, in ms: doubled each time, without jitter. */
export function doubled(tries: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(tries, 16));
}
