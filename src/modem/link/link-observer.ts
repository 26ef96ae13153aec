import type { Transport } from '../../at';
import type { SupervisorObserver } from './supervisor';

/** Receives all events of the link to the module, for both ports. */
export interface LinkObserver extends SupervisorObserver {
  /** The second port stopped working. */
  onSecondPortLost(port: Transport): void;
  /** The second port can now run commands. Earlier URCs to this port may have been lost. */
  onSecondPortUsable(port: Transport): void;
}
