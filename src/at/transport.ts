/**
 * A way to reach an AT port: a serial port, a raw TCP serial server, a module in this process.
 * It can be opened any number of times; each opening is a new {@link Link}.
 */
export interface Transport {
  /** What a log line calls it, such as `/dev/ttyUSB2` or `tcp 127.0.0.1:3333`. */
  readonly name: string;
  /**
   * Rejects with an `Error` that says what a user can do when the port cannot be opened.
   * @param abandoned the link is no longer wanted: an opening that takes long may end early
   */
  open(events: LinkEvents, abandoned?: AbortSignal): Promise<Link>;
}

/** Events of an open link. */
export interface LinkEvents {
  /** Bytes from the module in order, in chunks of any size. */
  readonly data: (chunk: Buffer) => void;
  /** The link is lost; called once, for "end", "close" and "error" alike. Not called after `close()`. */
  closed(reason: Error): void;
}

/** An open connection to an AT port. */
export interface Link {
  /** Writes bytes to the port. If that fails, {@link LinkEvents.closed} is called. */
  write(bytes: Buffer): void;
  /**
   * Configures the port as at its opening, because another program may have changed its settings, such as echo. Bytes
   * that wait in it, in either direction, may be discarded. Rejects if the port cannot be configured. Missing where
   * nothing can be configured.
   */
  restore?(): Promise<void>;
  /** Resolves when the operating system has closed the port. May be called repeatedly. */
  close(): Promise<void>;
}
