/** The sockets of a modem as table rows. Pure: labels and texts are passed in. */
import type { ModemSnapshot, SocketSnapshot } from '../answers';

export interface SocketRow {
  /** Missing while it is not open. */
  readonly socketId: number | undefined;
  /** The remote end, or the node and its state. */
  readonly peer: string;
  /** An accepted connection, below its server. */
  readonly indent: boolean;
  /** The node to show. */
  readonly reveal?: string;
  /** Bytes. */
  readonly traffic?: { readonly in: number; readonly out: number };
}

export interface Names {
  /** What the editor calls a node; `undefined` when it has none of this id. */
  labelOf(nodeId: string): string | undefined;
  say(key: string): string;
}

type Endpoint = ModemSnapshot['endpoints'][number];

/** Servers with their connections, then clients, then sockets that no node declared. */
export function socketRows(
  endpoints: readonly Endpoint[],
  sockets: readonly SocketSnapshot[],
  names: Names,
): SocketRow[] {
  const left = new Set(sockets);
  const take = (isWanted: (socket: SocketSnapshot) => boolean): SocketSnapshot[] => {
    const taken = [...left].filter(isWanted);
    for (const socket of taken) left.delete(socket);
    return taken;
  };
  const servers = endpoints
    .filter(({ name }) => name === 'server')
    .flatMap((server) => [
      endpointRow(names, server, undefined),
      ...take(({ owner }) => owner === server.owner).map((socket) => connectionRow(socket, true)),
    ]);
  const clients = endpoints
    .filter(({ name }) => name === 'client')
    .map((client) => endpointRow(names, client, take(({ owner }) => owner === client.owner)[0]));
  return [...servers, ...clients, ...[...left].map((socket) => connectionRow(socket, false))];
}

function endpointRow(
  names: Names,
  { owner, name, state, socketId }: Endpoint,
  socket: SocketSnapshot | undefined,
): SocketRow {
  const [nodeId = owner] = owner.split('/');
  const label = names.labelOf(nodeId);
  const address = socket ? addressOf(socket) : '';
  const doing = state === 'open' ? '' : names.say(`status.${state === 'waiting' ? 'retrying' : state}`);
  const peer = [label ?? names.say(`sidebar.${name}`), address, doing]
    .filter((text) => text !== '')
    .join(' · ');
  return {
    socketId: socketId ?? socket?.socketId,
    peer,
    indent: false,
    ...(label !== undefined && { reveal: nodeId }),
    ...(socket && { traffic: trafficOf(socket) }),
  };
}

function connectionRow(socket: SocketSnapshot, indent: boolean): SocketRow {
  return { socketId: socket.socketId, peer: addressOf(socket) || '?', indent, traffic: trafficOf(socket) };
}

function addressOf({ ip, port, protocol, otherEnd }: SocketSnapshot): string {
  if (ip === undefined || port === undefined) return '';
  const address = `${protocol} ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  return otherEnd === undefined ? address : `${address} ⇄ ${otherEnd}`;
}

function trafficOf({ bytesIn, bytesOut }: SocketSnapshot): { in: number; out: number } {
  return { in: bytesIn, out: bytesOut };
}
