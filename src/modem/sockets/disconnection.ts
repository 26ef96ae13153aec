import type { EventEmitter } from 'node:events';
import { AtError, isRejection, type Timers } from '../../at';
import type { Connection } from '../data/connection';
import type { DataPath } from '../data/data-path';
import { connectionClosed, orOffline, toQfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';
import type { ConnectionTable } from './connection-table';
import type { ConnectionsEvents } from './connections-events';
import type { SocketCloser } from './socket-closer';
import type { Termination } from './termination';
import type { Verification } from './verification';

export interface DisconnectionHost {
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly closer: SocketCloser;
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly termination: Termination;
  readonly verification: Verification;
  readonly events: EventEmitter<ConnectionsEvents>;
}

/** How long after its last data a connection closed by its peer can still send an answer, in ms. */
export const ANSWER_WINDOW = 100;

/** Closes connections in the module, on request or after their peer. */
export class Disconnection {
  /** Connections that wait for {@link ANSWER_WINDOW}. */
  private readonly ending = new Set<Connection>();

  constructor(private readonly host: DisconnectionHost) {}

  /** Closes this connection only, not a later one with the same socket id. @throws {QfwdError} */
  async close(session: Session, connection: Connection): Promise<void> {
    const { table, termination, verification } = this.host;
    const { socketId } = connection;
    if (connection.clear) await connection.clear.end();
    try {
      // Reported before any other command, which could reach another connection with the same id.
      await session.close(socketId, {
        isWanted: () => connection.state !== 'closed',
        onAnswer: () => {
          const occupant = table.get(socketId);
          if (connection.isReplaced && occupant) void verification.checkMisdirectedClose(occupant);
          else termination.finish(connection, 'local');
        },
      });
    } catch (error) {
      if (error instanceof AtError && error.failure === 'cancelled') return;
      const isGone = isRejection(error) && !(await verification.isAlive(connection).catch(() => true));
      throw isGone ? connectionClosed(socketId, connection.ends) : toQfwdError(error);
    }
  }

  /** Its stream has ended. The module closes a connection by itself after its peer, unless it was answered since. */
  async closeStream(connection: Connection): Promise<void> {
    if (connection.state === 'ending') this.freeSocketId(connection);
    else await this.close(orOffline(this.host.current.dataSession), connection);
  }

  /** The owner will not return: its connections are over, and are closed. Without a session, the next one closes them. */
  dismiss(owner: string): void {
    const { closer, table, termination } = this.host;
    for (const connection of table.all()) {
      if (connection.owner !== owner) continue;
      const { isShared, socketId } = connection;
      termination.abandon(connection, 'local');
      // The socket of a UDP server is closed with the server.
      if (!isShared) closer.close(socketId, { isWanted: () => !table.get(socketId) });
    }
  }

  /**
   * Everything was read. A peer that closes its side after a request, as `echo … | nc` does, may still wait for the
   * answer, so the flow gets a moment to send it.
   */
  onDrained(connection: Connection, isEmpty: boolean): void {
    // A close on request may have been faster.
    if (connection.state === 'closed') return;
    const { current, data, events, termination, timers } = this.host;
    const { consumers, reader, sender } = data;
    const { isExclusive, receiver } = connection;
    const keepsId = isExclusive || current.session?.commands.limits.keepsIds === true;
    connection.isIdFree = isEmpty && !keepsId;
    if (receiver && !receiver.isOver && consumers.isCovered(connection)) {
      receiver.onPeerEnd(connection);
    } else if (!isEmpty) {
      termination.finish(connection);
      events.emit('abandoned', connection);
    } else if (!connection.hasReceived) {
      this.freeSocketId(connection);
    } else if (!this.ending.has(connection)) {
      this.ending.add(connection);
      timers.after(ANSWER_WINDOW, () => {
        this.ending.delete(connection);
        if (connection.state === 'closed') return;
        if (sender.isBusy(connection) || reader.isBusy(connection)) this.onDrained(connection, isEmpty);
        else this.freeSocketId(connection);
      });
    }
  }

  /** The connection has ended and is empty: its socket id becomes free, where that takes a command. */
  private freeSocketId(connection: Connection): void {
    const { closer, current, table, termination } = this.host;
    const { socketId } = connection;
    termination.finish(connection);
    if (!current.session?.commands.limits.keepsIds) return;
    closer.close(socketId, { onDone: () => table.noteClosed(socketId) });
  }
}
