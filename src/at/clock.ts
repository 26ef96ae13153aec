/** Time, as far as the driver needs it; tests pass a clock of their own. */
export interface Clock {
  /** Milliseconds since any fixed moment, never going back. */
  now(): number;
  /** Calls `action` once after `delay` ms; the returned function cancels that. */
  after(delay: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delay, action) => {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};

/** What the promise comes to, or `undefined` when it takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    promise.then(resolve, reject).finally(cancel);
  });
}
