import type { Timers } from '../../at';
import type { ListedSocket } from '../../sockets';
import type { Connection, ConnectionOrigin } from '../data/connection';
import type { DataPath } from '../data/data-path';
import type { CurrentLink } from '../link/current-link';
import type { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import type { Establishment } from './establishment';
import { isOurs } from './socket-id';
import type { Termination } from './termination';

export interface ClientsHost {
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly termination: Termination;
  readonly establishment: Establishment;
}

/** Connections that clients have opened. */
export class Clients {
  constructor(private readonly host: ClientsHost) {}

  /** The open URC. From now on, data and the end can be reported, even before OK. */
  onUrc(socketId: number, result: number): void {
    const { declarations, table, termination } = this.host;
    const [client] = declarations.claimants(socketId);
    const before = table.get(socketId);
    if (result !== 0) {
      if (before) termination.finish(before);
    } else if (client?.heldId === undefined && client?.kind === 'client') {
      if (before) termination.supersede(before);
      this.add({ socketId, protocol: client.protocol, owner: client.owner }).isUnreported = true;
    }
  }

  /** A client is open, newly opened or adopted. @throws {QfwdError} of its layer; the connection is closed then */
  async onOpened(client: Declared, socketId: number): Promise<void> {
    const { current, data, establishment, table, termination, timers } = this.host;
    const { layer, owner, protocol } = client;
    const { session } = current;
    const listed = await session?.sockets().catch(() => []);
    // If the session has ended meanwhile, the opening is not reported.
    if (client.heldId !== socketId || current.session !== session) return;
    const row = listed?.find((socket) => socket.socketId === socketId);
    const known = table.get(socketId);
    const isKnown = known && (!row || known.isListedAs(row));
    if (known && !isKnown) termination.supersede(known);
    const connection = isKnown ? known : this.add({ socketId, protocol, owner });
    connection.isUnreported = false;
    if (row) connection.ends = row.ends;
    if (layer && !connection.isInUse) await establishment.establish(connection, layer);
    // Delayed, so that the opening is reported before data and the end.
    timers.after(0, () => {
      connection.clear?.begin();
      data.reader.notice(connection);
    });
  }

  /** Reports to an adopted client the connection it already had. */
  announce(client: Declared, socketId: number): void {
    const { ends } = this.host.table.get(socketId) ?? {};
    client.tell({ event: 'client/incoming', socketId, ...ends, adopted: true });
  }

  /** A client open in the module that no node has declared. */
  addForeign({ socketId, protocol, ends }: ListedSocket): void {
    this.host.table.add({ socketId, protocol, ends });
  }

  private add(origin: ConnectionOrigin): Connection {
    const { current, table } = this.host;
    const { session } = current;
    const isExclusive = session !== undefined && isOurs(session.commands.limits, origin.socketId);
    return table.add({ ...origin, isExclusive });
  }
}
