import { say } from './say';
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

type Endpoint = ModemSnapshot['endpoints'][number];

/** Servers with their connections, then clients, then what no node has declared. */
export function socketRows(endpoints: readonly Endpoint[], sockets: readonly SocketSnapshot[]): SocketRow[] {
  const left = new Set(sockets);
  const take = (isWanted: (socket: SocketSnapshot) => boolean): SocketSnapshot[] => {
    const taken = [...left].filter(isWanted);
    for (const socket of taken) left.delete(socket);
    return taken;
  };
  const servers = endpoints
    .filter(({ name }) => name === 'server')
    .flatMap((server) => [
      endpointRow(server, undefined),
      ...take(({ owner }) => owner === server.owner).map((socket) => connectionRow(socket, true)),
    ]);
  const clients = endpoints
    .filter(({ name }) => name === 'client')
    .map((client) => endpointRow(client, take(({ owner }) => owner === client.owner)[0]));
  return [...servers, ...clients, ...[...left].map((socket) => connectionRow(socket, false))];
}

function endpointRow(
  { owner, name, state, socketId }: Endpoint,
  socket: SocketSnapshot | undefined,
): SocketRow {
  const node = RED.nodes.node(owner);
  const label = node ? RED.utils.getNodeLabel(node, owner) : say(`sidebar.${name}`);
  const shown = state === 'open' ? [] : [say(`status.${state === 'waiting' ? 'retrying' : state}`)];
  return {
    socketId: socketId ?? socket?.socketId,
    peer: [label, ...(socket ? [addressOf(socket)] : []), ...shown].filter((text) => text !== '').join(' · '),
    indent: false,
    ...(node && { reveal: owner }),
    ...(socket && { traffic: trafficOf(socket) }),
  };
}

function connectionRow(socket: SocketSnapshot, indent: boolean): SocketRow {
  return { socketId: socket.socketId, peer: addressOf(socket) || '?', indent, traffic: trafficOf(socket) };
}

function addressOf({ ip, port, protocol }: SocketSnapshot): string {
  if (ip === undefined || port === undefined) return '';
  return `${protocol} ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}

function trafficOf({ bytesIn, bytesOut }: SocketSnapshot): { in: number; out: number } {
  return { in: bytesIn, out: bytesOut };
}
