import { Connection, type ConnectionOrigin } from '../data/connection';
import type { Counters } from '../link/counters';
import type { ListedSocket } from '../../sockets';

/** All connections by their socket id, with what is needed to compare them with a list that is some moments old. */
export class ConnectionTable {
  private readonly connections = new Map<number, Connection>();
  private readonly closedAt = new Map<number, number>();
  private clock = 0;

  constructor(private readonly counters: Counters) {}

  /** A mark in time: what changes after it is not contradicted by a list asked for at it. */
  stamp(): number {
    return this.clock;
  }

  /** A moment later than all stamps so far. */
  mark(): number {
    return ++this.clock;
  }

  get(socketId: number): Connection | undefined {
    return this.connections.get(socketId);
  }

  all(): Connection[] {
    return [...this.connections.values()];
  }

  /** Those that have not ended, as the next modem of the module may find them. */
  open(): ConnectionOrigin[] {
    return this.all()
      .filter(({ state }) => state === 'open')
      .map(({ socketId, protocol, serverId, owner, ends, isShared }) => ({
        socketId,
        protocol,
        owner,
        isShared,
        ...(serverId !== undefined && { serverId }),
        ...(ends && { ends }),
      }));
  }

  add(origin: ConnectionOrigin): Connection {
    const connection = new Connection(origin, this.mark(), this.counters);
    this.connections.set(origin.socketId, connection);
    this.closedAt.delete(origin.socketId);
    return connection;
  }

  remove(connection: Connection): void {
    if (this.connections.get(connection.socketId) !== connection) return;
    this.connections.delete(connection.socketId);
    this.noteClosed(connection.socketId);
  }

  /** A list asked for before this moment may still show the socket. */
  noteClosed(socketId: number): void {
    this.closedAt.set(socketId, this.mark());
  }

  /** Whether it was closed after `stamp`, so that a list asked for then says nothing. */
  isClosedSince(socketId: number, stamp: number): boolean {
    return (this.closedAt.get(socketId) ?? 0) > stamp;
  }

  /** Connections that a list asked for at `stamp` does not show though they are open, or shows as another one. */
  missing(listed: ReadonlyMap<number, ListedSocket>, stamp: number): Connection[] {
    return this.all().filter((connection) => {
      if (connection.stamp > stamp || connection.isShared) return false;
      const row = listed.get(connection.socketId);
      return row ? !connection.isSame(row.ends) : connection.state === 'open';
    });
  }

  /** What a list asked for at `stamp` shows and is not known. */
  unknown(listed: ReadonlyMap<number, ListedSocket>, stamp: number): ListedSocket[] {
    return [...listed.values()].filter(
      ({ socketId }) => !this.connections.has(socketId) && !this.isClosedSince(socketId, stamp),
    );
  }
}
