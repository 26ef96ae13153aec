import type { Clock } from '../../src/at';

interface Timer {
  readonly at: number;
  readonly action: () => void;
  /** Of several timers due at the same time, it fires last; otherwise the one that was set first fires first. */
  readonly isLast: boolean;
}

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  after(delay: number, action: () => void): () => void {
    return this.windUp({ at: this.time + delay, action, isLast: false });
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.timers.size;
  }

  /** Cancels all timers. */
  clear(): void {
    this.timers.clear();
  }

  /** Milliseconds until the next timer; `Infinity` when there is none. */
  get untilNext(): number {
    return Math.min(...[...this.timers].map(({ at }) => at)) - this.time;
  }

  /** Moves forward by `ms`, timer by timer; promises are settled before the next timer. */
  async advance(ms: number): Promise<void> {
    const target = this.time + ms;
    await settled();
    while (this.fireNext(target)) await settled();
    this.time = target;
  }

  /** Moves forward by `ms` during which the process cannot run: timers that were due meanwhile are late. */
  async standStill(ms: number): Promise<void> {
    this.time += ms;
    await this.advance(0);
  }

  /** Moves to a time before which no timer is due. */
  protected advanceTo(moment: number): void {
    this.time = Math.max(this.time, moment);
  }

  protected windUp(timer: Timer): () => void {
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Moves to the next timer that is due by `limit`, and fires it; false if there is none. */
  protected fireNext(limit = Infinity): boolean {
    let earliest: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.at <= limit && (!earliest || isBefore(timer, earliest))) earliest = timer;
    }
    if (!earliest) return false;
    this.timers.delete(earliest);
    this.time = Math.max(this.time, earliest.at);
    earliest.action();
    return true;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at === other.at ? other.isLast && !one.isLast : one.at < other.at;
}

/** The real function, as a test may replace that of the process. */
const { setImmediate } = globalThis;

/** Resolves when every promise that depends on neither time nor I/O has settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
