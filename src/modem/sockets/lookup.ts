import type { Connection } from '../data/connection';
import { connectionClosed, noSuchSocket, orOffline, QfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import { checkSocketId } from './socket-id';

/** Finds connections by socket id, with errors that name the cause. */
export class Lookup {
  constructor(
    private readonly current: CurrentLink,
    private readonly declarations: Declarations,
    private readonly table: ConnectionTable,
  ) {}

  /** @throws {QfwdError} `QFWD_OFFLINE` or `QFWD_CLOSED` */
  connection(socketId: number): Connection {
    checkSocketId(orOffline(this.current.dataSession).commands.limits, socketId);
    const connection = this.table.get(socketId);
    if (connection) return connection;
    if (this.declarations.serverOf(socketId))
      throw new QfwdError('QFWD_CLOSED', `socket ${socketId} is a server: name one of its connections`);
    const former = this.table.former(socketId);
    throw former ? connectionClosed(socketId, former.ends) : noSuchSocket(socketId);
  }

  /** A connection whose data is for flows. @throws {QfwdError} */
  forFlows(target: Connection | number): Connection {
    const connection = typeof target === 'number' ? this.connection(target) : target;
    if (!connection.receiver || connection.clear) return connection;
    throw new QfwdError(
      'QFWD_INVALID',
      `socket ${connection.socketId} is forwarded: its data is not for flows`,
    );
  }
}
