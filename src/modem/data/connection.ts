import type { Transport } from '../../at';
import type { Ends, Protocol } from '../../sockets';
import type { Counters } from '../link/counters';

/** What is known of a socket that data can go through. */
export interface ConnectionOrigin {
  readonly socketId: number;
  readonly protocol: Protocol;
  /** The server that accepted it. */
  readonly serverId?: number;
  /** Whoever declared the server or client it belongs to. */
  readonly owner?: string | undefined;
  /** Missing until they are known, and for good where the socket is shared. */
  readonly ends?: Ends;
  /** A UDP server's own socket, which stands for all its peers on some firmware. */
  readonly isShared?: boolean;
}

/**
 * One connection from its beginning to its end. The module uses socket ids again, so what belongs to a connection
 * hangs on this object, never on the number.
 */
export class Connection implements ConnectionOrigin {
  readonly socketId: number;
  readonly protocol: Protocol;
  readonly serverId?: number;
  owner?: string | undefined;
  ends?: Ends;
  readonly isShared: boolean;
  /** The port of the module to which its URCs come, once one did. */
  reportedTo?: Transport | undefined;

  /** `ending`: the peer has closed, and what it sent before may not be read yet. */
  state: 'open' | 'ending' | 'closed' = 'open';
  /** False while whoever decides about its peer is away: nothing is read then. */
  isAdmitted = true;
  /** Bytes that the module took for the peer. */
  bytesOut = 0;
  /** Bytes from the peer that were read. */
  bytesIn = 0;

  get hasReceived(): boolean {
    return this.bytesIn > 0;
  }

  /** Whether it is known to have a peer, of its own or, being shared, any. */
  get hasPeer(): boolean {
    return !this.isShared || this.hasReceived;
  }

  constructor(
    origin: ConnectionOrigin,
    /** When it became known; see {@link ConnectionTable.stamp}. */
    readonly stamp: number,
    private readonly counters: Counters,
  ) {
    this.socketId = origin.socketId;
    this.protocol = origin.protocol;
    this.owner = origin.owner;
    this.isShared = origin.isShared ?? false;
    if (origin.serverId !== undefined) this.serverId = origin.serverId;
    if (origin.ends) this.ends = origin.ends;
  }

  noteSent(bytes: number): void {
    this.bytesOut += bytes;
    this.counters.payloadOut += bytes;
  }

  noteReceived(bytes: number): void {
    this.bytesIn += bytes;
    this.counters.payloadIn += bytes;
  }

  /** Whether this may be the very connection that the module lists. Addresses are written in more than one way. */
  isSame({ port }: Partial<Ends>): boolean {
    return this.ends === undefined || this.ends.port === port;
  }
}
