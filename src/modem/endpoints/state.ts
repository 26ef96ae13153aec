import type { EndpointState } from '../sockets/declared';

/**
 * What is known of the socket of a server or client, and what is being done about it.
 *
 *     closed, ended ─▶ opening ─▶ open ─▶ suspended ─▶ opening
 *                       │   ▲        │          │
 *                       ▼   │        │          │
 *                      waiting ◀─────┴──────────┘
 *
 * From each of them a call leads to closing or opening, and the end of its declaration to retired.
 */
export type State =
  /** By a call, or not opened yet. */
  | { readonly name: 'closed' }
  /** It failed or came to its end, and is not to be opened again by itself. */
  | { readonly name: 'ended' }
  /** For a session, or for the next attempt. The socket id is the one that was tried or open last. */
  | { readonly name: 'waiting'; readonly socketId?: number | undefined }
  | Opening
  | { readonly name: 'open'; readonly socketId: number }
  /** The session is gone. The module may still have it open. */
  | { readonly name: 'suspended'; readonly socketId: number }
  | Closing
  /** Nobody declares it any more. The socket is what it was then. */
  | { readonly name: 'retired'; readonly socketId?: number | undefined; readonly isHeld: boolean };

/** An attempt to open it, or to take over what the module has open, and how far that has got. */
export interface Opening {
  readonly name: 'opening';
  /** A call waits for the result, and is told if it fails. */
  readonly isAsked: boolean;
  /** The one that is tried now. */
  socketId?: number;
  /** The module has it open. */
  isHeld: boolean;
  /** Resolves with the socket id, rejects with a `QfwdError`. */
  result?: Promise<number>;
}

export interface Closing {
  readonly name: 'closing';
  readonly socketId: number;
  /** Rejects with a `QfwdError`. */
  readonly done: Promise<void>;
  /** The settings, as text, with which the last call wants it to be opened afterwards. */
  next?: string | undefined;
}

/** As it is shown. */
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

/** The socket that the module has open, as far as is known. */
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

/** The same, and the one that is being opened or closed. */
export function claimedIdOf(state: State): number | undefined {
  return state.name === 'waiting' || !('socketId' in state) ? undefined : state.socketId;
}
