/** The life of connections: from the URC or list that shows one to its last byte, and who is told. */
import { EventEmitter } from 'node:events';
import { AtError, isRejection, type Transport } from '../../at';
import { type Ends, endsOf, type SocketList, type SocketUrc } from '../../sockets';
import type { Connection, ConnectionOrigin } from '../data/connection';
import type { DataOwner } from '../data/data-owner';
import { DataPath, type DataPathHost } from '../data/data-path';
import { QfwdError, toQfwdError } from '../errors';
import type { Session } from '../link/session';
import { Admission, admitsNameless } from './admission';
import { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import type { SocketCloser } from './socket-closer';

export interface ConnectionsHost extends DataPathHost {
  /** Open when the modem before this one was stopped: taken over, or told as closed, once the module has listed its own. */
  readonly known: readonly ConnectionOrigin[];
  readonly declarations: Declarations;
  readonly closer: SocketCloser;
}

/** What the connections show that others have to act on. */
export interface ConnectionsEvents {
  /** The module has something open that is not known, or not what it was taken for. */
  outdated: [];
  /** Data came in that the module had not reported. */
  unreported: [connection: Connection];
}

/** How long after its last data a connection whose peer has closed can still be answered. */
const LAST_WORDS = 100;

export class Connections extends EventEmitter<ConnectionsEvents> implements DataOwner {
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly admission: Admission;
  /** Connections that wait for {@link LAST_WORDS}. */
  private readonly ending = new Set<Connection>();

  constructor(private readonly host: ConnectionsHost) {
    super();
    this.table = new ConnectionTable(host.counters);
    for (const origin of host.known) this.table.add(origin).isAdmitted = origin.serverId === undefined;
    this.data = new DataPath(host, this);
    this.admission = new Admission(this.table, host.declarations, host.closer);
  }

  /** @param port to which it came */
  onUrc(urc: SocketUrc, port: Transport): void {
    if (urc.event === 'client/open') {
      this.onClientOpen(urc.socketId, urc.result);
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/incoming') {
      this.accept(urc.socketId, urc.serverId, endsOf(urc));
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/read') {
      const connection = this.noteReport(urc.socketId, port);
      if (connection) this.notice(connection);
      else if (!this.admission.isUnwanted(urc.socketId)) this.emit('outdated');
    } else if (urc.event === 'client/close') {
      const connection = this.noteReport(urc.socketId, port);
      // Two ports may overtake each other: this may be the end of whoever had the socket id before.
      if (connection && connection.reportedTo !== port) this.emit('outdated');
      else if (connection) this.end(connection);
    }
  }

  private noteReport(socketId: number, port: Transport): Connection | undefined {
    const connection = this.table.get(socketId);
    if (connection) connection.reportedTo ??= port;
    return connection;
  }

  /** An endpoint is open, by its own doing or because it was found open. */
  async onOpened(endpoint: Declared, socketId: number): Promise<void> {
    const { owner, protocol, name } = endpoint;
    if (name === 'server') {
      // One socket id may stand for all peers of a UDP server.
      if (protocol === 'udp' && admitsNameless(endpoint) && !this.table.get(socketId))
        this.table.add({ socketId, protocol, owner, isShared: true });
      // Later, so that its opening is told before the end of those that it does not admit any more.
      const { declarations, timers } = this.host;
      timers.after(0, () => declarations.of(owner) === endpoint && this.readmit(endpoint));
      return;
    }
    const listed = await this.host.current.session?.sockets().catch(() => []);
    if (endpoint.heldId !== socketId) return;
    const row = listed?.find((client) => client.socketId === socketId);
    const known = this.table.get(socketId);
    const isKnown = known && (!row || known.isSame(row.ends));
    if (known && !isKnown) this.finish(known);
    const connection = isKnown ? known : this.table.add({ socketId, protocol, owner });
    if (row) connection.ends = row.ends;
    // Later, so that its opening is told before its data and its end.
    this.host.timers.after(0, () => this.data.reader.notice(connection));
  }

  /** There may be something to read, which waits until the opening was told; see onOpened. */
  notice(connection: Connection): void {
    if (this.clientOf(connection)?.state !== 'opening') this.data.reader.notice(connection);
  }

  /** From here on there can be data, and an end, though OK may be still to come. */
  private onClientOpen(socketId: number, result: number): void {
    const [client] = this.host.declarations.claimants(socketId);
    const before = this.table.get(socketId);
    if (result !== 0) {
      if (before) this.finish(before);
    } else if (client?.heldId === undefined && client?.name === 'client') {
      if (before) this.drop(before);
      this.table.add({ socketId, protocol: client.protocol, owner: client.owner });
    }
  }

  /**
   * A server of the module has accepted a connection.
   * @param adopted it did so before this session
   */
  accept(socketId: number, serverId: number, ends: Ends, adopted = false): void {
    const before = this.table.get(socketId);
    // A list may have shown it before.
    if (before?.state === 'open' && before.ends && before.isSame(ends)) return;
    if (before) this.finish(before);
    const server = this.host.declarations.claimants(serverId).find(({ name }) => name === 'server');
    if (!this.admission.admitsIncoming(server, serverId, ends.ip)) {
      this.admission.refuse(socketId);
      return;
    }
    const connection = this.table.add({
      socketId,
      serverId,
      ends,
      protocol: server?.protocol ?? 'tcp',
      owner: server?.owner,
    });
    const event = { event: 'client/incoming', serverId, socketId, ...ends } as const;
    server?.tell(adopted ? { ...event, adopted } : event);
    this.data.reader.noticeLater(connection);
  }

  /**
   * Tells an endpoint that was taken over of the connections that it had before, and turns away those that a server
   * would not have taken. Those that became known after `stamp` were told already.
   */
  announce(endpoint: Declared, stamp: number): void {
    const { name, heldId } = endpoint;
    if (heldId === undefined) return;
    if (name === 'server') {
      this.announceAccepted(endpoint, heldId, stamp);
      return;
    }
    const { ends } = this.table.get(heldId) ?? {};
    endpoint.tell({ event: 'client/incoming', socketId: heldId, ...ends, adopted: true });
  }

  private announceAccepted(server: Declared, serverId: number, stamp: number): void {
    const { owner } = server;
    for (const connection of this.table.all()) {
      const isTold = connection.owner === owner && connection.stamp > stamp;
      if (connection.serverId !== serverId || isTold) continue;
      const { socketId, ends } = connection;
      // Those that it has had already are no more than it takes, but their addresses may not be allowed any longer.
      const isHad = connection.owner === owner;
      const isAdmitted =
        !ends || (isHad ? server.admits(ends.ip, 0) : this.admission.admits(server, ends.ip, connection));
      if (!isAdmitted) {
        this.turnAway(connection);
        continue;
      }
      connection.owner = owner;
      connection.isAdmitted = true;
      server.tell({ event: 'client/incoming', serverId, socketId, ...ends, adopted: true });
    }
  }

  /** Its server is not declared for a moment, and may admit others afterwards. */
  suspend(owner: string): void {
    for (const connection of this.table.all()) {
      if (connection.owner === owner && connection.serverId !== undefined) connection.isAdmitted = false;
    }
  }

  /** Whoever would decide about its peer does not come back: like any that was found in the module. */
  admitUnowned(): void {
    const { declarations } = this.host;
    for (const connection of this.table.all()) {
      if (!declarations.isKnown(connection.owner ?? '')) connection.isAdmitted = true;
    }
  }

  /** The server decides anew about those that it had before. They do not count as more than it takes. */
  private readmit(server: Declared): void {
    for (const connection of this.table.all()) {
      if (connection.owner !== server.owner || connection.isAdmitted) continue;
      if (connection.ends && !server.admits(connection.ends.ip, 0)) {
        this.turnAway(connection);
      } else {
        connection.isAdmitted = true;
        this.notice(connection);
      }
    }
  }

  private turnAway(connection: Connection): void {
    this.finish(connection);
    this.admission.refuse(connection.socketId);
  }

  /** What a list shows otherwise is acted upon. */
  async isAlive(connection: Connection): Promise<boolean> {
    const { session } = this.host.current;
    if (!session || connection.isShared) return true;
    const stamp = this.table.stamp();
    const { sockets } = await session.list();
    if (!this.table.missing(sockets, stamp).includes(connection)) return connection.state !== 'closed';
    this.miss(connection, sockets);
    return false;
  }

  /** The module does not list it. */
  miss(connection: Connection, listed: SocketList['sockets']): void {
    if (!listed.has(connection.socketId)) {
      this.end(connection);
      return;
    }
    // Its socket id is another connection by now, whose data must not be taken for its own.
    this.finish(connection);
    this.emit('outdated');
  }

  onUnreported(connection: Connection): void {
    this.emit('unreported', connection);
  }

  /** The peer has closed. What it sent before is read first, if anybody wants it. */
  end(connection: Connection): void {
    if (connection.state !== 'open') return;
    connection.state = 'ending';
    this.notice(connection);
  }

  /**
   * Everything was read. A peer that ends its side after a question, as `echo … | nc` does, may still listen for the
   * answer, so the flow gets a moment to send it.
   */
  onDrained(connection: Connection): void {
    if (!connection.hasReceived) {
      this.finish(connection);
    } else if (!this.ending.has(connection)) {
      this.ending.add(connection);
      this.host.timers.after(LAST_WORDS, () => {
        this.ending.delete(connection);
        if (this.data.sender.isBusy(connection)) this.onDrained(connection);
        else this.finish(connection);
      });
    }
  }

  /** Closes this very connection. @throws {QfwdError} */
  async close(session: Session, connection: Connection): Promise<void> {
    const { socketId } = connection;
    try {
      // Told before anything else is sent, which could reach another connection under the same id.
      await session.close(socketId, {
        isWanted: () => connection.state !== 'closed',
        onAnswer: () => this.finish(connection, true),
      });
    } catch (error) {
      if (error instanceof AtError && error.failure === 'cancelled') return;
      const isGone = isRejection(error) && !(await this.isAlive(connection).catch(() => true));
      throw isGone
        ? new QfwdError('QFWD_CLOSED', `socket ${socketId} was closed already`)
        : toQfwdError(error);
    }
  }

  /**
   * The connection is over, and its owner is told.
   * @param isOrdered it was closed by a call
   */
  finish(connection: Connection, isOrdered = false): void {
    if (connection.state === 'closed') return;
    const { socketId, serverId, owner = '', ends } = connection;
    const client = this.clientOf(connection);
    // Its opening is told first; see onOpened.
    if (client && client.heldId === undefined) return;
    this.drop(connection);
    this.data.unread.forget(connection);
    const origin = { socketId, ...(serverId !== undefined && { serverId }), ...ends };
    this.host.declarations.tell(owner, { event: 'client/close', ...origin });
    client?.lost(isOrdered || connection.hasReceived);
  }

  /** The connection is over, and nobody needs to be told. */
  drop(connection: Connection): void {
    connection.state = 'closed';
    this.table.remove(connection);
    this.data.reader.forget(connection);
    this.data.sender.forget(connection);
  }

  /** The client whose connection it is, or is about to be. */
  private clientOf({ socketId, owner = '' }: Connection): Declared | undefined {
    const endpoint = this.host.declarations.of(owner);
    return endpoint?.name === 'client' && endpoint.claimedId === socketId ? endpoint : undefined;
  }
}
