import type { Clock } from '../../at';

/** A running process looks at the clock at least so often while somebody waits, in ms. */
const SLICE = 1000;
/** What is late by less is only busy, in ms. */
const TOLERANCE = 1000;
/** What had to wait for longer, in ms, may be out of date, and gets no more than this back. */
const MOST = 600_000;

/**
 * A clock that stands still while this process cannot run, being stopped (SIGSTOP) or blocked: who waits with it gets that
 * time back. It can tell only while a timer is pending; then it does so within a second.
 */
export class AwakeClock implements Clock {
  private pending = 0;
  private seenAt = 0;
  private lost = 0;

  constructor(private readonly clock: Clock) {}

  now(): number {
    const now = this.clock.now();
    const unseen = now - this.seenAt;
    if (this.pending > 0 && unseen > SLICE + TOLERANCE) this.lost += Math.min(unseen - SLICE, MOST);
    this.seenAt = now;
    return now - this.lost;
  }

  after(delay: number, action: () => void): () => void {
    const due = this.now() + delay;
    let isPending = true;
    let cancelTimer: () => void;
    const end = (): void => {
      if (isPending) this.pending--;
      isPending = false;
    };
    const windUp = (left: number): void => {
      cancelTimer = this.clock.after(Math.min(SLICE, left), () => {
        const stillLeft = due - this.now();
        if (stillLeft > 0) return windUp(stillLeft);
        end();
        action();
      });
    };
    this.pending++;
    windUp(delay);
    return () => {
      end();
      cancelTimer();
    };
  }
}
