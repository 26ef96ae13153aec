/**
 * A queue of limited size with lanes that take turns: each turn is one entry, so that one busy socket cannot delay the
 * others. The control lane always has the next turn.
 */
export class TurnQueue<T> {
  private readonly lanes = new Map<string, T[]>();
  private count = 0;

  constructor(private readonly limit: number) {}

  /** Whether any lane but this one has entries. */
  hasOthers(lane: string): boolean {
    return this.lanes.size > (this.lanes.has(lane) ? 1 : 0);
  }

  get size(): number {
    return this.count;
  }

  /** @returns false, without adding the entry, if the queue is full */
  push(lane: string, entry: T): boolean {
    if (this.count >= this.limit) return false;
    const waiting = this.lanes.get(lane);
    if (waiting) waiting.push(entry);
    else this.lanes.set(lane, [entry]);
    this.count++;
    return true;
  }

  /** Removes and returns the next entry: of the control lane, or else of the lane whose turn it is. */
  shift(): T | undefined {
    const [lane] = this.lanes.has(CONTROL) ? [CONTROL] : this.lanes.keys();
    return lane === undefined ? undefined : this.take(lane);
  }

  private take(lane: string): T | undefined {
    const waiting = this.lanes.get(lane) ?? [];
    const entry = waiting.shift();
    // A Map keeps the order of insertion, so the lane now has the last turn.
    this.lanes.delete(lane);
    if (waiting.length > 0) this.lanes.set(lane, waiting);
    this.count--;
    return entry;
  }

  /**
   * Removes and returns the first entry of a lane if it `matches`, of the first such lane. That lane then has the last turn; the
   * others keep their order.
   */
  shiftIf(matches: (entry: T, lane: string) => boolean): T | undefined {
    for (const [lane, [entry]] of this.lanes) {
      if (lane === CONTROL || entry === undefined || !matches(entry, lane)) continue;
      return this.take(lane);
    }
    return undefined;
  }

  /** Puts an entry back before all others. */
  unshift(lane: string, entry: T): void {
    const others = [...this.lanes].filter(([name]) => name !== lane);
    const waiting = this.lanes.get(lane) ?? [];
    this.lanes.clear();
    this.lanes.set(lane, [entry, ...waiting]);
    for (const [name, entries] of others) this.lanes.set(name, entries);
    this.count++;
  }

  /** Removes and returns the entries that match, in order within each lane. */
  remove(matches: (entry: T) => boolean): T[] {
    const removed: T[] = [];
    for (const [lane, waiting] of this.lanes) {
      const kept = waiting.filter((entry) => !matches(entry));
      if (kept.length === waiting.length) continue;
      removed.push(...waiting.filter(matches));
      if (kept.length > 0) this.lanes.set(lane, kept);
      else this.lanes.delete(lane);
    }
    this.count -= removed.length;
    return removed;
  }

  /** Removes and returns all entries, in the order of their turns. */
  clear(): T[] {
    const entries: T[] = [];
    while (this.count > 0) entries.push(this.shift() as T);
    return entries;
  }
}

/** The lane that goes first: opening, closing, listing. */
export const CONTROL = 'control';
