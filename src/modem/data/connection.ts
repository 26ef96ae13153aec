import type { Transport } from '../../at';
import { compareEnds, type Ends, type ListedSocket, type Protocol } from '../../sockets';
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
  /** See {@link Connection.isExclusive}. */
  readonly isExclusive?: boolean;
  /** See {@link Connection.isAdmitted}; true unless said otherwise. */
  readonly isAdmitted?: boolean;
  /** See {@link Connection.id}; a new one unless the modem before knew it already. */
  readonly id?: string;
}

/**
 * One connection from its beginning to its end. The module uses socket ids again, so what belongs to a connection
 * hangs on this object, never on the number.
 */
export class Connection implements ConnectionOrigin {
  /** Its own alone, over all runs: no other connection of the module had or will have it. */
  readonly id: string;
  readonly socketId: number;
  protocol: Protocol;
  readonly serverId?: number;
  owner?: string | undefined;
  ends?: Ends;
  readonly isShared: boolean;
  /** Nobody but this driver gives out its socket id, so that does not become another connection unnoticed. */
  readonly isExclusive: boolean;
  /** The port of the module to which its URCs come, once one did. */
  reportedTo?: Transport | undefined;

  /** `ending`: the peer has closed, and what it sent before may not be read yet. */
  state: 'open' | 'ending' | 'closed' = 'open';
  /** Since when its socket id may be another connection, as reports may have been lost; a {@link ConnectionTable.stamp}. */
  doubtedAt?: number | undefined;
  /** Whether its server lets it in. Who owns that may not be known yet. */
  isAdmitted: boolean;
  /** The module has given its socket id to another connection. */
  isReplaced = false;
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

  /** Whether all that happened to its socket id was heard, so that this stands for it and for no other. */
  get isCertain(): boolean {
    return this.doubtedAt === undefined;
  }

  /** Whether what its socket id holds is its own, and may be had. */
  get isReadable(): boolean {
    return this.state !== 'closed' && this.isCertain && this.isAdmitted;
  }

  constructor(
    origin: ConnectionOrigin,
    /** When it became known; see {@link ConnectionTable.stamp}. */
    readonly stamp: number,
    private readonly counters: Counters,
    run: string,
  ) {
    this.id = origin.id ?? `${run}.${stamp}`;
    this.socketId = origin.socketId;
    this.protocol = origin.protocol;
    this.owner = origin.owner;
    this.isShared = origin.isShared ?? false;
    this.isExclusive = origin.isExclusive ?? false;
    this.isAdmitted = origin.isAdmitted ?? true;
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

  /** Whether it is this one that the module lists under its socket id. A list may not say enough to tell. */
  isListedAs({ direction, ends }: ListedSocket): boolean {
    if (direction === 'income' && this.serverId === undefined) return false;
    const likeness = compareEnds(this.ends, ends);
    return likeness === 'same' || (likeness === 'unknown' && this.isCertain);
  }

  /** Whether a list that says so leaves no doubt: where no ends are known, the socket id is all there is to know it by. */
  isProvedBy(ends: Ends): boolean {
    const likeness = compareEnds(this.ends, ends);
    const isNameless = compareEnds(this.ends, this.ends) === 'unknown';
    return likeness === 'same' || (likeness === 'unknown' && isNameless);
  }
}
