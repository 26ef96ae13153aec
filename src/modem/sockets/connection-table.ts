import { randomUUID } from 'node:crypto';
import type { Transport } from '../../at';
import type { ListedSocket } from '../../sockets';
import { Connection, type ConnectionOrigin } from '../data/connection';
import type { Counters } from '../link/counters';

/** Far more connections than any module has; what it says that it has beyond them is not believed. */
export const MOST_CONNECTIONS = 2048;

/** All connections by their socket id, with what is needed to compare them with a list that is some moments old. */
export class ConnectionTable {
  /** Tells this run from all others. */
  private readonly run = randomUUID();
  private readonly connections = new Map<number, Connection>();
  /** How many of a server are open. */
  private readonly openOf = new Map<number, number>();
  /** When a socket id became free, and whose it was. */
  private readonly closed = new Map<number, { readonly at: number; readonly connection?: Connection }>();
  private clock = 0;
  /** The highest socket id that the module gave to a connection which it accepted. */
  highestAccepted = 0;

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

  get isFull(): boolean {
    return this.connections.size >= MOST_CONNECTIONS;
  }

  /** How many connections of a server are open. */
  countOpen(serverId: number): number {
    return this.openOf.get(serverId) ?? 0;
  }

  /** What the next modem of the module is to know of them. */
  origins(): ConnectionOrigin[] {
    return this.all().map(({ id, socketId, protocol, serverId, owner, ends, isExclusive, isShared }) => ({
      id,
      socketId,
      protocol,
      owner,
      isExclusive,
      isShared,
      ...(serverId !== undefined && { serverId }),
      ...(ends && { ends }),
    }));
  }

  /** Nobody may have the socket id. */
  add(origin: ConnectionOrigin): Connection {
    const connection = new Connection(origin, this.mark(), this.counters, this.run);
    this.connections.set(origin.socketId, connection);
    this.closed.delete(origin.socketId);
    this.count(connection, 1);
    return connection;
  }

  /** Its peer has closed. */
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

  /** The module has given a socket id to another connection. */
  noteReused(socketId: number): void {
    this.highestAccepted = Math.max(this.highestAccepted, socketId);
    const before = this.connections.get(socketId) ?? this.closed.get(socketId)?.connection;
    if (before) before.isReplaced = true;
  }

  /** A list asked for before this moment may still show the socket. */
  noteClosed(socketId: number): void {
    this.closed.set(socketId, { at: this.mark() });
  }

  /** Whether it was closed after `stamp`, so that a list asked for then says nothing. */
  isClosedSince(socketId: number, stamp: number): boolean {
    return (this.closed.get(socketId)?.at ?? 0) > stamp;
  }

  /**
   * Reports may have been lost: until a list shows it, a socket id may be another connection.
   * @param port to which they were to come; to any when it is missing
   * @returns whether there is any such connection
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

  /** What a list asked for at `stamp` shows as what it is taken for was that until then. */
  confirm(listed: ReadonlyMap<number, ListedSocket>, stamp: number): void {
    for (const connection of this.connections.values()) {
      if (connection.doubtedAt === undefined || connection.doubtedAt > stamp) continue;
      const row = listed.get(connection.socketId);
      if (connection.isShared || (row && connection.isListedAs(row))) connection.doubtedAt = undefined;
    }
  }

  /** Connections that a list asked for at `stamp` contradicts. */
  missing(listed: ReadonlyMap<number, ListedSocket>, stamp: number): Connection[] {
    return this.all().filter((connection) => this.isMissing(connection, listed, stamp));
  }

  /** Whether such a list shows another one, or none: those that are known to have ended need not be shown. */
  isMissing(connection: Connection, listed: ReadonlyMap<number, ListedSocket>, stamp: number): boolean {
    if (connection.stamp > stamp || connection.isShared || connection.state === 'closed') return false;
    const row = listed.get(connection.socketId);
    return row ? !connection.isListedAs(row) : connection.state === 'open' || !connection.isCertain;
  }

  /** What a list asked for at `stamp` shows and is not known. */
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
