/** Connections, from the URC or list that first shows one to its last byte, and the events to their owners. */
import { EventEmitter } from 'node:events';
import { AtError, isRejection, type Transport } from '../../at';
import {
  compareEnds,
  type Ends,
  endsOf,
  type ListedSocket,
  type Peer,
  type SocketList,
  type SocketUrc,
} from '../../sockets';
import type { CloseReason, Connection, ConnectionOrigin } from '../data/connection';
import type { DataOwner } from '../data/data-owner';
import { DataPath, type DataPathHost } from '../data/data-path';
import { closedByMistake, connectionClosed, orOffline, QfwdError, toQfwdError } from '../errors';
import type { Session } from '../link/session';
import type { Flows, Layer } from '../stream/layer';
import type { ConnectionStream } from '../stream/connection-stream';
import { Streams } from '../stream/streams';
import { Admission, admitsNameless } from './admission';
import { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import { Proof } from './proof';
import type { SocketCloser } from './socket-closer';
import { Shared } from './shared';
import { isOurs } from './socket-id';

export interface ConnectionsHost extends DataPathHost {
  readonly declarations: Declarations;
  readonly closer: SocketCloser;
}

/** Events for other parts of the modem. */
export interface ConnectionsEvents {
  /** The module has a socket that is unknown or differs from what is known. */
  outdated: [];
  /** Data was found without a URC for it. */
  unreported: [connection: Connection];
  /** A connection is over; data left under its socket id is unreadable or unwanted. */
  abandoned: [connection: Connection];
  /** Data was read from the module and has no owner any more. */
  discarded: [error: QfwdError];
  /** The module reports more connections than {@link MOST_CONNECTIONS}; emitted once. */
  full: [];
}

/** The part of the idle timeout after which the module may count a connection as idle: it notes data sooner than the driver. */
const IDLE_SHARE = 0.9;

/** How long after its last data a connection closed by its peer can still send an answer, in ms. */
const ANSWER_WINDOW = 100;

export class Connections extends EventEmitter<ConnectionsEvents> implements DataOwner {
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly admission: Admission;
  readonly streams: Streams;
  private readonly proof: Proof;
  /** A list for queries about single connections: many of them share one, and it alternates with reads and sends. */
  private readonly look = new Shared(async (isWanted) => {
    const stamp = this.table.stamp();
    const { sockets } = await orOffline(this.host.current.session).list({ lane: 'look', isWanted });
    return { sockets, stamp };
  });
  /** Connections that wait for {@link ANSWER_WINDOW}. */
  private readonly ending = new Set<Connection>();
  /** Whether all declarations have been compared with the module once. */
  private isSettled = false;
  private isFullTold = false;

  constructor(private readonly host: ConnectionsHost) {
    super();
    this.table = new ConnectionTable(host.counters, host.clock);
    this.data = new DataPath(host, this);
    this.admission = new Admission(this.table, host.declarations, host.closer);
    this.proof = new Proof(host.current);
    this.streams = new Streams({
      clock: host.clock,
      data: this.data,
      close: (connection) => this.closeStream(connection),
    });
  }

  /**
   * Takes over what the previous modem object knew.
   * @param known open when it stopped; adopted or reported as closed after the first list
   * @param highestAccepted see {@link ConnectionTable.highestAccepted}
   */
  inherit(known: readonly ConnectionOrigin[], highestAccepted: number): void {
    for (const origin of known) {
      this.table.add({ ...origin, isInherited: true, isAdmitted: origin.serverId === undefined });
    }
    this.table.doubt();
    this.table.highestAccepted = highestAccepted;
  }

  /** @param port the port that received the URC */
  onUrc(urc: SocketUrc, port: Transport): void {
    if (urc.event === 'client/open') {
      this.onClientOpen(urc.socketId, urc.result);
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/incoming') {
      this.onIncoming(urc, port);
    } else if (urc.event === 'client/read') {
      const connection = this.noteReport(urc.socketId, port);
      if (connection && !connection.isIdFree) this.noteData(connection, urc.length);
      else if (!this.admission.isUnwanted(urc.socketId)) this.emit('outdated');
    } else if (urc.event === 'client/close') {
      const connection = this.noteReport(urc.socketId, port);
      // URCs of two ports can arrive out of order: this may be the end of the previous connection with this socket id.
      if (connection && connection.reportedTo !== port) this.emit('outdated');
      else if (connection) this.end(connection);
    }
  }

  private onIncoming(urc: SocketUrc & { event: 'client/incoming' }, port: Transport): void {
    const { current } = this.host;
    const { socketId, serverId } = urc;
    const before = this.table.get(socketId);
    // No URC reports that a command has closed a connection, such as one meant for the previous connection.
    if (before?.isAnnounced && this.host.closer.closing(socketId)) this.replace(before);
    this.accept(socketId, serverId, endsOf(urc));
    const connection = this.table.get(socketId);
    if (!connection) return;
    connection.isAnnounced = true;
    connection.reportedTo ??= port;
    // URCs from a port that is not yet in sync may be old, and URCs of two ports can arrive out of order.
    const isOld = port === current.port && !current.isInStep;
    const isCrossed = before?.reportedTo !== undefined && before.reportedTo !== port;
    if (!isOld && !isCrossed) return;
    connection.doubtedAt = this.table.mark();
    this.emit('outdated');
  }

  /** With two ports, a URC may refer to the previous connection with its socket id. */
  private noteReport(socketId: number, port: Transport): Connection | undefined {
    const connection = this.table.get(socketId);
    if (connection && !this.host.current.areReportsSplit) connection.reportedTo ??= port;
    return connection;
  }

  /** An endpoint is open, newly opened or adopted. */
  async onOpened(endpoint: Declared, socketId: number): Promise<void> {
    const { owner, protocol, name } = endpoint;
    if (name === 'server') {
      // One socket id may stand for all peers of a UDP server.
      const { namesSenders = false } = this.host.current.session?.commands.limits ?? {};
      const isAdmitted = namesSenders || admitsNameless(endpoint);
      if (protocol === 'udp' && isAdmitted && !this.table.get(socketId))
        this.table.add({ socketId, protocol, owner, isShared: true });
      // Delayed, so that the opening is reported before the end of connections that are no longer admitted.
      const { declarations, timers } = this.host;
      timers.after(0, () => declarations.of(owner) === endpoint && this.readmit(endpoint));
      return;
    }
    const listed = await this.host.current.session?.sockets().catch(() => []);
    if (endpoint.heldId !== socketId) return;
    const row = listed?.find((client) => client.socketId === socketId);
    const known = this.table.get(socketId);
    const isKnown = known && (!row || known.isListedAs(row));
    if (known && !isKnown) this.supersede(known);
    const connection = isKnown ? known : this.addClient({ socketId, protocol, owner });
    if (row) connection.ends = row.ends;
    if (endpoint.layer && !isInUse(connection)) await this.establish(connection, endpoint.layer);
    // Delayed, so that the opening is reported before data and the end.
    this.host.timers.after(0, () => {
      connection.clear?.begin();
      this.data.reader.notice(connection);
    });
  }

  /** There may be data to read; reading waits until the opening was reported, see onOpened. */
  notice(connection: Connection): void {
    if (!this.isOpening(connection)) this.data.reader.notice(connection);
  }

  /** A URC has announced data. */
  private noteData(connection: Connection, length: number | undefined): void {
    if (!this.isOpening(connection)) this.data.reader.noteReport(connection, length);
  }

  /** Whether its opening was not reported yet, so that data must wait. A receiver is not told of the opening. */
  private isOpening(connection: Connection): boolean {
    return !connection.receiver && this.clientOf(connection)?.state === 'opening';
  }

  /** From now on, data and the end can be reported, even before OK. */
  private onClientOpen(socketId: number, result: number): void {
    const [client] = this.host.declarations.claimants(socketId);
    const before = this.table.get(socketId);
    if (result !== 0) {
      if (before) this.finish(before);
    } else if (client?.heldId === undefined && client?.name === 'client') {
      if (before) this.supersede(before);
      this.addClient({ socketId, protocol: client.protocol, owner: client.owner });
    }
  }

  /** A client open in the module that no node has declared. */
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
   * @param adopted accepted before this session
   */
  accept(socketId: number, serverId: number, ends: Ends, adopted = false): void {
    const before = this.table.get(socketId);
    const isKnown = before?.state === 'open' && before.isCertain && compareEnds(before.ends, ends) === 'same';
    // A list may have shown it already.
    if (isKnown) return;
    if (before) this.replace(before);
    else this.table.noteReused(socketId);
    const server = this.serverOf(serverId);
    if (!this.admission.admitsIncoming(server, serverId, ends.ip)) return this.admission.refuse(socketId);
    if (this.table.isFull) return this.noteFull();
    const connection = this.table.add({
      socketId,
      serverId,
      ends,
      protocol: server?.protocol ?? 'tcp',
      owner: server?.owner,
      isInherited: adopted,
      isAdmitted: server !== undefined || this.isNobodys(serverId),
    });
    if (server) this.present(server, connection, adopted);
    this.data.reader.noticeLater(connection);
    const closing = this.host.closer.closing(socketId);
    void closing?.then((isClosed) => (isClosed ? this.lookForHarm(connection) : undefined));
  }

  /** A close meant for the previous connection with this socket id may have closed this one. */
  private async lookForHarm(connection: Connection): Promise<void> {
    const isAlive = await this.isAlive(connection).catch(() => false);
    // A connection whose peer has closed is never listed.
    if (isAlive && connection.state === 'open') return;
    this.data.reader.tell(connection, closedByMistake(connection.socketId));
  }

  private tellIncoming(server: Declared, connection: Connection, adopted: boolean): void {
    const event = incomingEvent(connection);
    server.tell(adopted ? { ...event, adopted } : event);
  }

  /** A server gets a connection, established by its layer. What an earlier process had begun on it is not known. */
  private present(server: Declared, connection: Connection, adopted: boolean): void {
    const { layer } = server;
    if (!layer || isInUse(connection)) {
      if (connection.isEstablished) this.tellIncoming(server, connection, adopted);
      return;
    }
    if (!connection.isUnused) return this.turnAway(connection);
    this.establish(connection, layer).then(
      () => this.tellOwner(connection),
      (error: unknown) => this.host.declarations.of(server.owner)?.complain(toQfwdError(error)),
    );
  }

  /**
   * Runs the layer of a server or client over a new connection, which nobody is told of meanwhile.
   * @throws {QfwdError} the connection is closed then
   */
  async establish(connection: Connection, layer: Layer): Promise<void> {
    connection.isEstablished = false;
    const stream = this.streams.open(connection);
    try {
      await layer.establish(stream, this.flowsOf(connection, stream));
      if (stream.destroyed) throw closedMeanwhile();
      connection.isEstablished = true;
    } catch (error) {
      stream.destroy();
      if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
      throw error;
    }
  }

  private tellOwner(connection: Connection): void {
    const { owner = '' } = connection;
    this.host.declarations.tell(owner, incomingEvent(connection));
    connection.clear?.begin();
  }

  private flowsOf(connection: Connection, stream: ConnectionStream): Flows {
    const { reader } = this.data;
    const { clock, timers } = this.host;
    return {
      clock: { now: () => clock.now(), after: (ms, action) => timers.after(ms, action) },
      isWanted: () => reader.isWantedByConsumers(connection),
      take: (data) => reader.pass(connection, data),
      look: () => reader.poll(connection),
      end: () => this.onClearEnd(connection, stream),
      fail: (error) => {
        reader.tell(connection, error);
        stream.destroy();
      },
    };
  }

  /** The peer has ended the clear text, and may still get an answer. */
  private onClearEnd(connection: Connection, stream: ConnectionStream): void {
    connection.noteEnd(this.remoteReason(connection));
    this.host.timers.after(ANSWER_WINDOW, () => {
      if (connection.state === 'closed') return;
      if (this.data.sender.isBusy(connection)) this.onClearEnd(connection, stream);
      else void connection.clear?.end().then(() => stream.destroy());
    });
  }

  private serverOf(serverId: number): Declared | undefined {
    return this.host.declarations.claimants(serverId).find(({ name }) => name === 'server');
  }

  /** Whether no node has declared the server, and none can do so any more. */
  private isNobodys(serverId: number): boolean {
    return this.isSettled && !this.host.declarations.isAwaited(serverId);
  }

  /** Reports once that further connections are ignored. */
  private noteFull(): void {
    if (!this.isFullTold) this.emit('full');
    this.isFullTold = true;
  }

  /**
   * Compares with a list requested at `stamp`.
   * @param isFirst the first list of a session: what it lacks may have ended while the module was not heard
   */
  compare(listed: SocketList['sockets'], stamp: number, isFirst: boolean): void {
    for (const connection of this.table.missing(listed, stamp)) {
      if (isFirst) connection.closeReason ??= 'lost';
      this.miss(connection, listed);
    }
    this.table.confirm(listed, stamp);
    this.endListed(listed);
  }

  /** Ends connections that the list shows as ended. */
  endListed(listed: SocketList['sockets'], connections = this.table.all()): void {
    for (const connection of connections) {
      if (connection.isCertain && listed.get(connection.socketId)?.hasEnded) this.end(connection);
    }
  }

  /** All declared endpoints have been compared; connections without a declared server are closed. */
  settle(): void {
    this.streams.onListed();
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

  /** Data was read from connections, and its receiver is gone. */
  private noteDiscarded(bytes: number): void {
    if (bytes === 0) return;
    const text = `${bytes} bytes were read of connections that closed before they could be handed over`;
    this.emit('discarded', new QfwdError('QFWD_UNKNOWN_OUTCOME', text));
  }

  /**
   * Reports to an adopted endpoint the connections it already had, and closes those that its server does not admit.
   * Connections found after `stamp` were already reported.
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

  /** A connection whose server had no owner, or another one. */
  private introduce(server: Declared, connection: Connection): void {
    const { ends } = connection;
    // Connections that the owner already had are exempt from the limit, but their addresses may no longer be allowed.
    const isHad = connection.owner === server.owner;
    const isAdmitted =
      !ends || (isHad ? server.admits(ends.ip, 0) : this.admission.admits(server, ends.ip, connection));
    if (!isAdmitted) {
      this.turnAway(connection);
      return;
    }
    Object.assign(connection, { owner: server.owner, protocol: server.protocol, isAdmitted: true });
    this.present(server, connection, true);
  }

  /** The owner will not return: its connections are over, and are closed. Without a session, the next one closes them. */
  dismiss(owner: string): void {
    for (const connection of this.table.all()) {
      if (connection.owner !== owner) continue;
      const { isShared, socketId } = connection;
      this.abandon(connection, 'local');
      // The socket of a UDP server is closed with the server.
      if (!isShared) this.host.closer.close(socketId, { isWanted: () => !this.table.get(socketId) });
    }
  }

  /** The server is briefly undeclared, and may admit other peers afterwards. */
  suspend(owner: string): void {
    for (const connection of this.table.all()) {
      if (connection.owner === owner && connection.serverId !== undefined) connection.isAdmitted = false;
    }
  }

  /** The server checks its existing connections again. They are exempt from its limit. */
  private readmit(server: Declared): void {
    for (const connection of this.table.all()) {
      if (connection.owner !== server.owner || connection.isAdmitted) continue;
      const isUsable = !server.layer || isInUse(connection);
      if (!isUsable || (connection.ends && !server.admits(connection.ends.ip, 0))) {
        this.turnAway(connection);
      } else {
        connection.isAdmitted = true;
        this.notice(connection);
      }
    }
  }

  private turnAway(connection: Connection): void {
    this.finish(connection, 'refused');
    this.admission.refuse(connection.socketId);
  }

  occupant(socketId: number): Connection | undefined {
    return this.table.get(socketId);
  }

  /** Asks for a list and acts on differences. */
  async isAlive(connection: Connection): Promise<boolean> {
    if (!this.host.current.session || connection.isShared) return true;
    const { sockets, stamp } = await this.look.answer();
    const isMissing = this.table.isMissing(connection, sockets, stamp);
    if (isMissing) this.miss(connection, sockets);
    this.table.confirm(sockets, stamp);
    this.endListed(sockets, [connection]);
    return !isMissing && connection.state !== 'closed';
  }

  admits({ isShared, owner = '' }: Connection, sender?: Peer): boolean {
    const server = isShared ? this.host.declarations.of(owner) : undefined;
    // Where the module does not name the sender, it may be anybody.
    return server?.admits(sender?.ip ?? '', 0) ?? true;
  }

  prove(connection: Connection): Promise<boolean> {
    return this.proof.of(connection);
  }

  /** The module does not list the connection. */
  private miss(connection: Connection, listed: SocketList['sockets']): void {
    if (listed.has(connection.socketId)) {
      // The socket id is now another connection, whose data must not be read as this one's.
      this.replace(connection);
      this.emit('outdated');
    } else if (connection.isCertain) {
      this.end(connection);
    } else {
      // Other connections may have used the socket id meanwhile, so unread data may be theirs.
      this.finish(connection);
      this.emit('abandoned', connection);
    }
  }

  onUnreported(connection: Connection): void {
    this.emit('unreported', connection);
  }

  onUntold(error: QfwdError): void {
    this.emit('discarded', error);
  }

  /** The peer has closed. Data sent before is read first, if there is a receiver. */
  end(connection: Connection): void {
    if (connection.state !== 'open') return;
    connection.noteEnd(this.remoteReason(connection));
    this.table.end(connection);
    this.notice(connection);
  }

  /**
   * Everything was read. A peer that closes its side after a request, as `echo … | nc` does, may still wait for the
   * answer, so the flow gets a moment to send it.
   */
  onDrained(connection: Connection, isEmpty: boolean): void {
    const { isExclusive, receiver } = connection;
    const keepsId = isExclusive || this.host.current.session?.commands.limits.keepsIds === true;
    connection.isIdFree = isEmpty && !keepsId;
    if (receiver && !receiver.isOver && this.data.reader.isCovered(connection)) {
      receiver.onPeerEnd(connection);
    } else if (!isEmpty) {
      this.finish(connection);
      this.emit('abandoned', connection);
    } else if (!connection.hasReceived) {
      this.giveBack(connection);
    } else if (!this.ending.has(connection)) {
      this.ending.add(connection);
      this.host.timers.after(ANSWER_WINDOW, () => {
        this.ending.delete(connection);
        const { reader, sender } = this.data;
        if (sender.isBusy(connection) || reader.isBusy(connection)) this.onDrained(connection, isEmpty);
        else this.giveBack(connection);
      });
    }
  }

  /** The connection has ended and is empty: its socket id becomes free, where that takes a command. */
  private giveBack(connection: Connection): void {
    const { closer, current } = this.host;
    const { socketId } = connection;
    this.finish(connection);
    if (!current.session?.commands.limits.keepsIds) return;
    closer.close(socketId, { onDone: () => this.table.noteClosed(socketId) });
  }

  /** Closes this connection only, not a later one with the same socket id. @throws {QfwdError} */
  async close(session: Session, connection: Connection): Promise<void> {
    const { socketId } = connection;
    if (connection.clear) await connection.clear.end();
    try {
      // Reported before any other command, which could reach another connection with the same id.
      await session.close(socketId, {
        isWanted: () => connection.state !== 'closed',
        onAnswer: () => {
          const occupant = this.table.get(socketId);
          if (connection.isReplaced && occupant) void this.lookForHarm(occupant);
          else this.finish(connection, 'local');
        },
      });
    } catch (error) {
      if (error instanceof AtError && error.failure === 'cancelled') return;
      const isGone = isRejection(error) && !(await this.isAlive(connection).catch(() => true));
      throw isGone ? connectionClosed(socketId, connection.ends) : toQfwdError(error);
    }
  }

  /** Its stream has ended. The module closes a connection by itself after its peer, unless it was answered since. */
  private async closeStream(connection: Connection): Promise<void> {
    if (connection.state === 'ending') this.giveBack(connection);
    else await this.close(orOffline(this.host.current.dataSession), connection);
  }

  /**
   * The connection is over; notifies its owner.
   * @param reason if it was not closed from outside the driver
   */
  finish(connection: Connection, reason?: CloseReason): void {
    if (connection.state === 'closed') return;
    const client = this.clientOf(connection);
    // The opening is reported first; see onOpened.
    if (client && client.heldId === undefined) return;
    if (!connection.isEstablished) return this.drop(connection);
    this.data.reader.flush(connection);
    this.drop(connection);
    this.tellClose(connection, reason);
    client?.lost(reason === 'local' || connection.hasReceived);
  }

  /** The socket id of a client is another connection of the same client now. */
  private supersede(connection: Connection): void {
    this.drop(connection);
    this.tellClose(connection);
  }

  private tellClose(connection: Connection, reason?: CloseReason): void {
    const { socketId, serverId, owner = '', ends } = connection;
    // It is the socket of its server, whose end is reported as `server/close`.
    if (connection.isShared) return;
    this.host.declarations.tell(owner, {
      event: 'client/close',
      reason: connection.closeReason ?? reason ?? this.remoteReason(connection),
      ...connection.traffic,
      socketId,
      ...(serverId !== undefined && { serverId }),
      ...ends,
    });
  }

  /** Modules report a close of the peer and their own idle timeout alike. */
  private remoteReason({ serverId, silence }: Connection): CloseReason {
    const idleTimeout = serverId === undefined ? undefined : this.serverOf(serverId)?.idleTimeout;
    return idleTimeout && silence >= idleTimeout * 1000 * IDLE_SHARE ? 'idle' : 'peer';
  }

  /** Its socket id is another connection by now. */
  private replace(connection: Connection): void {
    this.table.noteReused(connection.socketId);
    this.abandon(connection);
  }

  /** The module has assigned the socket id to another connection, or the owner of the connection will not return. */
  private abandon(connection: Connection, reason?: CloseReason): void {
    this.finish(connection, reason);
    // The opening was never reported, so neither is the end.
    if (connection.state !== 'closed') this.drop(connection);
  }

  /** The connection is over; no event. */
  drop(connection: Connection): void {
    this.table.remove(connection);
    this.data.forget(connection);
    this.noteDiscarded(this.data.unread.forget(connection));
  }

  /** This modem object stops; its connections stay open in the module. Data already read is kept for the next one. */
  leave(): void {
    for (const connection of this.table.all()) {
      this.table.remove(connection);
      this.data.forget(connection);
    }
  }

  /** The client that has the connection, or is opening it. */
  private clientOf({ socketId, owner = '' }: Connection): Declared | undefined {
    const endpoint = this.host.declarations.of(owner);
    return endpoint?.name === 'client' && endpoint.claimedId === socketId ? endpoint : undefined;
  }
}

/** Whether a layer has its stream. */
function isInUse({ receiver }: Connection): boolean {
  return receiver?.isOver === false;
}

function incomingEvent({ socketId, serverId, ends }: Connection) {
  return {
    event: 'client/incoming',
    ...(serverId !== undefined && { serverId }),
    socketId,
    ...ends,
  } as const;
}

function closedMeanwhile(): QfwdError {
  return new QfwdError('QFWD_CLOSED', 'the connection was closed as it began');
}
