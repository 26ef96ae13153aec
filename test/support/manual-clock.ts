import type { Clock } from '../../src/at';

interface Timer {
  readonly at: number;
  readonly action: () => void;
  /** Of several at one moment it comes after the others, and else the one wound up first comes first. */
  readonly isLast: boolean;
}

/** A clock that stands still until it is turned. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  after(delay: number, action: () => void): () => void {
    return this.windUp({ at: this.time + delay, action, isLast: false });
  }

  /** How many timers are wound up. */
  get pending(): number {
    return this.timers.size;
  }

  /** Takes all timers back. */
  clear(): void {
    this.timers.clear();
  }

  /** Milliseconds until the next timer; `Infinity` when there is none. */
  get untilNext(): number {
    return Math.min(...[...this.timers].map(({ at }) => at)) - this.time;
  }

  /** Turns on by `ms`, timer by timer; what promises do in between is done before the next timer. */
  async advance(ms: number): Promise<void> {
    const target = this.time + ms;
    await settled();
    while (this.fireNext(target)) await settled();
    this.time = target;
  }

  /** Turns on by `ms` in which this process cannot run: what was due meanwhile is late. */
  async standStill(ms: number): Promise<void> {
    this.time += ms;
    await this.advance(0);
  }

  /** Goes on to a moment before which no timer is due. */
  protected advanceTo(moment: number): void {
    this.time = Math.max(this.time, moment);
  }

  protected windUp(timer: Timer): () => void {
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Turns on to the next timer that is due by `limit`, and fires it; false when there is none. */
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

/** Kept, as a test may watch that of the process. */
const { setImmediate } = globalThis;

/** Resolves when every promise that can go on without time or I/O has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
