import type { Connection } from './connection';

/** Whoever keeps the connections: asked, and told, what moving the data of one brings up. */
export interface DataOwner {
  /** The connection that has a socket id now. */
  occupant(socketId: number): Connection | undefined;
  /** Looks whether the module still has the connection. */
  isAlive(connection: Connection): Promise<boolean>;
  /** Whether its socket id has been this very connection until now; also false when that cannot be found out. */
  prove(connection: Connection): Promise<boolean>;
  /** A connection whose peer has closed holds nothing more that anybody wants. @param isEmpty nor anything else */
  onDrained(connection: Connection, isEmpty: boolean): void;
  /** Data was found that the module had not reported. */
  onUnreported(connection: Connection): void;
}
