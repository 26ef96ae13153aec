import type { Clock, Timers } from '../../at';
import type { Ends, Limits, UrcPort } from '../../sockets';
import type { CurrentLink } from '../link/current-link';
import type { Survey } from '../link/session';
import type { Declared } from '../sockets/declared';
import type { Traffic } from '../sockets/events';
import type { StreamSocket } from '../sockets/left-behind';

/** What an endpoint needs from its modem. */
export interface EndpointHost {
  readonly clock: Clock;
  /** Cancelled when the modem stops. */
  readonly timers: Timers;
  random(): number;
  readonly current: CurrentLink;
  /** @throws {AtError|QfwdError} `QFWD_OFFLINE` */
  list(): Promise<Survey>;
  /** See `Reports`. */
  destination(wanted: UrcPort): UrcPort;
  /** A free socket id; the same one for the same owner whenever possible. */
  allocate(limits: Limits, owner: string, variant: string, isTaken: (socketId: number) => boolean): number;
  /** Whether no other endpoint has this socket. */
  isFree(socketId: number, owner: string): boolean;
  /** @throws {QfwdError} its layer could not be established, and the socket is closed */
  onOpened(endpoint: Declared, socketId: number): Promise<void>;
  /** The connection is to be closed: its layer tells the peer. Never rejects. */
  endLayer(socketId: number): Promise<void>;
  /** Whether the socket, which was found open, can go on as it is: a layer of an earlier process cannot. */
  isAdoptable(endpoint: Declared, socketId: number): boolean;
  /** Both ends of a connection as far as known; empty for a server. */
  endsOf(socketId: number): Partial<Ends>;
  trafficOf(socketId: number): Traffic;
  onClosed(endpoint: Declared, socketId: number): void;
  /** A time stamp later than all before; a list requested earlier does not cover events after it. */
  mark(): number;
  /** Settings of each owner's open socket, see `EndpointTraits.unlistedSettings`; kept beyond this modem object. */
  readonly openedWith: Map<string, string>;
  /** A connection for a stream is about to be opened, under an id that anybody may have. */
  onOpeningStream(owner: string, socket: StreamSocket): void;
  /** To be closed, but without a session. */
  leave(endpoint: Declared, socketId: number): void;
  /** Opened, but no longer wanted. */
  discard(socketId: number): void;
}
