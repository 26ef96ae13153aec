import type { Ends } from '../../sockets';
import type { CloseReason, Traffic } from '../data/connection';

export type { CloseReason, Traffic };

/** Socket events of a server or client, named after the manual's URCs where possible. */
export type SocketEvent =
  | OpenEvent
  | {
      /** A background attempt to open it failed. */
      readonly event: 'server/failed' | 'client/failed';
      /** The socket id of the attempt, if any. */
      readonly socketId?: number;
      /** `result` of the open URC, if any. */
      readonly result?: number;
      /** As text. */
      readonly reason: string;
    }
  | {
      readonly event: 'server/close';
      readonly socketId: number;
      /** `local`: closed by a call. `lost`: the module no longer has it. */
      readonly reason: CloseReason;
    }
  | ({
      readonly event: 'client/incoming';
      /** Missing for a client's own connection. */
      readonly serverId?: number;
      readonly socketId: number;
      /** Found still open after the modem had been offline. */
      readonly adopted?: true;
    } & Partial<Ends>)
  | ({
      readonly event: 'client/close';
      readonly socketId: number;
      readonly serverId?: number;
      readonly reason: CloseReason;
    } & Traffic &
      Partial<Ends>);

/** A connection's event includes its ends as far as known. */
export interface OpenEvent extends Partial<Ends> {
  readonly event: 'server/open' | 'client/open';
  readonly socketId: number;
  readonly result: 0;
  /** It was already open. */
  readonly adopted?: true;
}

/** Events that happened while the owner of their socket was away. */
export type MissedEvents = readonly [owner: string, events: readonly SocketEvent[]];
