import type { Protocol, UrcPort } from '../../sockets';
import type { QfwdError } from '../errors';
import type { Survey } from '../link/session';
import type { Layer } from '../stream/layer';
import type { CloseReason, SocketEvent } from './events';

export type EndpointState = 'closed' | 'waiting' | 'opening' | 'open';

export interface OpenFailure {
  readonly error: QfwdError;
  /** Time on the modem's clock, in ms. */
  readonly at: number;
}

/** Receives the events of an endpoint, except results of its own calls. */
export interface EndpointObserver {
  onEvent(event: SocketEvent): void;
  onState(state: EndpointState): void;
  /** A background attempt failed; reported once until one succeeds. */
  onError(error: QfwdError): void;
}

/** For callers who learn all they need from the results of their calls. */
export const SILENT: EndpointObserver = {
  onEvent: () => undefined,
  onState: () => undefined,
  onError: () => undefined,
};

/** A declared server or client, independent of its settings. */
export interface Declared {
  /** Identifies the owner; stable across restarts. */
  readonly owner: string;
  readonly kind: 'server' | 'client';
  readonly protocol: Protocol;
  /** Its settings, as text. */
  readonly wish: string;
  /** Of a server, in seconds. */
  readonly idleTimeout: number | undefined;
  /** The port for its URCs, while available. */
  readonly urcPort: UrcPort;
  /** What runs over its connections in place of the flows, if anything does. */
  readonly layer: Layer | undefined;
  readonly state: EndpointState;
  /** Why the last attempt failed; `undefined` after a success. */
  readonly lastFailure: OpenFailure | undefined;
  /** The socket id while open. */
  readonly socketId: number | undefined;
  /** The socket id while the module has it open as far as known, with or without a session. */
  readonly heldId: number | undefined;
  /** The same, also while it is being opened or closed. */
  readonly claimedId: number | undefined;
  /**
   * Compares with the module: adopts a matching socket, detects a missing one.
   * @param stamp when the survey was requested
   * @returns whether a socket was adopted
   */
  adopt(survey: Survey, stamp: number): Promise<boolean>;
  /** Opens the endpoint if it should be open and is closed. */
  openIfMissing(): void;
  /** The session is gone; the socket may still be open. */
  suspend(): void;
  /** Closes it on behalf of another caller; its owner is notified. */
  closeAndTell(): Promise<void>;
  /**
   * The module no longer has the socket. Reopens it if it is to be kept open.
   * @param wasUseful it delivered data or was closed by a call, so its end is no failure
   * @param reason why a server has closed
   */
  lost(wasUseful?: boolean, reason?: CloseReason): void;
  /** An event of one of its connections. */
  tell(event: SocketEvent): void;
  /** Reports what happened while the owner was away, so before any opening that it begins. */
  tellMissed(event: SocketEvent): void;
  /** One of its connections failed before it was reported. */
  reportError(error: QfwdError): void;
  /** Whether a server with `connections` connections admits this peer. */
  admits(ip: string, connections: number): boolean;
  /** The declaration ends. Leaves the module unchanged. */
  retire(): void;
}
