import type { Clock } from '../../../src/at';

interface Timer {
  readonly due: number;
  readonly action: () => void;
  handle?: NodeJS.Timeout;
}

/**
 * The system clock at many times its speed, so that seconds of the driver take milliseconds of a test. It can be put
 * forward, too: what is due by then happens at once.
 */
export class FastClock implements Clock {
  private readonly timers = new Set<Timer>();
  private skipped = 0;

  constructor(private readonly speed: number) {}

  /** Timers that have neither fired nor been taken back. */
  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return performance.now() * this.speed + this.skipped;
  }

  after(delay: number, action: () => void): () => void {
    const timer: Timer = { due: this.now() + delay, action };
    this.timers.add(timer);
    this.arm(timer);
    return () => this.cancel(timer);
  }

  forward(ms: number): void {
    this.skipped += ms;
    const due = [...this.timers].sort((one, other) => one.due - other.due);
    for (const timer of due) this.arm(timer);
  }

  private arm(timer: Timer): void {
    clearTimeout(timer.handle);
    timer.handle = setTimeout(
      () => {
        this.timers.delete(timer);
        timer.action();
      },
      Math.max(0, timer.due - this.now()) / this.speed,
    );
  }

  private cancel(timer: Timer): void {
    clearTimeout(timer.handle);
    this.timers.delete(timer);
  }
}
