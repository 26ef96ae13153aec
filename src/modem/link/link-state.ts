/** How far the way to the module is open. */
export type LinkState =
  /** Waiting before the next try to open the port. */
  | 'offline'
  | 'connecting'
  | 'initialising'
  /** The SIM wants something that only a person can give. */
  | 'locked'
  /** The module answers, but knows no QFWD command. */
  | 'unsupported'
  | 'ready'
  | 'stopped';
