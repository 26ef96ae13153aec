import { patient } from './patient-clock';

/** The clock and timers of the driver; tests pass their own. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number;
  /** Calls `action` once after `delay` ms; the returned function cancels that. */
  after(delay: number, action: () => void): () => void;
}

export const systemClock: Clock = patient({
  now: () => performance.now(),
  after: (delay, action) => {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
});

/** Settles like the promise, but resolves with `undefined` if it takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    promise.then(resolve, reject).finally(cancel);
  });
}
