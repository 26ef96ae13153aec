import type { Clock } from './clock';

/** A timer that fires later than this after its time, in ms, does so because the process was stopped or blocked. */
const LATE = 250;
/** How long it then waits at most, in ms: what arrived meanwhile is read in less. */
const LONGEST_WAIT = 1000;

/**
 * The same clock, except that a timer which is late waits until input that arrived meanwhile was handled. After a stop
 * (SIGSTOP) or while a flow blocks the process, timers fire first, and a response that arrived in time counts as missing.
 */
export function patient(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    after: (delay, action) => {
      const due = clock.now() + delay;
      let cancel = clock.after(delay, () => {
        const late = clock.now() - due;
        if (late <= LATE) action();
        else cancel = clock.after(Math.min(late, LONGEST_WAIT), action);
      });
      return () => cancel();
    },
  };
}
