import type { PortName } from '../options';
import type { Connection } from './connection';

/** A family of socket commands: how it numbers its sockets, and what it reports about them. */
export interface SocketFamily {
  /** Result codes of a failed open: Linux errno, or those of AT+QIOPEN. */
  readonly results: 'errno' | 'quectel';
  /** Whether the id of a connection that has ended becomes free once its data was read; else the host has to close it. */
  readonly freesEnded: boolean;
  /** When further data is reported: after the last byte was read, or only after a read found nothing. */
  readonly rearms: 'at-last-byte' | 'at-empty-read';
  /** Whether the rest of a datagram that is longer than a read is kept for the next read. */
  readonly keepsRest: boolean;
  /** The id of the next accepted connection; undefined: it cannot be accepted. */
  acceptedId(isTaken: (id: number) => boolean): number | undefined;
  /** A server accepted a connection. */
  accepted(connection: Connection): void;
  /** A server had to refuse a connection, because there was no id for it. */
  refused(urcPort: PortName): void;
  /** Data can be read. `again`: this was reported before, and is not over yet. */
  received(connection: Connection, again: boolean): void;
  /** The connection has ended without the host. */
  ended(connection: Connection): void;
}
