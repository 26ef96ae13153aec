/**
 * A way to reach an AT port: a serial port, a raw TCP serial server, a module in this process.
 * A transport can be opened again and again; every opening is a fresh {@link Link}.
 */
export interface Transport {
  /** What a log line calls it, such as `/dev/ttyUSB2` or `tcp 127.0.0.1:3333`. */
  readonly name: string;
  /**
   * Rejects with an `Error` that says what a user can do when the port cannot be opened.
   * @param abandoned nobody wants the link any more: an opening that would take long may end at once
   */
  open(events: LinkEvents, abandoned?: AbortSignal): Promise<Link>;
}

/** What an open link tells its owner. */
export interface LinkEvents {
  /** Bytes from the module, in order, in whatever pieces they came. */
  readonly data: (chunk: Buffer) => void;
  /** The link is gone, once and for good: "end", "close" and "error" all come as this. Not called after `close()`. */
  closed(reason: Error): void;
}

/** One opened byte pipe to an AT port. */
export interface Link {
  /** Hands bytes to the port. A write that fails shows up as {@link LinkEvents.closed}. */
  write(bytes: Buffer): void;
  /**
   * Configures the port as at its opening, because another program may have changed its settings, such as echo. Bytes
   * that wait in it, in either direction, may be discarded. Rejects if the port cannot be configured. Missing where
   * nothing can be configured.
   */
  restore?(): Promise<void>;
  /** Resolves once the operating system has let go of the port. Safe to call twice. */
  close(): Promise<void>;
}
