import type { Transport } from '../../at';
import type { SupervisorObserver } from './supervisor';

/** Told of everything that happens to the way to the module, over both of its ports. */
export interface LinkObserver extends SupervisorObserver {
  /** The second port does not work any more. */
  onSecondPortLost(port: Transport): void;
  /** It works again. */
  onSecondPortBack(): void;
}
