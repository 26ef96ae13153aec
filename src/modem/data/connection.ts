import type { Clock, Transport } from '../../at';
import { compareEnds, type Ends, type ListedSocket, type Protocol } from '../../sockets';
import type { Counters } from '../link/counters';
import type { ClearText } from './clear-text';
import type { Receiver } from './receiver';

/** Known properties of a data socket. */
export interface ConnectionOrigin {
  readonly socketId: number;
  readonly protocol: Protocol;
  /** The server that accepted it. */
  readonly serverId?: number;
  /** The owner of the declared server or client that the connection belongs to. */
  readonly owner?: string | undefined;
  /** Missing until known; always missing for a shared socket. */
  readonly ends?: Ends;
  /** The socket of a UDP server, which some firmware uses for all peers. */
  readonly isShared?: boolean;
  /** See {@link Connection.isExclusive}. */
  readonly isExclusive?: boolean;
  /** See {@link Connection.isAdmitted}; true unless said otherwise. */
  readonly isAdmitted?: boolean;
  /** See {@link Connection.id}; a new id unless the previous modem instance knew the connection. */
  readonly id?: string;
  /** It was open before this modem object heard of it, so that data of it may have been transferred. */
  readonly isInherited?: boolean;
  /** What the previous modem instance has counted. */
  readonly traffic?: Traffic;
}

/** What was transferred over a connection, as far as known: nothing before it was adopted. */
export interface Traffic {
  /** Bytes that were read. */
  readonly bytesIn: number;
  /** Bytes that the module accepted for sending. */
  readonly bytesOut: number;
  /** How long it was open, in ms. */
  readonly ms: number;
}

/**
 * Why a connection is over:
 *
 * - `peer`: the peer or the network has closed it.
 * - `idle`: nothing was transferred for as long as its server allows.
 * - `local`: a call or a deploy has closed it.
 * - `lost`: it was gone after the module had restarted, or had not been heard for some time.
 * - `refused`: its server no longer admits the peer.
 */
export type CloseReason = 'peer' | 'idle' | 'local' | 'lost' | 'refused';

export const NO_TRAFFIC: Traffic = { bytesIn: 0, bytesOut: 0, ms: 0 };

/**
 * One connection, from open to close. The module reuses socket ids, so the state of a connection is kept in this
 * object, never by socket id.
 */
export class Connection implements ConnectionOrigin {
  /** Unique among all connections of the module, also across restarts of the process. */
  readonly id: string;
  readonly socketId: number;
  protocol: Protocol;
  readonly serverId?: number;
  owner?: string | undefined;
  ends?: Ends;
  readonly isShared: boolean;
  readonly isInherited: boolean;
  /** Only this driver assigns its socket id, so the id cannot become another connection unnoticed. */
  readonly isExclusive: boolean;
  /** The port that receives its URCs; set by the first URC. */
  reportedTo?: Transport | undefined;
  /** Receives its data in place of all consumers. */
  receiver?: Receiver;
  /** Its data for flows, if it is encrypted. */
  clear?: ClearText;
  /** The end at this computer of a forwarded connection, as `address:port`. */
  otherEnd?: string;
  /** It is ready for use and was reported; see `Layer`. */
  isEstablished = true;

  /** `ending`: the peer has closed, but there may be unread data. */
  state: 'open' | 'ending' | 'closed' = 'open';
  /** When URCs may have been lost, so that its id may mean another connection; a {@link ConnectionTable.stamp}. */
  doubtedAt?: number | undefined;
  /** Whether its server admits it. The owner of the server may not be known yet. */
  isAdmitted: boolean;
  /** Its `client/incoming` URC was received. */
  isAnnounced = false;
  /** Its opening is known from its open URC alone and was not reported, so its end is not either. */
  isUnreported = false;
  /** The module has assigned its socket id to another connection. */
  isReplaced = false;
  /** A close meant for the connection before it may have closed it: it did if the same peer is reported once more. */
  mayBeClosed = false;
  /** When data for it last had to wait for room in the module, as a time of the clock of the senders. */
  blockedAt = -Infinity;
  /** It has ended and is empty, so the module may assign its socket id to another connection at any time. */
  isIdFree = false;
  /** Set as soon as it is known, which may be before its last data is read. */
  closeReason: CloseReason | undefined;
  /** See {@link Traffic}. */
  bytesIn: number;
  bytesOut: number;
  private readonly openedAt: number;
  /** When data was last transferred, or it was opened. */
  private activeAt: number;
  /** When it was closed from outside. */
  private endedAt: number | undefined;

  get traffic(): Traffic {
    const { bytesIn, bytesOut, endedAt = this.clock.now(), openedAt } = this;
    return { bytesIn, bytesOut, ms: Math.round(endedAt - openedAt) };
  }

  /** How long nothing was transferred, in ms. */
  get silence(): number {
    return this.clock.now() - this.activeAt;
  }

  get hasReceived(): boolean {
    return this.bytesIn > 0;
  }

  /** Whether certainly nothing was transferred yet. */
  get isUnused(): boolean {
    return !this.isInherited && this.bytesIn + this.bytesOut === 0;
  }

  /** Whether a receiver takes its data. */
  get isInUse(): boolean {
    return this.receiver?.isOver === false;
  }

  /** Whether it has a peer to send to; for a shared socket: whether data was received from any peer. */
  get hasPeer(): boolean {
    return this.isEstablished && (!this.isShared || this.hasReceived);
  }

  /** Whether no URC can have been lost, so that its socket id certainly means this connection. */
  get isCertain(): boolean {
    return this.doubtedAt === undefined;
  }

  /** Whether data in its socket belongs to it and may be read. */
  get isReadable(): boolean {
    return this.state !== 'closed' && this.isCertain && this.isAdmitted && !this.isIdFree;
  }

  constructor(
    origin: ConnectionOrigin,
    /** When it became known; see {@link ConnectionTable.stamp}. */
    readonly stamp: number,
    private readonly counters: Counters,
    private readonly clock: Clock,
    run: string,
  ) {
    const { bytesIn, bytesOut, ms } = origin.traffic ?? NO_TRAFFIC;
    this.bytesIn = bytesIn;
    this.bytesOut = bytesOut;
    this.activeAt = clock.now();
    this.openedAt = this.activeAt - ms;
    this.id = origin.id ?? `${run}.${stamp}`;
    this.socketId = origin.socketId;
    this.protocol = origin.protocol;
    this.owner = origin.owner;
    this.isShared = origin.isShared ?? false;
    this.isInherited = origin.isInherited ?? false;
    this.isExclusive = origin.isExclusive ?? false;
    this.isAdmitted = origin.isAdmitted ?? true;
    if (origin.serverId !== undefined) this.serverId = origin.serverId;
    if (origin.ends) this.ends = origin.ends;
  }

  /** It was closed from outside; its last data may not have been read yet. */
  noteEnd(reason: CloseReason): void {
    this.closeReason ??= reason;
    this.endedAt = this.clock.now();
  }

  /** From now on, only the clear text counts as its data. */
  secure(clear: ClearText): void {
    this.clear = clear;
    this.bytesIn = 0;
    this.bytesOut = 0;
  }

  noteSent(bytes: number): void {
    this.bytesOut += bytes;
    if (bytes > 0) this.activeAt = this.clock.now();
    this.counters.payloadOut += bytes;
  }

  noteReceived(bytes: number): void {
    this.bytesIn += bytes;
    if (bytes > 0) this.activeAt = this.clock.now();
    this.counters.payloadIn += bytes;
  }

  /** Whether the listed socket with its id is this connection. The list may lack the details to decide. */
  isListedAs({ direction, ends }: ListedSocket): boolean {
    if (direction === 'income' && this.serverId === undefined) return false;
    const likeness = compareEnds(this.ends, ends);
    return likeness === 'same' || (likeness === 'unknown' && this.isCertain);
  }

  /** Whether these listed ends prove the identity. Without known ends, the socket id is the only identification. */
  isProvedBy(ends: Ends): boolean {
    const likeness = compareEnds(this.ends, ends);
    const isNameless = compareEnds(this.ends, this.ends) === 'unknown';
    return likeness === 'same' || (likeness === 'unknown' && isNameless);
  }
}
