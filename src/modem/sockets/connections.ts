/** The life of connections: from the URC or list that shows one to its last byte, and who is told. */
import { EventEmitter } from 'node:events';
import { AtError, isRejection, type Transport } from '../../at';
import {
  compareEnds,
  type Ends,
  endsOf,
  type ListedSocket,
  type SocketList,
  type SocketUrc,
} from '../../sockets';
import type { Connection, ConnectionOrigin } from '../data/connection';
import type { DataOwner } from '../data/data-owner';
import { DataPath, type DataPathHost } from '../data/data-path';
import { closedByMistake, QfwdError, toQfwdError } from '../errors';
import type { Session } from '../link/session';
import { Admission, admitsNameless } from './admission';
import { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import { Proof } from './proof';
import type { SocketCloser } from './socket-closer';
import { isOurs } from './socket-id';

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
  /** A connection is over, and what its socket id may still hold is not to be had, or nobody wants it. */
  abandoned: [connection: Connection];
  /** Data was taken out of the module, and there is nobody left to whom it belongs. */
  discarded: [error: QfwdError];
  /** The module has more connections than are believed; told once. */
  full: [];
}

/** How long after its last data a connection whose peer has closed can still be answered. */
const LAST_WORDS = 100;

export class Connections extends EventEmitter<ConnectionsEvents> implements DataOwner {
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly admission: Admission;
  private readonly proof: Proof;
  /** Connections that wait for {@link LAST_WORDS}. */
  private readonly ending = new Set<Connection>();
  /** All that was declared has been compared with what the module has, once. */
  private isSettled = false;
  private isFullTold = false;

  constructor(private readonly host: ConnectionsHost) {
    super();
    this.table = new ConnectionTable(host.counters);
    for (const origin of host.known) this.table.add({ ...origin, isAdmitted: origin.serverId === undefined });
    this.table.doubt();
    this.data = new DataPath(host, this);
    this.admission = new Admission(this.table, host.declarations, host.closer);
    this.proof = new Proof(host.current);
  }

  /** @param port to which it came */
  onUrc(urc: SocketUrc, port: Transport): void {
    if (urc.event === 'client/open') {
      this.onClientOpen(urc.socketId, urc.result);
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/incoming') {
      this.onIncoming(urc, port);
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

  private onIncoming(urc: SocketUrc & { event: 'client/incoming' }, port: Transport): void {
    const { current } = this.host;
    const { socketId, serverId } = urc;
    const before = this.table.get(socketId);
    this.accept(socketId, serverId, endsOf(urc));
    const connection = this.table.get(socketId);
    if (!connection) return;
    connection.reportedTo ??= port;
    // What a port says before it is in step may be old, and of two ports one may be late.
    const isOld = port === current.port && !current.isInStep;
    const isCrossed = before?.reportedTo !== undefined && before.reportedTo !== port;
    if (!isOld && !isCrossed) return;
    connection.doubtedAt = this.table.mark();
    this.emit('outdated');
  }

  /** Of two ports, the one where a socket id is reported may be that of whoever had it before. */
  private noteReport(socketId: number, port: Transport): Connection | undefined {
    const connection = this.table.get(socketId);
    if (connection && !this.host.current.areReportsSplit) connection.reportedTo ??= port;
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
    const isKnown = known && (!row || known.isListedAs(row));
    if (known && !isKnown) this.drop(known);
    const connection = isKnown ? known : this.addClient({ socketId, protocol, owner });
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
      this.addClient({ socketId, protocol: client.protocol, owner: client.owner });
    }
  }

  /** A client that the module has and nobody has declared. */
  addForeign({ socketId, protocol, ends }: ListedSocket): void {
    this.table.add({ socketId, protocol, ends });
  }

  private addClient(origin: ConnectionOrigin): Connection {
    const { session } = this.host.current;
    const isExclusive = session !== undefined && isOurs(session.commands.limits, origin.socketId);
    return this.table.add({ ...origin, isExclusive });
  }

  /**
   * A server of the module has accepted a connection.
   * @param adopted it did so before this session
   */
  accept(socketId: number, serverId: number, ends: Ends, adopted = false): void {
    const before = this.table.get(socketId);
    const isKnown = before?.state === 'open' && before.isCertain && compareEnds(before.ends, ends) === 'same';
    // A list may have shown it before.
    if (isKnown) return;
    this.table.noteReused(socketId);
    if (before) this.abandon(before);
    const server = this.serverOf(serverId);
    if (!this.admission.admitsIncoming(server, serverId, ends.ip)) return this.admission.refuse(socketId);
    if (this.table.isFull) return this.noteFull();
    const connection = this.table.add({
      socketId,
      serverId,
      ends,
      protocol: server?.protocol ?? 'tcp',
      owner: server?.owner,
      isAdmitted: server !== undefined || this.isNobodys(serverId),
    });
    if (server) this.tellIncoming(server, connection, adopted);
    this.data.reader.noticeLater(connection);
    const closing = this.host.closer.closing(socketId);
    void closing?.then((isClosed) => (isClosed ? this.lookForHarm(connection) : undefined));
  }

  /** A close that was meant for whoever had the socket id before may have reached this one. */
  private async lookForHarm(connection: Connection): Promise<void> {
    const isAlive = await this.isAlive(connection).catch(() => false);
    // One whose peer has closed is not listed in any case.
    if (isAlive && connection.state === 'open') return;
    this.data.reader.tell(connection, closedByMistake(connection.socketId));
  }

  private tellIncoming(server: Declared, { socketId, serverId, ends }: Connection, adopted: boolean): void {
    const event = {
      event: 'client/incoming',
      ...(serverId !== undefined && { serverId }),
      socketId,
      ...ends,
    } as const;
    server.tell(adopted ? { ...event, adopted } : event);
  }

  private serverOf(serverId: number): Declared | undefined {
    return this.host.declarations.claimants(serverId).find(({ name }) => name === 'server');
  }

  /** Whether nobody has declared such a server, or may do so yet, and say whom it lets in. */
  private isNobodys(serverId: number): boolean {
    return this.isSettled && !this.host.declarations.isAwaited(serverId);
  }

  /** More than that are not looked at. */
  private noteFull(): void {
    if (!this.isFullTold) this.emit('full');
    this.isFullTold = true;
  }

  /** Compares with a list that was asked for at `stamp`. */
  compare(listed: SocketList['sockets'], stamp: number): void {
    for (const connection of this.table.missing(listed, stamp)) this.miss(connection, listed);
    this.table.confirm(listed, stamp);
  }

  /** Whoever was declared has what is its own. Of the rest, nobody will say whom to let in. */
  settle(): void {
    if (!this.isSettled) this.noteDiscarded(this.data.unread.keepOnly(this.table.all()));
    this.isSettled = true;
    const { declarations } = this.host;
    for (const connection of this.table.all()) {
      const { isAdmitted, owner = '', serverId } = connection;
      if (isAdmitted || serverId === undefined || declarations.isKnown(owner)) continue;
      const server = this.serverOf(serverId);
      if (server) this.introduce(server, connection);
      else if (this.isNobodys(serverId)) connection.isAdmitted = true;
    }
  }

  /** What was read of connections, and those are gone that it could be given to. */
  private noteDiscarded(bytes: number): void {
    if (bytes === 0) return;
    const text = `${bytes} bytes were read of connections that closed before they could be handed over`;
    this.emit('discarded', new QfwdError('QFWD_UNKNOWN_OUTCOME', text));
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
    for (const connection of this.table.all()) {
      const isTold = connection.owner === server.owner && connection.stamp > stamp;
      if (connection.serverId === serverId && !isTold) this.introduce(server, connection);
    }
  }

  /** A connection of a server that had no owner, or another one. */
  private introduce(server: Declared, connection: Connection): void {
    const { ends } = connection;
    // Those that it has had already are no more than it takes, but their addresses may not be allowed any longer.
    const isHad = connection.owner === server.owner;
    const isAdmitted =
      !ends || (isHad ? server.admits(ends.ip, 0) : this.admission.admits(server, ends.ip, connection));
    if (!isAdmitted) {
      this.turnAway(connection);
      return;
    }
    Object.assign(connection, { owner: server.owner, protocol: server.protocol, isAdmitted: true });
    this.tellIncoming(server, connection, true);
  }

  /** Its server is not declared for a moment, and may admit others afterwards. */
  suspend(owner: string): void {
    for (const connection of this.table.all()) {
      if (connection.owner === owner && connection.serverId !== undefined) connection.isAdmitted = false;
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

  occupant(socketId: number): Connection | undefined {
    return this.table.get(socketId);
  }

  /** What a list shows otherwise is acted upon. */
  async isAlive(connection: Connection): Promise<boolean> {
    const { session } = this.host.current;
    if (!session || connection.isShared) return true;
    const stamp = this.table.stamp();
    const { sockets } = await session.list();
    const isMissing = this.table.isMissing(connection, sockets, stamp);
    if (isMissing) this.miss(connection, sockets);
    this.table.confirm(sockets, stamp);
    return !isMissing && connection.state !== 'closed';
  }

  prove(connection: Connection): Promise<boolean> {
    return this.proof.of(connection);
  }

  /** The module does not list it. */
  private miss(connection: Connection, listed: SocketList['sockets']): void {
    if (listed.has(connection.socketId)) {
      // Its socket id is another connection by now, whose data must not be taken for its own.
      this.table.noteReused(connection.socketId);
      this.abandon(connection);
      this.emit('outdated');
    } else if (connection.isCertain) {
      this.end(connection);
    } else {
      // Others may have come and gone under its socket id, so what that still holds may be theirs.
      this.finish(connection);
      this.emit('abandoned', connection);
    }
  }

  onUnreported(connection: Connection): void {
    this.emit('unreported', connection);
  }

  /** The peer has closed. What it sent before is read first, if anybody wants it. */
  end(connection: Connection): void {
    if (connection.state !== 'open') return;
    this.table.end(connection);
    this.notice(connection);
  }

  /**
   * Everything was read. A peer that ends its side after a question, as `echo … | nc` does, may still listen for the
   * answer, so the flow gets a moment to send it.
   */
  onDrained(connection: Connection, isEmpty: boolean): void {
    if (!isEmpty) {
      this.finish(connection);
      this.emit('abandoned', connection);
    } else if (!connection.hasReceived) {
      this.finish(connection);
    } else if (!this.ending.has(connection)) {
      this.ending.add(connection);
      this.host.timers.after(LAST_WORDS, () => {
        this.ending.delete(connection);
        const { reader, sender } = this.data;
        if (sender.isBusy(connection) || reader.isBusy(connection)) this.onDrained(connection, isEmpty);
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
        onAnswer: () => {
          const occupant = this.table.get(socketId);
          if (connection.isReplaced && occupant) void this.lookForHarm(occupant);
          else this.finish(connection, true);
        },
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
    this.data.reader.flush(connection);
    this.drop(connection);
    const origin = { socketId, ...(serverId !== undefined && { serverId }), ...ends };
    this.host.declarations.tell(owner, { event: 'client/close', ...origin });
    client?.lost(isOrdered || connection.hasReceived);
  }

  /** The module has given its socket id to another connection. */
  private abandon(connection: Connection): void {
    this.finish(connection);
    // Not told of before its opening is, which it does not come to any more.
    if (connection.state !== 'closed') this.drop(connection);
  }

  /** The connection is over, and nobody needs to be told. */
  drop(connection: Connection): void {
    this.table.remove(connection);
    this.data.reader.forget(connection);
    this.data.sender.forget(connection);
    this.data.unread.forget(connection);
  }

  /** This modem is over, and its connections go on without it. What was read of them is kept for the next one. */
  leave(): void {
    for (const connection of this.table.all()) {
      this.table.remove(connection);
      this.data.reader.forget(connection);
      this.data.sender.forget(connection);
    }
  }

  /** The client whose connection it is, or is about to be. */
  private clientOf({ socketId, owner = '' }: Connection): Declared | undefined {
    const endpoint = this.host.declarations.of(owner);
    return endpoint?.name === 'client' && endpoint.claimedId === socketId ? endpoint : undefined;
  }
}
