import type { PortName } from '../options';
import type { IpVersion, Protocol } from './address';
import type { Connection } from './connection';

/** Arguments of AT+QFWDSEVER (manual 2.1), or of AT+QIOPEN. */
export interface ServerSetup {
  readonly id: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  readonly port: number;
  readonly backlog: number;
  /** Seconds without traffic after which a connection is closed; if missing, never. */
  readonly idleTimeout?: number;
  readonly urcPort: PortName;
}

/** A TCP or UDP server. */
export interface Server {
  readonly kind: 'server';
  readonly id: number;
  readonly setup: ServerSetup;
  urcPort: PortName;
  state: 'opening' | 'open';
  /** The connection with the server's own id, of a UDP server with the option `udpServer: shared`. */
  readonly shared?: Connection;
  /** Resolves when it listens; rejects with an error from `net` or `dgram`. */
  listen(): Promise<void>;
  close(): void;
}
