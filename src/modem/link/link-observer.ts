import type { Transport } from '../../at';
import type { SupervisorObserver } from './supervisor';

/** Told of everything that happens to the way to the module, over both of its ports. */
export interface LinkObserver extends SupervisorObserver {
  /** The second port does not work any more. */
  onSecondPortLost(port: Transport): void;
  /** Commands run on it from now on. What was reported to it before may have been lost. */
  onSecondPortLent(port: Transport): void;
}
