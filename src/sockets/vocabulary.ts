/** Sockets of a module, as any family of commands has them. */

export type Protocol = 'tcp' | 'udp';

export type IpVersion = 'IP' | 'IPV6';

/** The ports to which a module can send its URCs, by the names of the manuals. */
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

/** The ends of whatever has them, without the rest of it. */
export function endsOf({ ip, port, localIp, localPort }: Ends): Ends {
  return { ip, port, localIp, localPort };
}

interface Opening {
  readonly socketId: number;
  /** PDP context; 0 = any. */
  readonly pdpCid: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  /** Of a server the one that it listens on, of a client the remote one; 1–65535. */
  readonly port: number;
  /** Where its URCs are to go. */
  readonly urcPort: UrcPort;
}

export interface OpenServer extends Opening {
  /** Connections that may wait to be accepted, 1–10. */
  readonly backlog: number;
  /** Seconds without data after which a connection is closed. */
  readonly idleTimeout: number;
}

export interface OpenClient extends Opening {
  /** Address or domain name. */
  readonly host: string;
}

export interface ListedServer {
  readonly socketId: number;
  readonly protocol: Protocol;
  readonly port: number;
  /** In lower case, as the module says it; empty where it does not say. */
  readonly urcPort: string;
}

/** A connection as the module lists it. */
export interface ListedSocket {
  readonly socketId: number;
  /** `active`: the module made it; `income`: a server of the module accepted it. */
  readonly direction: 'active' | 'income';
  readonly protocol: Protocol;
  readonly ends: Ends;
  /** As in {@link ListedServer}. */
  readonly urcPort: string;
  /** The server that accepted it, where that is known. */
  readonly serverId?: number;
}

/** A connection in the list of one server. */
export interface AcceptedSocket extends Ends {
  /** Its place in the list, which changes as others close. */
  readonly index: number;
  readonly socketId: number;
}

/** Everything the module says that it has. */
export interface SocketList {
  readonly servers: readonly ListedServer[];
  readonly sockets: ReadonlyMap<number, ListedSocket>;
}

/** Whether it is listed, as a server or as a connection. */
export function isListed({ servers, sockets }: SocketList, socketId: number): boolean {
  return sockets.has(socketId) || servers.some((server) => server.socketId === socketId);
}

/** The buffers of a socket, in bytes. What a family does not tell is missing. */
export interface QueueFigures {
  readonly socketId: number;
  /** 0 = the peer has everything. */
  readonly sendUsed: number;
  readonly sendUnused?: number;
  readonly sendMax?: number;
  readonly recvUsed: number;
  readonly recvUnused?: number;
  readonly recvMax?: number;
}

/** What an unsolicited line of a module means. */
export type SocketUrc =
  /** Whether a server was set up: 0 = success. */
  | { readonly event: 'server/open'; readonly socketId: number; readonly result: number }
  /** Whether a client was connected: 0 = success. */
  | { readonly event: 'client/open'; readonly socketId: number; readonly result: number }
  /** A server accepted a connection. */
  | ({ readonly event: 'client/incoming'; readonly serverId: number; readonly socketId: number } & Ends)
  /** There is something to read; on some firmware with its length in bytes. */
  | { readonly event: 'client/read'; readonly socketId: number; readonly length?: number }
  /** The peer closed the connection, which may still hold unread data. */
  | { readonly event: 'client/close'; readonly socketId: number }
  /** Any other line: RDY, +CPIN: READY … */
  | { readonly event: 'other'; readonly line: string };
