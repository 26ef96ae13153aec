import type { Peer } from '../../sockets';
import type { QfwdError } from '../errors';
import type { Connection } from './connection';

/** Receives data as it arrives. */
export interface Consumer {
  /** Whether the data of this connection is for this consumer. */
  covers(connection: Connection): boolean;
  /** `onRequest`: the consumer requests data itself; see {@link RequestReader}. */
  readonly mode: 'auto' | 'onRequest';
  /** Whether it pauses this connection. This pauses all its consumers, as each of them gets all data. */
  isPaused(connection: Connection): boolean;
  /** @param from the sender of a datagram, where the connection is the socket of a UDP server for all its peers */
  take(connection: Connection, data: Buffer, from?: Peer): void;
  /** The connection is closed; no more data follows. */
  end(connection: Connection): void;
  /** Data may have been lost, or may belong to another connection. */
  miss(connection: Connection, error: QfwdError): void;
}
