import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/** The network behind the module, as far as its sockets use it. What is not named is as in `node:net` and `node:dgram`. */
export interface Network {
  /** Emits `connect`, or `error` with a Linux `code`. */
  connect(remote: {
    readonly host: string;
    readonly port: number;
    /** Missing: any. */
    readonly localPort?: number;
    readonly localAddress?: string;
  }): TcpSocket;
  /** Emits `connection` with a {@link TcpSocket}. */
  createServer(): TcpListener;
  createSocket(version: 'udp4' | 'udp6'): DatagramSocket;
}

/** Both of its directions end separately. */
export interface TcpSocket extends Duplex {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  setNoDelay(noDelay: boolean): unknown;
  /** Destroys it after all that was written has been sent. */
  destroySoon(): void;
  /** Sends RST. */
  resetAndDestroy(): unknown;
}

/** Emits `listening`, or `error` with a Linux `code`. */
export interface TcpListener extends EventEmitter {
  listen(at: { readonly port: number; readonly host: string; readonly backlog: number }): unknown;
  /** Connections that it has accepted stay open. */
  close(): unknown;
}

/** Emits `message` with the datagram and its sender, `listening`, `connect` and `error`. */
export interface DatagramSocket extends EventEmitter {
  bind(at: { readonly port: number; readonly address: string; readonly exclusive: boolean }): unknown;
  connect(port: number, address: string): unknown;
  /** To the peer that it is connected to. */
  send(datagram: Buffer, sent: () => void): void;
  send(datagram: Buffer, port: number, address: string, sent: () => void): void;
  address(): { readonly address: string; readonly port: number };
  close(): unknown;
}
