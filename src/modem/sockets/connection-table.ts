import { randomUUID } from 'node:crypto';
import type { Clock, Transport } from '../../at';
import type { Ends, ListedSocket } from '../../sockets';
import { Connection, type ConnectionOrigin, NO_TRAFFIC, type Traffic } from '../data/connection';
import type { Counters } from '../link/counters';

/** Far more connections than any module has; further ones that the module reports are ignored. */
export const MOST_CONNECTIONS = 2048;

/** All connections by socket id, with time stamps to compare them with a list requested earlier. */
export class ConnectionTable {
  /** Unique to this run. */
  private readonly run = randomUUID();
  private readonly connections = new Map<number, Connection>();
  /** Number of open connections by server. */
  private readonly openOf = new Map<number, number>();
  /** When a socket id became free, and which connection had it. */
  private readonly closed = new Map<number, { readonly at: number; readonly connection?: Connection }>();
  private clock = 0;
  /** The highest socket id that the module has given to a connection which it accepted. */
  highestAccepted = 0;

  constructor(
    private readonly counters: Counters,
    private readonly time: Clock,
  ) {}

  /** A time stamp: a list requested at it does not override later changes. */
  stamp(): number {
    return this.clock;
  }

  /** A time stamp later than all before. */
  mark(): number {
    return ++this.clock;
  }

  get(socketId: number): Connection | undefined {
    return this.connections.get(socketId);
  }

  endsOf(socketId: number): Partial<Ends> {
    return this.get(socketId)?.ends ?? {};
  }

  trafficOf(socketId: number): Traffic {
    return this.get(socketId)?.traffic ?? NO_TRAFFIC;
  }

  /** The last connection that had the socket id, now free. */
  former(socketId: number): Connection | undefined {
    return this.closed.get(socketId)?.connection;
  }

  all(): Connection[] {
    return [...this.connections.values()];
  }

  get isFull(): boolean {
    return this.connections.size >= MOST_CONNECTIONS;
  }

  /** How many connections of a server are open. */
  countOpen(serverId: number): number {
    return this.openOf.get(serverId) ?? 0;
  }

  /** What the next modem object of the module needs to know about the connections. */
  origins(): ConnectionOrigin[] {
    const told = this.all().filter(({ isEstablished, isUnreported }) => isEstablished && !isUnreported);
    return told.map(({ id, socketId, protocol, serverId, owner, ends, isExclusive, isShared, traffic }) => ({
      id,
      socketId,
      protocol,
      owner,
      isExclusive,
      isShared,
      traffic,
      ...(serverId !== undefined && { serverId }),
      ...(ends && { ends }),
    }));
  }

  /** Requires that the socket id is free. */
  add(origin: ConnectionOrigin): Connection {
    const connection = new Connection(origin, this.mark(), this.counters, this.time, this.run);
    this.connections.set(origin.socketId, connection);
    this.closed.delete(origin.socketId);
    this.count(connection, 1);
    return connection;
  }

  /** The peer has closed the connection. */
  end(connection: Connection): void {
    if (connection.state === 'open') this.count(connection, -1);
    connection.state = 'ending';
  }

  remove(connection: Connection): void {
    if (connection.state === 'open') this.count(connection, -1);
    connection.state = 'closed';
    const { socketId } = connection;
    if (this.connections.get(socketId) !== connection) return;
    this.connections.delete(socketId);
    this.closed.set(socketId, { at: this.mark(), connection });
  }

  /** The module has assigned the socket id to another connection. */
  noteReused(socketId: number): void {
    this.highestAccepted = Math.max(this.highestAccepted, socketId);
    const before = this.connections.get(socketId) ?? this.closed.get(socketId)?.connection;
    if (before) before.isReplaced = true;
  }

  /** A list asked for before this moment may still show the socket. */
  noteClosed(socketId: number): void {
    this.closed.set(socketId, { at: this.mark() });
  }

  /** Whether the socket was closed after `stamp`, so that a list requested then is out of date for it. */
  isClosedSince(socketId: number, stamp: number): boolean {
    return (this.closed.get(socketId)?.at ?? 0) > stamp;
  }

  /**
   * URCs may have been lost: until the next list, a socket id may mean another connection.
   * @param port the port of those URCs; any port when missing
   * @returns whether any connection is affected
   */
  doubt(port?: Transport): boolean {
    const now = this.mark();
    let isAny = false;
    for (const connection of this.connections.values()) {
      const { isExclusive, reportedTo = port } = connection;
      if (isExclusive || (port && reportedTo !== port)) continue;
      connection.doubtedAt = now;
      isAny = true;
    }
    return isAny;
  }

  /** Clears the doubt about connections that a list requested at `stamp` shows unchanged. */
  confirm(listed: ReadonlyMap<number, ListedSocket>, stamp: number): void {
    for (const connection of this.connections.values()) {
      if (connection.doubtedAt === undefined || connection.doubtedAt > stamp) continue;
      const row = listed.get(connection.socketId);
      if (connection.isShared || (row && connection.isListedAs(row))) connection.doubtedAt = undefined;
    }
  }

  /** Connections that a list requested at `stamp` contradicts. */
  missing(listed: ReadonlyMap<number, ListedSocket>, stamp: number): Connection[] {
    return this.all().filter((connection) => this.isMissing(connection, listed, stamp));
  }

  /** Whether the list shows another connection or none; a connection whose peer has closed may be absent. */
  isMissing(connection: Connection, listed: ReadonlyMap<number, ListedSocket>, stamp: number): boolean {
    if (connection.stamp > stamp || connection.isShared || connection.state === 'closed') return false;
    const row = listed.get(connection.socketId);
    return row ? !connection.isListedAs(row) : connection.state === 'open' || !connection.isCertain;
  }

  /** Sockets that a list requested at `stamp` shows and the table lacks. */
  unknown(listed: ReadonlyMap<number, ListedSocket>, stamp: number): ListedSocket[] {
    return [...listed.values()].filter(
      ({ socketId }) => !this.connections.has(socketId) && !this.isClosedSince(socketId, stamp),
    );
  }

  private count({ serverId }: Connection, change: 1 | -1): void {
    if (serverId === undefined) return;
    const count = this.countOpen(serverId) + change;
    if (count > 0) this.openOf.set(serverId, count);
    else this.openOf.delete(serverId);
  }
}
