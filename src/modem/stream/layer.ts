import type { ConnectionStream } from './connection-stream';

/** What runs over each connection of a server or client, in place of the flows. */
export interface Layer {
  /**
   * Takes the stream of a new connection. Resolves when the connection is ready for use; only then it is reported.
   * Rejects with a `QfwdError` when it is unusable; it is closed then.
   */
  establish(stream: ConnectionStream): Promise<void>;
  /** Two layers with the same text are the same. Holds no secrets: it is stored. */
  toJSON(): string;
}
