/**
 * A bounded queue in which every lane has its turn: the lanes give one entry each, round and round, so that one
 * busy socket cannot keep the others waiting. The control lane goes first.
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

  /** False when the queue is full; the entry is then not in it. */
  push(lane: string, entry: T): boolean {
    if (this.count >= this.limit) return false;
    const waiting = this.lanes.get(lane);
    if (waiting) waiting.push(entry);
    else this.lanes.set(lane, [entry]);
    this.count++;
    return true;
  }

  /** The next entry: of the control lane, else of the lane whose turn it is. */
  shift(): T | undefined {
    const [lane] = this.lanes.has(CONTROL) ? [CONTROL] : this.lanes.keys();
    return lane === undefined ? undefined : this.take(lane);
  }

  private take(lane: string): T | undefined {
    const waiting = this.lanes.get(lane) ?? [];
    const entry = waiting.shift();
    // A Map keeps the order of insertion, so a lane put back goes to the end of the round.
    this.lanes.delete(lane);
    if (waiting.length > 0) this.lanes.set(lane, waiting);
    this.count--;
    return entry;
  }

  /**
   * The next entry that `matches`, of the first lane that has one at its head. That lane goes to the end of the round; the
   * others keep their turn.
   */
  shiftIf(matches: (entry: T, lane: string) => boolean): T | undefined {
    for (const [lane, [entry]] of this.lanes) {
      if (lane === CONTROL || entry === undefined || !matches(entry, lane)) continue;
      return this.take(lane);
    }
    return undefined;
  }

  /** Puts an entry that was taken out before the others again. */
  unshift(lane: string, entry: T): void {
    const others = [...this.lanes].filter(([name]) => name !== lane);
    const waiting = this.lanes.get(lane) ?? [];
    this.lanes.clear();
    this.lanes.set(lane, [entry, ...waiting]);
    for (const [name, entries] of others) this.lanes.set(name, entries);
    this.count++;
  }

  /** Takes out what `matches`, in the order in which it would have come within each lane. */
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

  /** Takes out everything, in the order in which it would have come. */
  clear(): T[] {
    const entries: T[] = [];
    while (this.count > 0) entries.push(this.shift() as T);
    return entries;
  }
}

/** The lane that goes before all others: opening, closing, listing. */
export const CONTROL = 'control';
