import type { Clock } from './clock';

/** A deadline that is often moved: its timer is replaced only if it would fire too late. */
export class Deadline {
  private at = Infinity;
  private timerAt = Infinity;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onMissed: () => void,
  ) {}

  /** Sets it to `ms` from now; `Infinity` = none. @param now the time of the clock, if the caller has it */
  set(ms: number, now = this.clock.now()): void {
    this.at = now + ms;
    if (this.at < this.timerAt) this.setTimer(ms);
  }

  /** Removes the deadline and its timer. */
  cancel(): void {
    this.at = Infinity;
    this.cancelTimer?.();
  }

  /** If the deadline was moved, the timer is set again for the rest when it fires. */
  private setTimer(ms: number): void {
    this.cancelTimer?.();
    this.timerAt = this.at;
    this.cancelTimer = this.clock.after(ms, () => {
      this.timerAt = Infinity;
      const left = this.at - this.clock.now();
      if (left <= 0) this.onMissed();
      else if (left !== Infinity) this.setTimer(left);
    });
  }
}
