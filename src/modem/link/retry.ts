import type { Clock } from '../../at';
import { Backoff } from './backoff';

/** The next attempt at what has failed, ever later while it goes on failing. */
export class Retry {
  private readonly backoff: Backoff;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    random: () => number,
    private readonly action: () => void,
  ) {
    this.backoff = new Backoff(clock, random);
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

  /** See {@link Backoff.noteWorking}. */
  noteWorking(): void {
    this.backoff.noteWorking();
  }

  /** Nothing is scheduled any more, and the next failure is the first. */
  reset(): void {
    this.stop();
    this.backoff.reset();
  }
}
