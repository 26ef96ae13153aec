import type { Connection } from '../data/connection';
import type { QfwdError } from '../errors';

/** Events of the connections for other parts of the modem. */
export interface ConnectionsEvents {
  /** The module has a socket that is unknown or differs from what is known. */
  outdated: [];
  /** Data was found without a URC for it. */
  unreported: [connection: Connection];
  /** A connection is over; data left under its socket id is unreadable or unwanted. */
  abandoned: [connection: Connection];
  /** Data was read from the module and has no owner any more. */
  discarded: [error: QfwdError];
  /** The module reports more connections than {@link MOST_CONNECTIONS}; emitted once. */
  full: [];
}
