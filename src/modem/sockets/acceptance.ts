import type { EventEmitter } from 'node:events';
import type { Timers } from '../../at';
import { compareEnds, type Ends } from '../../sockets';
import type { Connection } from '../data/connection';
import type { DataPath } from '../data/data-path';
import { closedByMistake, toQfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import { type Admission, admitsNameless } from './admission';
import type { ConnectionTable } from './connection-table';
import type { ConnectionsEvents } from './connections-events';
import type { DataNotices } from './data-notices';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import type { Disconnection } from './disconnection';
import type { Establishment } from './establishment';
import type { SocketCloser } from './socket-closer';
import type { Termination } from './termination';
import type { Verification } from './verification';

export interface AcceptanceHost {
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly closer: SocketCloser;
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly notices: DataNotices;
  readonly termination: Termination;
  readonly disconnection: Disconnection;
  readonly verification: Verification;
  readonly establishment: Establishment;
  readonly admission: Admission;
  readonly events: EventEmitter<ConnectionsEvents>;
}

/** Connections that servers of the module have accepted: which server each belongs to, and what its owner is told. */
export class Acceptance {
  /** Whether all declarations have been compared with the module once. */
  private isSettled = false;
  private isFullTold = false;

  constructor(private readonly host: AcceptanceHost) {}

  /**
   * A server of the module has accepted a connection.
   * @param adopted accepted before this session
   */
  accept(socketId: number, serverId: number, ends: Ends, adopted = false): void {
    const { admission, closer, data, declarations, table, termination, verification } = this.host;
    const before = table.get(socketId);
    const isKnown = before?.state === 'open' && before.isCertain && compareEnds(before.ends, ends) === 'same';
    // A list may have shown it already.
    if (isKnown && !this.wasClosed(before)) return;
    if (isKnown) data.consumers.tell(before, closedByMistake(socketId));
    if (before) termination.replace(before);
    else table.noteReused(socketId);
    const server = declarations.serverOf(serverId);
    if (!admission.admitsIncoming(server, serverId, ends.ip)) return admission.refuse(socketId);
    if (table.isFull) return this.noteFull();
    const connection = table.add({
      socketId,
      serverId,
      ends,
      protocol: server?.protocol ?? 'tcp',
      owner: server?.owner,
      isInherited: adopted,
      isAdmitted: server !== undefined || this.isUndeclared(serverId),
    });
    if (server) this.establishAndReport(server, connection, adopted);
    data.reader.noticeLater(connection);
    const closing = closer.closing(socketId);
    void closing?.then((isClosed) => (isClosed ? verification.checkMisdirectedClose(connection) : undefined));
  }

  /** Whether the same peer has connected once more, as a close meant for the connection before had closed this one. */
  private wasClosed({ isAnnounced, mayBeClosed, reportedTo, socketId }: Connection): boolean {
    const { closer, current } = this.host;
    // Commands run on the port of the moment, so URCs of the other one may be older than the answer to a close.
    const isCrossed = reportedTo !== current.port && closer.hasClosed(socketId);
    return isAnnounced && (mayBeClosed || isCrossed);
  }

  /** A server is open, newly opened or adopted. */
  onOpened(server: Declared, socketId: number): void {
    const { current, data, declarations, table, timers } = this.host;
    const { owner, protocol } = server;
    // One socket id may stand for all peers of a UDP server.
    const { namesSenders = false } = current.session?.commands.limits ?? {};
    const isAdmitted = namesSenders || admitsNameless(server);
    const isNew = protocol === 'udp' && isAdmitted && !table.get(socketId);
    const shared = isNew ? table.add({ socketId, protocol, owner, isShared: true }) : undefined;
    // Delayed, so that the opening is reported before data, and before the end of connections that are no longer admitted.
    timers.after(0, () => {
      // It may have been open before, with data whose URC is not repeated.
      if (shared) data.reader.notice(shared);
      if (declarations.of(owner) === server) this.readmit(server);
    });
  }

  /**
   * Reports to an adopted server the connections it already had, and closes those that it does not admit.
   * Connections found after `stamp` were already reported.
   */
  announce(server: Declared, serverId: number, stamp: number): void {
    for (const connection of this.all()) {
      const isTold = connection.owner === server.owner && connection.stamp > stamp;
      if (connection.serverId === serverId && !isTold) this.assign(server, connection);
    }
  }

  /** The server is briefly undeclared, and may admit other peers afterwards. */
  suspend(owner: string): void {
    for (const connection of this.host.table.all()) {
      if (connection.owner === owner && connection.serverId !== undefined) connection.isAdmitted = false;
    }
  }

  /** All declared endpoints have been compared; connections without a declared server are closed. */
  settle(): void {
    const { data, declarations, table, termination } = this.host;
    if (!this.isSettled) termination.noteDiscarded(data.unread.keepOnly(table.all()));
    this.isSettled = true;
    for (const connection of this.all()) {
      const { isAdmitted, owner = '', serverId } = connection;
      if (isAdmitted || serverId === undefined || declarations.isKnown(owner)) continue;
      const server = declarations.serverOf(serverId);
      if (server) this.assign(server, connection);
      else if (this.isUndeclared(serverId)) connection.isAdmitted = true;
    }
  }

  /** Makes the owner of the server the owner of a connection that had none, or another one. */
  private assign(server: Declared, connection: Connection): void {
    const { ends } = connection;
    // Connections that the owner already had are exempt from the limit, but their addresses may no longer be allowed.
    const isHad = connection.owner === server.owner;
    const isAdmitted =
      !ends || (isHad ? server.admits(ends.ip, 0) : this.host.admission.admits(server, ends.ip, connection));
    if (!isAdmitted) {
      this.refuse(connection);
      return;
    }
    Object.assign(connection, { owner: server.owner, protocol: server.protocol, isAdmitted: true });
    this.establishAndReport(server, connection, true);
  }

  /** Establishes the layer of the server over the connection, then reports it. An earlier process may have used it. */
  private establishAndReport(server: Declared, connection: Connection, adopted: boolean): void {
    const { declarations, establishment } = this.host;
    const { layer } = server;
    if (!layer || connection.isInUse) {
      const event = incomingEvent(connection);
      if (connection.isEstablished) server.tell(adopted ? { ...event, adopted } : event);
      return;
    }
    if (!connection.isUnused) return this.refuse(connection);
    establishment.establish(connection, layer).then(
      () => {
        declarations.tell(connection.owner ?? '', incomingEvent(connection));
        connection.clear?.begin();
      },
      (error: unknown) => declarations.of(server.owner)?.reportError(toQfwdError(error)),
    );
  }

  /** The server checks its existing connections again. They are exempt from its limit. */
  private readmit(server: Declared): void {
    for (const connection of this.all()) {
      if (connection.owner !== server.owner || connection.isAdmitted) continue;
      const isUsable = !server.layer || connection.isInUse;
      if (!isUsable || (connection.ends && !server.admits(connection.ends.ip, 0))) {
        this.refuse(connection);
      } else {
        connection.isAdmitted = true;
        this.host.notices.notice(connection);
      }
    }
  }

  /** Connections that may have an owner. */
  private all(): Connection[] {
    const { disconnection, table } = this.host;
    return table.all().filter((connection) => !disconnection.isParting(connection));
  }

  private refuse(connection: Connection): void {
    const { admission, disconnection } = this.host;
    admission.refuse(connection.socketId, disconnection.part(connection, 'refused'));
  }

  /** Whether no node has declared the server, and none is expected to. */
  private isUndeclared(serverId: number): boolean {
    return this.isSettled && !this.host.declarations.isAwaited(serverId);
  }

  /** Reports once that further connections are ignored. */
  private noteFull(): void {
    if (!this.isFullTold) this.host.events.emit('full');
    this.isFullTold = true;
  }
}

function incomingEvent({ socketId, serverId, ends }: Connection) {
  return {
    event: 'client/incoming',
    ...(serverId !== undefined && { serverId }),
    socketId,
    ...ends,
  } as const;
}
