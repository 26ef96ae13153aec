import type { Clock } from '../../../src/at';

/** A clock for one user, which counts the timers that it leaves behind. */
export class OwnTimers implements Clock {
  private readonly running = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Timers that have neither fired nor been canceled. */
  get pending(): number {
    return this.running.size;
  }

  now(): number {
    return this.clock.now();
  }

  after(delay: number, action: () => void): () => void {
    const cancel = this.clock.after(delay, () => {
      this.running.delete(cancel);
      action();
    });
    this.running.add(cancel);
    return () => {
      this.running.delete(cancel);
      cancel();
    };
  }
}
