import type { Clock } from '../../at';
import type { QfwdError } from '../errors';
import type { ConnectionStream } from './connection-stream';

/** The consumers of a connection, for a layer that decodes its data for them. */
export interface Flows {
  /** Its timers end with the modem. */
  readonly clock: Clock;
  /** Whether a consumer wants data now. */
  isWanted(): boolean;
  take(data: Buffer): void;
  /** Has the module asked for data; resolves when what it had was passed to the stream. */
  look(): Promise<void>;
  /** No more data follows from the peer. */
  end(): void;
  /** The connection cannot be used any more. */
  fail(error: QfwdError): void;
}

/** What runs over each connection of a server or client, in place of the flows. */
export interface Layer {
  /**
   * Takes the stream of a new connection. Resolves when the connection is ready for use; only then it is reported.
   * Rejects with a `QfwdError` when it is unusable; it is closed then.
   */
  establish(stream: ConnectionStream, flows: Flows): Promise<void>;
  /** Two layers with the same text are the same. Holds no secrets: it is stored. */
  toJSON(): string;
}
