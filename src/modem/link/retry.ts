import type { Clock } from '../../at';
import { Backoff } from './backoff';

/** Schedules the next attempt after a failure, with back-off. */
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

  /** Cancels the scheduled attempt; the next failure counts as the first. */
  reset(): void {
    this.stop();
    this.backoff.reset();
  }
}
