import type { Clock } from '../../at';

/** Interval at which the clock is checked while a timer is pending, in ms. */
const SLICE = 1000;
/** A delay up to this, in ms, counts as a busy process, not as a stopped one. */
const TOLERANCE = 1000;
/** Longest stop that is compensated, in ms: after that, pending work may be obsolete. */
const MOST = 600_000;

/**
 * A clock that stops while this process is stopped (SIGSTOP) or blocked, so that this time does not count toward
 * timeouts. It detects a stop only while a timer is pending.
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
