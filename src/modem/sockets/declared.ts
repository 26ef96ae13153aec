import type { Protocol, UrcPort } from '../../sockets';
import type { QfwdError } from '../errors';
import type { Survey } from '../link/session';
import type { SocketEvent } from './events';

export type EndpointState = 'closed' | 'waiting' | 'opening' | 'open';

export interface OpenFailure {
  readonly error: QfwdError;
  /** On the clock of the modem, in ms. */
  readonly at: number;
}

/** Told what happens to an endpoint, unless its own call did it. */
export interface EndpointObserver {
  onEvent(event: SocketEvent): void;
  onState(state: EndpointState): void;
  /** A background attempt failed; reported once until one succeeds. */
  onError(error: QfwdError): void;
}

/** A server or client that somebody declared, whatever its settings. */
export interface Declared {
  /** Whoever declared it: stays the same over restarts. */
  readonly owner: string;
  readonly name: 'server' | 'client';
  readonly protocol: Protocol;
  /** To which port it is to report, when that is there. */
  readonly urcPort: UrcPort;
  readonly state: EndpointState;
  /** Why the last attempt failed; nothing once one has succeeded. */
  readonly lastFailure: OpenFailure | undefined;
  /** While it is open. */
  readonly socketId: number | undefined;
  /** While the module has it open as far as is known, with or without a session. */
  readonly heldId: number | undefined;
  /** The same, and while it is being opened or closed. */
  readonly claimedId: number | undefined;
  /**
   * Compares with what the module has: takes over what fits, notices what is gone.
   * @param stamp when the survey was asked for
   * @returns whether it was taken over now
   */
  adopt(survey: Survey, stamp: number): Promise<boolean>;
  /** Opens it if it should be open and is not. */
  openIfMissing(): void;
  /** The session is gone; what was open may still be. */
  suspend(): void;
  /** Closes it on the order of somebody else: whoever declared it is told. */
  closeAndTell(): Promise<void>;
  /**
   * The module does not have it any more. Opens it again if it is to be kept.
   * @param wasUseful it brought data, or was closed by a call: that it is over is no failure
   */
  lost(wasUseful?: boolean): void;
  /** Something happened to one of its connections. */
  tell(event: SocketEvent): void;
  /** Whether a server takes this peer, when it has so many connections already. */
  admits(ip: string, connections: number): boolean;
  /** It is not wanted any more. Leaves the module as it is. */
  retire(): void;
}
