import timers from 'node:timers/promises';

import type { Clock } from '../../src/at';

/** The time of a process. */
export interface ProcessTime extends Clock {
  /** There is work for this turn of the event loop or the next. */
  onImmediate(): void;
}

type Action = (...values: unknown[]) => void;

/**
 * Gives the clock to all code that uses the timers of the process, such as the simulator. The returned function ends
 * that.
 */
export function runProcessOn(clock: ProcessTime): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
  const promises = { setTimeout: timers.setTimeout, setImmediate: timers.setImmediate };
  const clear = (timer?: NodeJS.Timeout | Timer): void => {
    if (timer instanceof Timer) timer.close();
    else clearTimeout(timer);
  };
  Object.assign(globalThis, {
    setTimeout: (action: Action, ms = 0, ...values: unknown[]) =>
      new Timer(clock, ms, () => action(...values)),
    clearTimeout: clear,
    setInterval: (action: Action, ms = 0, ...values: unknown[]) => {
      const timer = new Timer(clock, ms, () => {
        timer.refresh();
        action(...values);
      });
      return timer;
    },
    clearInterval: clear,
    setImmediate: (...values: Parameters<typeof setImmediate>) => {
      clock.onImmediate();
      return setImmediate(...values);
    },
  });
  Object.assign(timers, {
    setTimeout: (ms = 0, value?: unknown, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => {
          timer.close();
          reject(signal?.reason as Error);
        };
        const timer = new Timer(clock, ms, () => {
          // Some signals exist only as long as they have a listener.
          signal?.removeEventListener('abort', onAbort);
          resolve(value);
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    setImmediate: (value?: unknown) => {
      clock.onImmediate();
      return promises.setImmediate(value);
    },
  });
  performance.now = () => clock.now();
  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate });
    Object.assign(timers, promises);
    Reflect.deleteProperty(performance, 'now');
  };
}

/** What `setTimeout` returns. */
class Timer {
  private cancel = (): void => undefined;
  private isCleared = false;

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly action: () => void,
  ) {
    this.refresh();
  }

  refresh(): this {
    this.cancel();
    if (!this.isCleared) this.cancel = this.clock.after(this.ms, this.action);
    return this;
  }

  close(): void {
    this.isCleared = true;
    this.cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
