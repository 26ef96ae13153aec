import type { Clock } from '../../at';
import type { Ends, Limits, UrcPort } from '../../sockets';
import type { CurrentLink } from '../link/current-link';
import type { Survey } from '../link/session';
import type { Declared } from '../sockets/declared';

/** What an endpoint needs of its modem. */
export interface EndpointHost {
  readonly clock: Clock;
  random(): number;
  readonly current: CurrentLink;
  /** @throws {AtError|QfwdError} `QFWD_OFFLINE` */
  list(): Promise<Survey>;
  /** See `Reports`. */
  destination(wanted: UrcPort): UrcPort;
  /** A socket id that nobody uses; the same for the same owner whenever possible. */
  allocate(limits: Limits, owner: string, variant: string, isTaken: (socketId: number) => boolean): number;
  /** Whether no other endpoint has this socket. */
  isFree(socketId: number, owner: string): boolean;
  onOpened(endpoint: Declared, socketId: number): Promise<void>;
  /** Both ends of a connection, as far as they are known; nothing of a server. */
  endsOf(socketId: number): Partial<Ends>;
  onClosed(endpoint: Declared, socketId: number): void;
  /** A mark in time, later than all before; a list asked for before it does not know what happened at it. */
  mark(): number;
  /** With what each owner's socket was opened, see `EndpointKind.unlistedSettings`; outlives the modem. */
  readonly openedWith: Map<string, string>;
  /** It is to be closed, but there is no session to do it in. */
  leave(endpoint: Declared, socketId: number): void;
  /** Opened though nobody waits for it any more. */
  discard(socketId: number): void;
}
