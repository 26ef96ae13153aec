/** State of the link to the module. */
export type LinkState =
  /** Waiting before the next attempt to open the port. */
  | 'offline'
  | 'connecting'
  | 'initializing'
  /** Waiting for a SIM. */
  | 'no-sim'
  /** The SIM is locked; the user must unlock it. */
  | 'locked'
  /** Waiting for registration on a mobile network. */
  | 'no-network'
  /** Registration was denied. */
  | 'denied'
  /** The module answers, but its application processor, which provides the socket commands, has not started yet. */
  | 'booting'
  /** The module answers, but has no socket commands. */
  | 'unsupported'
  /** The module activates a PDP context, which can take minutes; meanwhile, everything else waits. */
  | 'activating'
  | 'ready'
  | 'stopped';
