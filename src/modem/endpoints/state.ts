import type { EndpointState } from '../sockets/declared';

/**
 * State of the socket of a server or client, and the operation in progress.
 *
 *     closed, ended ─▶ opening ─▶ open ─▶ suspended ─▶ opening
 *                       │   ▲        │          │
 *                       ▼   │        │          │
 *                      waiting ◀─────┴──────────┘
 *
 * In every state, a call leads to closing or opening, and the end of the declaration leads to retired.
 */
export type State =
  /** Closed by a call, or never opened. */
  | { readonly name: 'closed' }
  /** Failed or ended, without automatic reopening. */
  | { readonly name: 'ended' }
  /** Waits for a session or the next attempt. The socket id is the last one tried or open. */
  | { readonly name: 'waiting'; readonly socketId?: number | undefined }
  | Opening
  | { readonly name: 'open'; readonly socketId: number }
  /** The session is gone. The module may still have it open. */
  | { readonly name: 'suspended'; readonly socketId: number }
  | Closing
  /** No longer declared. The socket id is the one at that time. */
  | { readonly name: 'retired'; readonly socketId?: number | undefined; readonly isHeld: boolean };

/** An attempt to open a socket or adopt an open one, and its progress. */
export interface Opening {
  readonly name: 'opening';
  /** A call waits for the result and receives its failure. */
  readonly isAsked: boolean;
  /** The socket id being tried. */
  socketId?: number;
  /** The module has the socket open. */
  isHeld: boolean;
  /** Resolves with the socket id, rejects with a `QfwdError`. */
  result?: Promise<number>;
}

export interface Closing {
  readonly name: 'closing';
  readonly socketId: number;
  /** Rejects with a `QfwdError`. */
  readonly done: Promise<void>;
  /** Settings, as text, for reopening on behalf of the last call. */
  next?: string | undefined;
}

/** The state as shown to users. */
export function shown({ name }: State): EndpointState {
  switch (name) {
    case 'open':
    case 'opening':
    case 'waiting':
      return name;
    case 'suspended':
      return 'waiting';
    default:
      return 'closed';
  }
}

/** The socket that the module has open as far as known. */
export function heldIdOf(state: State): number | undefined {
  switch (state.name) {
    case 'open':
    case 'suspended':
      return state.socketId;
    case 'opening':
    case 'retired':
      return state.isHeld ? state.socketId : undefined;
    default:
      return undefined;
  }
}

/** The same, or the socket being opened or closed. */
export function claimedIdOf(state: State): number | undefined {
  return state.name === 'waiting' || !('socketId' in state) ? undefined : state.socketId;
}
