import type { EventEmitter } from 'node:events';
import type { SocketList } from '../../sockets';
import type { Connection } from '../data/connection';
import type { DataPath } from '../data/data-path';
import { closedByMistake, orOffline } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { ConnectionTable } from './connection-table';
import type { ConnectionsEvents } from './connections-events';
import { Shared } from './shared';
import type { Termination } from './termination';

export interface VerificationHost {
  readonly current: CurrentLink;
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly termination: Termination;
  readonly events: EventEmitter<ConnectionsEvents>;
}

/** Compares the known connections with the lists of the module, and acts on differences. */
export class Verification {
  /** A list for queries about single connections: many of them share one, and it alternates with reads and sends. */
  private readonly look = new Shared(async (isWanted) => {
    const stamp = this.host.table.stamp();
    const { sockets } = await orOffline(this.host.current.session).list({ lane: 'look', isWanted });
    return { sockets, stamp };
  });

  constructor(private readonly host: VerificationHost) {}

  /**
   * Compares with a list requested at `stamp`.
   * @param isFirst the first list of a session: what it lacks may have ended while the module was not heard
   */
  compare({ servers, sockets: listed }: SocketList, stamp: number, isFirst: boolean): void {
    const { table, termination } = this.host;
    for (const connection of table.all()) {
      const { isShared, stamp: known } = connection;
      if (isShared && known <= stamp && !isServer(servers, connection)) termination.drop(connection);
    }
    for (const connection of table.missing(listed, stamp)) {
      if (isFirst) connection.closeReason ??= 'lost';
      this.onMissing(connection, listed);
    }
    table.confirm(listed, stamp);
    this.endListed(listed);
  }

  /** Ends connections that the list shows as ended. */
  endListed(listed: SocketList['sockets'], connections = this.host.table.all()): void {
    for (const connection of connections) {
      if (connection.isCertain && listed.get(connection.socketId)?.hasEnded)
        this.host.termination.end(connection);
    }
  }

  /** Asks for a list and acts on differences. */
  async isAlive(connection: Connection): Promise<boolean> {
    return (await this.lookUp(connection)) !== 'missing' && connection.state !== 'closed';
  }

  /** `ended`: the module still has it, and shows that its peer has closed it. */
  private async lookUp(connection: Connection): Promise<'present' | 'ended' | 'missing'> {
    const { current, table } = this.host;
    if (!current.session || connection.isShared) return 'present';
    const { sockets, stamp } = await this.look.answer();
    const isMissing = table.isMissing(connection, sockets, stamp);
    if (isMissing) this.onMissing(connection, sockets);
    table.confirm(sockets, stamp);
    this.endListed(sockets, [connection]);
    if (isMissing) return 'missing';
    return sockets.get(connection.socketId)?.hasEnded ? 'ended' : 'present';
  }

  /** A close meant for the previous connection with this socket id may have closed this one. */
  async checkMisdirectedClose(connection: Connection): Promise<void> {
    const seen = await this.lookUp(connection).catch(() => 'missing');
    if (seen === 'ended') return;
    if (seen === 'present' && connection.state === 'open') {
      connection.mayBeClosed = true;
      return;
    }
    this.host.data.consumers.tell(connection, closedByMistake(connection.socketId));
  }

  /** The module does not list the connection. */
  private onMissing(connection: Connection, listed: SocketList['sockets']): void {
    const { events, termination } = this.host;
    if (listed.has(connection.socketId)) {
      // The socket id is now another connection, whose data must not be read as this one's.
      termination.replace(connection);
      events.emit('outdated');
    } else if (connection.isCertain) {
      termination.end(connection);
    } else {
      // Other connections may have used the socket id meanwhile, so unread data may be theirs.
      termination.finish(connection);
      events.emit('abandoned', connection);
    }
  }
}

/** Whether the socket of a UDP server is listed as such. */
function isServer(servers: SocketList['servers'], { socketId, protocol }: Connection): boolean {
  return servers.some((it) => it.socketId === socketId && it.protocol === protocol);
}
