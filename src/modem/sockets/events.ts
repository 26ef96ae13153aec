import type { Ends } from '../../sockets';

/** What happens to the sockets of a server or client, in the words of the manual's URCs as far as it has them. */
export type SocketEvent =
  | OpenEvent
  | {
      /** An attempt to open it failed that no call had asked for. */
      readonly event: 'server/failed' | 'client/failed';
      /** The one that was tried, if it came to that. */
      readonly socketId?: number;
      /** What the module said, if it was that. */
      readonly result?: number;
      /** In words. */
      readonly reason: string;
    }
  | ({ readonly event: 'server/close'; readonly socketId: number } & Partial<Ends>)
  | ({
      readonly event: 'client/incoming';
      /** Missing of a client's own connection that was found alive. */
      readonly serverId?: number;
      readonly socketId: number;
      /** It was found alive after the modem had been away. */
      readonly adopted?: true;
    } & Partial<Ends>)
  | ({
      readonly event: 'client/close';
      readonly socketId: number;
      readonly serverId?: number;
    } & Partial<Ends>);

/** A connection's event has its ends, as far as they are known. */
export interface OpenEvent extends Partial<Ends> {
  readonly event: 'server/open' | 'client/open';
  readonly socketId: number;
  readonly result: 0;
  /** It was open already. */
  readonly adopted?: true;
}
