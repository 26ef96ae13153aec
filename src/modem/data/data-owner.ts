import type { Peer } from '../../sockets';
import type { QfwdError } from '../errors';
import type { Connection } from './connection';

/** The owner of the connections: answers queries and receives events of the data transfer. */
export interface DataOwner {
  /** The connection that currently has a socket id. */
  occupant(socketId: number): Connection | undefined;
  /** Queries whether the module still has the connection. */
  isAlive(connection: Connection): Promise<boolean>;
  /** Whether its socket id certainly still means this connection; false if this cannot be determined. */
  prove(connection: Connection): Promise<boolean>;
  /** The peer has closed, and no consumer needs more data. @param isEmpty whether no data is left at all */
  onDrained(connection: Connection, isEmpty: boolean): void;
  /** Whether its server admits the sender of a datagram, if it is the socket of all peers of a server. */
  admits(connection: Connection, sender?: Peer): boolean;
  /** Data was found for which there was no URC. */
  onUnreported(connection: Connection): void;
  /** Data was lost, or its connection is unknown, and those who were to have it are away, as during a deploy. */
  onUntold(error: QfwdError): void;
}
