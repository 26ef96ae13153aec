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
    const delay = Math.min(this.most, this.first * 2 ** Math.min(this.tries++, 16));
    return delay * (0.5 + this.random() / 2);
  }

  /** It worked: the next failure starts anew. */
  reset(): void {
    this.tries = 0;
  }
}
