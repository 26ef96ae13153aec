/** A forwarded port: what its owner sees of it, whichever way it forwards. */
import type { EndpointState, Modem, QfwdError } from '../modem';

/**
 * Why a forwarded connection is over:
 *
 * - `peer`: the far side has ended it, which is the one beyond the module.
 * - `local`: the side of this computer has ended it, or its owner.
 * - `idle`: nothing was transferred for as long as allowed.
 * - `lost`: the module or the connection to it was lost.
 */
export type ForwardCloseReason = 'peer' | 'local' | 'idle' | 'lost';

export interface ForwardedEnds {
  readonly socketId: number;
  /** The end beyond the module, as far as known. */
  readonly ip?: string;
  readonly port?: number;
  readonly localIp?: string;
  readonly localPort?: number;
  /** Who has connected, and where the connection leads; as `address:port`. */
  readonly from: string;
  readonly to: string;
}

export type ForwardEvent =
  /** The port is listened on. `socketId` if it is a port of the module. */
  | { readonly event: 'server/open'; readonly port: number; readonly socketId?: number }
  | { readonly event: 'server/failed'; readonly port: number; readonly reason: string }
  | { readonly event: 'server/close'; readonly port: number; readonly reason: string }
  /** Both ends of a connection are open. */
  | ({ readonly event: 'client/open' } & ForwardedEnds)
  | ({
      readonly event: 'client/close';
      /** Bytes from the module, and to it. */
      readonly bytesIn: number;
      readonly bytesOut: number;
      readonly ms: number;
      readonly reason: ForwardCloseReason;
    } & ForwardedEnds);

export interface ForwardObserver {
  onEvent(event: ForwardEvent): void;
  /** The state of the listening port. */
  onState(state: EndpointState): void;
  /** The port could not be opened, or one connection failed and has ended. */
  onError(error: QfwdError): void;
}

export interface ForwardHost {
  readonly modem: Modem;
  /** Identifies the forwarding; the same after a restart. */
  readonly owner: string;
  readonly observer: ForwardObserver;
}

export interface Forward {
  /** The number of open connections. */
  readonly count: number;
  /** Listens now. @throws {QfwdError} */
  open(): Promise<ForwardEvent>;
  /** Stops listening, and ends the connections. Resolves with `undefined` when it did not listen. @throws {QfwdError} */
  close(): Promise<ForwardEvent | undefined>;
  /**
   * Its owner goes away: ends the connections.
   * @param forGood it will not return, so a listening port of the module is closed, too
   */
  stop(forGood: boolean): Promise<void>;
}
