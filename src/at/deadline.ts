import type { Clock } from './clock';

/** The moment by which something has to have happened. It is moved often, so its timer is set anew only if it has to fire earlier. */
export class Deadline {
  private at = Infinity;
  private timerAt = Infinity;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onMissed: () => void,
  ) {}

  /** Puts it `ms` from now; `Infinity` for none. */
  set(ms: number): void {
    this.at = this.clock.now() + ms;
    if (this.at < this.timerAt) this.setTimer(ms);
  }

  /** Cancels it, with its timer. */
  cancel(): void {
    this.at = Infinity;
    this.cancelTimer?.();
  }

  /** A timer that fires before the deadline is set for what is left. */
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
