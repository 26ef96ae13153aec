import type { Clock } from '../../at';
import { Backoff } from './backoff';

/** The next try of what has failed, ever later while it goes on failing. */
export class Retry {
  private readonly backoff: Backoff;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    random: () => number,
    private readonly action: () => void,
  ) {
    this.backoff = new Backoff(random);
  }

  get isPending(): boolean {
    return this.cancel !== undefined;
  }

  schedule(): void {
    this.stop();
    this.cancel = this.clock.after(this.backoff.next(), () => {
      this.cancel = undefined;
      this.action();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  /** It worked: the next failure starts anew. */
  reset(): void {
    this.backoff.reset();
  }
}
