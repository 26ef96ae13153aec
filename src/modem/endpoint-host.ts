import type { Clock } from '../at';
import type { Ends } from '../qfwd';
import type { Declared } from './declared';
import type { Session } from './session';
import type { Survey } from './survey';

/** What an endpoint needs of its modem. */
export interface EndpointHost {
  readonly clock: Clock;
  random(): number;
  session(): Session | undefined;
  survey(): Promise<Survey>;
  /** A socket id that nobody uses; the same for the same owner whenever possible. */
  allocate(owner: string, variant: string, isTaken: (socketId: number) => boolean): number;
  /** Whether no other endpoint has this socket. */
  isFree(socketId: number, owner: string): boolean;
  onOpened(endpoint: Declared, socketId: number): Promise<void>;
  /** Both ends of a connection, as far as they are known; nothing of a server. */
  endsOf(socketId: number): Partial<Ends>;
  onClosed(endpoint: Declared, socketId: number): void;
  /** A mark in time, later than all before; a list asked for before it does not know what happened at it. */
  mark(): number;
  /** With what each owner's socket was opened, see `EndpointKind.hidden`; outlives the modem. */
  readonly openedWith: Map<string, string>;
  /** It is to be closed, but there is no session to do it in. */
  leave(endpoint: Declared, socketId: number): void;
  /** Opened though nobody waits for it any more. */
  discard(socketId: number): void;
}
