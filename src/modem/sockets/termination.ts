import type { EventEmitter } from 'node:events';
import type { CloseReason, Connection } from '../data/connection';
import type { DataPath } from '../data/data-path';
import { QfwdError } from '../errors';
import type { ConnectionTable } from './connection-table';
import type { ConnectionsEvents } from './connections-events';
import type { DataNotices } from './data-notices';
import type { Declarations } from './declarations';

export interface TerminationHost {
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly declarations: Declarations;
  readonly notices: DataNotices;
  readonly events: EventEmitter<ConnectionsEvents>;
}

/** The part of the idle timeout after which the module may count a connection as idle: it notes data sooner than the driver. */
const IDLE_SHARE = 0.9;

/** The end of a connection as the driver records it: its reason, its last data, and the event to its owner. */
export class Termination {
  constructor(private readonly host: TerminationHost) {}

  /** The peer has closed. Data sent before is read first, if there is a receiver. */
  end(connection: Connection): void {
    if (connection.state !== 'open') return;
    connection.noteEnd(this.remoteReason(connection));
    this.host.table.end(connection);
    this.host.notices.notice(connection);
  }

  /**
   * The connection is over; notifies its owner.
   * @param reason if it was not closed from outside the driver
   */
  finish(connection: Connection, reason?: CloseReason): void {
    if (connection.state === 'closed') return;
    const client = this.host.declarations.clientOf(connection);
    // The opening is reported first; see `Clients`.
    if (client && client.heldId === undefined) return;
    if (!connection.isEstablished) return this.drop(connection);
    this.host.data.consumers.flush(connection);
    this.drop(connection);
    this.tellClose(connection, reason);
    client?.lost(reason === 'local' || connection.hasReceived);
  }

  /** The socket id of a client is another connection of the same client now. */
  supersede(connection: Connection): void {
    this.drop(connection);
    this.tellClose(connection);
  }

  /** Its socket id is another connection by now. */
  replace(connection: Connection): void {
    this.host.table.noteReused(connection.socketId);
    this.abandon(connection);
  }

  /** The module has assigned the socket id to another connection, or the owner of the connection will not return. */
  abandon(connection: Connection, reason?: CloseReason): void {
    this.finish(connection, reason);
    // The opening was never reported, so neither is the end.
    if (connection.state !== 'closed') this.drop(connection);
  }

  /** The connection is over; no event. */
  drop(connection: Connection): void {
    const { data, table } = this.host;
    table.remove(connection);
    data.forget(connection);
    this.noteDiscarded(data.unread.forget(connection));
  }

  /** So many bytes were read of connections that are over, and their receiver is gone. */
  noteDiscarded(bytes: number): void {
    if (bytes === 0) return;
    const text = `${bytes} bytes were read of connections that closed before they could be handed over`;
    this.host.events.emit('discarded', new QfwdError('QFWD_UNKNOWN_OUTCOME', text));
  }

  /** This modem object stops; its connections stay open in the module. Data already read is kept for the next one. */
  leave(): void {
    const { data, table } = this.host;
    for (const connection of table.all()) {
      table.remove(connection);
      data.forget(connection);
    }
  }

  /** Modules report a close of the peer and their own idle timeout alike. */
  remoteReason({ serverId, silence }: Connection): CloseReason {
    const server = serverId === undefined ? undefined : this.host.declarations.serverOf(serverId);
    const idleTimeout = server?.idleTimeout;
    return idleTimeout && silence >= idleTimeout * 1000 * IDLE_SHARE ? 'idle' : 'peer';
  }

  private tellClose(connection: Connection, reason?: CloseReason): void {
    const { isShared, isUnreported, socketId, serverId, owner = '', ends } = connection;
    // A shared one is the socket of its server, whose end is reported as `server/close`.
    if (isShared || isUnreported) return;
    this.host.declarations.tell(owner, {
      event: 'client/close',
      reason: connection.closeReason ?? reason ?? this.remoteReason(connection),
      ...connection.traffic,
      socketId,
      ...(serverId !== undefined && { serverId }),
      ...ends,
    });
  }
}
