import type { ListedSocket } from './survey';
import { Connection, type ConnectionOrigin } from './connection';

/** All connections by their socket id, with what is needed to compare them with a list that is some moments old. */
export class ConnectionTable {
  private readonly connections = new Map<number, Connection>();
  private readonly closedAt = new Map<number, number>();
  private clock = 0;

  /** A mark in time: what changes after it is not contradicted by a list asked for at it. */
  stamp(): number {
    return this.clock;
  }

  get(socketId: number): Connection | undefined {
    return this.connections.get(socketId);
  }

  all(): Connection[] {
    return [...this.connections.values()];
  }

  add(origin: ConnectionOrigin): Connection {
    const connection = new Connection(origin, ++this.clock);
    this.connections.set(origin.socketId, connection);
    this.closedAt.delete(origin.socketId);
    return connection;
  }

  remove(connection: Connection): void {
    if (this.connections.get(connection.socketId) !== connection) return;
    this.connections.delete(connection.socketId);
    this.closedAt.set(connection.socketId, ++this.clock);
  }

  /** What a list asked for at `stamp` teaches. */
  compare(
    listed: ReadonlyMap<number, ListedSocket>,
    stamp: number,
  ): { gone: Connection[]; found: ListedSocket[] } {
    const gone = this.all().filter((connection) => {
      if (connection.stamp > stamp || connection.state !== 'open' || !connection.ends) return false;
      const row = listed.get(connection.socketId);
      return !row || !connection.isSame(row.ends);
    });
    const found = [...listed.values()].filter(({ socketId, ends }) => {
      const known = this.connections.get(socketId);
      if (known) return known.stamp <= stamp && !known.isSame(ends);
      return (this.closedAt.get(socketId) ?? 0) <= stamp;
    });
    return { gone, found };
  }
}
