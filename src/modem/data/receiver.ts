import type { Connection } from './connection';
import type { Consumer } from './consumer';

/** The only consumer of a connection: nobody else receives its data. */
export interface Receiver extends Consumer {
  /** It takes no more data; what remains of the connection is handled as if it had no receiver. */
  readonly isOver: boolean;
  /** The peer has ended, and all that it sent was taken. The connection stays until the receiver closes it. */
  onPeerEnd(connection: Connection): void;
}
