import type { Clock } from './clock';

/** Timers that can be canceled together. */
export class Timers {
  private readonly pending = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Calls `action` once after `ms`; the returned function cancels that. */
  after(ms: number, action: () => void): () => void {
    const cancel = this.clock.after(ms, () => {
      this.pending.delete(cancel);
      action();
    });
    this.pending.add(cancel);
    return () => {
      this.pending.delete(cancel);
      cancel();
    };
  }

  clear(): void {
    for (const cancel of this.pending) cancel();
    this.pending.clear();
  }
}
