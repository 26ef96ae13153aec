import type { Connection } from './connection';

/** Whoever keeps the connections: asked, and told, what moving the data of one brings up. */
export interface DataOwner {
  /** Looks whether the module still has the connection. */
  isAlive(connection: Connection): Promise<boolean>;
  /** A connection whose peer has closed holds nothing more that anybody wants. */
  onDrained(connection: Connection): void;
  /** Data was found that the module had not reported. */
  onUnreported(connection: Connection): void;
}
