import type { Clock } from '../../at';
import type { Connection } from './connection';

/** In ms. */
const FIRST = 20;
const MOST = 500;

/** Polls, with increasing delays, the progress of the module with the data of a connection. */
export class Polling {
  private readonly waits = new Map<Connection, Set<() => void>>();

  constructor(private readonly clock: Clock) {}

  /**
   * Waits and calls `isDone` until it returns true. Rejects when `isDone` rejects, at the latest at the deadline.
   * @param deadline absolute time on the clock
   */
  async until(connection: Connection, deadline: number, isDone: () => Promise<boolean>): Promise<void> {
    for (let delay = FIRST; ; delay = Math.min(MOST, delay * 2)) {
      await this.wait(connection, Math.max(0, Math.min(delay, deadline - this.clock.now())));
      if (await isDone()) return;
    }
  }

  /** The connection is closed: pending polls run at once. */
  hurry(connection: Connection): void {
    for (const wake of this.waits.get(connection) ?? []) wake();
  }

  private wait(connection: Connection, ms: number): Promise<void> {
    const waits = this.waits.get(connection) ?? new Set();
    this.waits.set(connection, waits);
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        waits.delete(wake);
        if (waits.size === 0) this.waits.delete(connection);
        resolve();
      };
      const cancel = this.clock.after(ms, wake);
      waits.add(wake);
    });
  }
}
