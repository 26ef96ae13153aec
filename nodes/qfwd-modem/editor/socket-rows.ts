/** The sockets of a modem as table rows. Pure: labels and texts are passed in. */
import type { EndpointSnapshot, SocketSnapshot, Trouble } from '../answers';

export interface SocketRow {
  /** Identifies the row among those of a modem. */
  readonly key: string;
  /** Missing while it is not open. */
  readonly socketId: number | undefined;
  /** The remote end, or the node and its state. */
  readonly peer: string;
  /** An accepted connection, below its server. */
  readonly indent: boolean;
  /** The node to show. */
  readonly reveal?: string;
  readonly traffic?: Traffic;
  /** Why the last attempt to open it failed. */
  readonly trouble?: Trouble;
}

/** Bytes, and ms since it was opened and since data was last transferred. */
export interface Traffic {
  readonly in: number;
  readonly out: number;
  readonly age: number;
  readonly silence: number;
}

export interface Names {
  /** The label of a node; `undefined` if there is no node with this id. */
  labelOf(nodeId: string): string | undefined;
  say(key: string): string;
}

/** Servers with their connections, then clients, then sockets that no node declared. */
export function socketRows(
  endpoints: readonly EndpointSnapshot[],
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
    .filter(({ kind }) => kind === 'server')
    .flatMap((server) => [
      endpointRow(names, server, undefined),
      ...take(({ owner }) => owner === server.owner).map((socket) => connectionRow(socket, true)),
    ]);
  const clients = endpoints
    .filter(({ kind }) => kind === 'client')
    .map((client) => endpointRow(names, client, take(({ owner }) => owner === client.owner)[0]));
  return [...servers, ...clients, ...[...left].map((socket) => connectionRow(socket, false))];
}

function endpointRow(
  names: Names,
  endpoint: EndpointSnapshot,
  socket: SocketSnapshot | undefined,
): SocketRow {
  const { owner, socketId, status, trouble } = endpoint;
  const nodeId = nodeOf(endpoint);
  const label = names.labelOf(nodeId);
  const address = socket ? addressOf(socket) : '';
  const doing = status === undefined ? '' : names.say(`status.${status}`);
  const peer = [labelOf(endpoint, names), address, doing].filter((text) => text !== '').join(' · ');
  return {
    key: owner,
    socketId: socketId ?? socket?.socketId,
    peer,
    indent: false,
    ...(label !== undefined && { reveal: nodeId }),
    ...(socket && { traffic: trafficOf(socket) }),
    ...(trouble && { trouble }),
  };
}

/** The label of the node of a server or client. */
export function labelOf(endpoint: EndpointSnapshot, names: Names): string {
  return names.labelOf(nodeOf(endpoint)) ?? names.say(`sidebar.${endpoint.kind}`);
}

function nodeOf({ owner }: EndpointSnapshot): string {
  return owner.split('/')[0] ?? owner;
}

function connectionRow(socket: SocketSnapshot, indent: boolean): SocketRow {
  const address = addressOf(socket);
  const { socketId } = socket;
  return {
    key: `${socketId} ${address}`,
    socketId,
    peer: address || '?',
    indent,
    traffic: trafficOf(socket),
  };
}

function addressOf({ ip, port, protocol, otherEnd }: SocketSnapshot): string {
  if (ip === undefined || port === undefined) return '';
  const address = `${protocol} ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  return otherEnd === undefined ? address : `${address} ⇄ ${otherEnd}`;
}

function trafficOf({ bytesIn, bytesOut, age, silence }: SocketSnapshot): Traffic {
  return { in: bytesIn, out: bytesOut, age, silence };
}
