/** Types for the sockets of a module, common to all command families. */

export type Protocol = 'tcp' | 'udp';

export type IpVersion = 'IP' | 'IPV6';

/** The ports to which a module can send its URCs, as named in the manuals. */
export const URC_PORTS = ['usbat', 'usbmodem', 'uart1'] as const;
export type UrcPort = (typeof URC_PORTS)[number];

export interface Peer {
  readonly ip: string;
  readonly port: number;
}

/** The two ends of a connection; `ip` and `port` are the remote one. */
export interface Ends extends Peer {
  readonly localIp: string;
  readonly localPort: number;
}

/** Only the ends of an object that has them. */
export function endsOf({ ip, port, localIp, localPort }: Ends): Ends {
  return { ip, port, localIp, localPort };
}

/** A socket to be opened. */
export interface OpenSocket {
  readonly socketId: number;
  /** PDP context; 0 = any. */
  readonly pdpCid: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  /** The listening port of a server, the remote port of a client; 1–65535. */
  readonly port: number;
  /** The port for its URCs. */
  readonly urcPort: UrcPort;
}

export interface OpenServer extends OpenSocket {
  /** Connections that may wait to be accepted, 1–10. */
  readonly backlog: number;
  /** Seconds without data after which a connection is closed; 0 = never, or as late as the module allows. */
  readonly idleTimeout: number;
}

export interface OpenClient extends OpenSocket {
  /** Address or domain name. */
  readonly host: string;
}

export interface ListedServer {
  readonly socketId: number;
  readonly protocol: Protocol;
  readonly port: number;
  /** In lower case, as the module reports it; empty when not reported. */
  readonly urcPort: string;
}

/** A connection as the module lists it. */
export interface ListedSocket {
  readonly socketId: number;
  /** `active`: opened by the module; `income`: accepted by a server of the module. */
  readonly direction: 'active' | 'income';
  readonly protocol: Protocol;
  readonly ends: Ends;
  /** As in {@link ListedServer}. */
  readonly urcPort: string;
  /** The server that accepted it, where known. */
  readonly serverId?: number;
  /** Its peer has closed it, or its network is gone; it may hold unread data. */
  readonly hasEnded?: boolean;
}

/** A connection in the list of one server. */
export interface AcceptedSocket extends Ends {
  /** Its position in the list, which changes as others close. */
  readonly index: number;
  readonly socketId: number;
}

/** All sockets that the module lists. */
export interface SocketList {
  readonly servers: readonly ListedServer[];
  readonly sockets: ReadonlyMap<number, ListedSocket>;
  /** Ids of sockets that cannot be used: still connecting, or opened by others in another mode. */
  readonly occupied?: ReadonlySet<number>;
}

/** Whether the socket is listed, as a server or as a connection. */
export function isListed({ servers, sockets, occupied }: SocketList, socketId: number): boolean {
  if (occupied?.has(socketId)) return true;
  return sockets.has(socketId) || servers.some((server) => server.socketId === socketId);
}

/** The buffers of a socket, in bytes. Figures that a family does not report are missing. */
export interface QueueFigures {
  readonly socketId: number;
  /** 0 = the peer has received everything. */
  readonly sendUsed: number;
  /** Since the socket was opened. */
  readonly sendTotal?: number;
  readonly sendUnused?: number;
  readonly sendMax?: number;
  readonly recvUsed: number;
  readonly recvTotal?: number;
  readonly recvUnused?: number;
  readonly recvMax?: number;
}

/** The meaning of an unsolicited result code. */
export type SocketUrc =
  /** Result of opening a server: 0 = success. */
  | { readonly event: 'server/open'; readonly socketId: number; readonly result: number }
  /** Result of connecting a client: 0 = success. */
  | { readonly event: 'client/open'; readonly socketId: number; readonly result: number }
  /** A server accepted a connection. */
  | ({ readonly event: 'client/incoming'; readonly serverId: number; readonly socketId: number } & Ends)
  /** Data is readable; some firmware adds its length in bytes. */
  | { readonly event: 'client/read'; readonly socketId: number; readonly length?: number }
  /** The peer closed the connection, which may still hold unread data. */
  | { readonly event: 'client/close'; readonly socketId: number }
  /** The module has no socket left for a connection, which was refused. */
  | { readonly event: 'server/full' }
  /** A PDP context was deactivated: all its sockets are dead. */
  | { readonly event: 'context/lost'; readonly pdpCid: number }
  /** Any other line: RDY, +CPIN: READY … */
  | { readonly event: 'other'; readonly line: string };
