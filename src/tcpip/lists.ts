/** The one list of AT+QISTATE?, in the terms of all families. */
import {
  type AcceptedSocket,
  endsOf,
  type ListedServer,
  type ListedSocket,
  type SocketList,
} from '../sockets';
import { BUFFER_MODE } from './commands';
import { SERVICES, type SocketRow } from './queries';

/** @param isOver whether a connection has ended, or a server is dead */
export function listOf(rows: readonly SocketRow[], isOver: (row: SocketRow) => boolean): SocketList {
  const servers: ListedServer[] = [];
  const sockets = new Map<number, ListedSocket>();
  const occupied = new Set<number>();
  for (const row of rows) {
    const { socketId, service, ends, urcPort, serverId, state } = row;
    const { role, protocol } = SERVICES[service];
    if (state === 'opening' || row.accessMode !== BUFFER_MODE) {
      occupied.add(socketId);
    } else if (role === 'server') {
      if (!isOver(row)) servers.push({ socketId, protocol, port: ends.localPort, urcPort });
    } else {
      sockets.set(socketId, {
        socketId,
        direction: role === 'client' ? 'active' : 'income',
        protocol,
        ends,
        urcPort,
        ...(role === 'accepted' && { serverId }),
        ...(isOver(row) && { hasEnded: true }),
      });
    }
  }
  return { servers, sockets, occupied };
}

/** The connections of a server that are not over. */
export function acceptedBy({ sockets }: SocketList, serverId: number): AcceptedSocket[] {
  return [...sockets.values()]
    .filter((socket) => socket.serverId === serverId && !socket.hasEnded)
    .map(({ socketId, ends }, index) => ({ index: index + 1, socketId, ...endsOf(ends) }));
}
