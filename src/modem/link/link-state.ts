/** How far the way to the module is open. */
export type LinkState =
  /** Waiting before the next try to open the port. */
  | 'offline'
  | 'connecting'
  | 'initialising'
  /** A SIM is waited for. */
  | 'no-sim'
  /** The SIM wants something that only a person can give. */
  | 'locked'
  /** A mobile network is waited for. */
  | 'no-network'
  /** The operator does not accept the module. */
  | 'denied'
  /** The module answers, but its application processor, which has the commands for sockets, is not up yet. */
  | 'booting'
  /** The module answers, but knows no commands for sockets. */
  | 'unsupported'
  | 'ready'
  | 'stopped';
