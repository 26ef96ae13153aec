import type { Clock } from '../../at';
import type { Connection } from './connection';

/** In ms. */
const FIRST = 20;
const MOST = 500;

/** Asking again and again, ever more slowly, whether the module has got on with the data of a connection. */
export class Polling {
  private readonly waits = new Map<Connection, Set<() => void>>();

  constructor(private readonly clock: Clock) {}

  /**
   * Waits a little, asks, and so on. Rejects as `isDone` does, which is asked at the deadline for the last time.
   * @param deadline as a time of the clock
   */
  async until(connection: Connection, deadline: number, isDone: () => Promise<boolean>): Promise<void> {
    for (let delay = FIRST; ; delay = Math.min(MOST, delay * 2)) {
      await this.wait(connection, Math.max(0, Math.min(delay, deadline - this.clock.now())));
      if (await isDone()) return;
    }
  }

  /** The connection is closed: whoever waits for it asks at once. */
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
