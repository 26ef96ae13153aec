/** The JSON that the editor gets from the runtime; see admin.ts. Nothing but types, as both halves import them. */
import type { Counters } from '../../src/modem/link/counters';
import type { LinkState } from '../../src/modem/link/link-state';

export type { Finding } from '../../src/modem/diagnosis/finding';

/** One thing that was measured: a text as it is, or a word of the catalog. */
export type Measured = { readonly item: string } & (
  | { readonly value: string; readonly word?: undefined }
  | { readonly value?: undefined; readonly word: string }
);

export interface Calibration {
  /** The version of the firmware that was measured, and of the one that is there now, if that is another. */
  readonly firmware: string;
  readonly firmwareNow?: string;
  /** Why not more could be measured. */
  readonly obstacle?: string;
  /** How binary data is sent from now on, if it is left to the driver. */
  readonly binary: 'raw' | 'hex' | 'unproved' | 'damaged';
  readonly rows: readonly Measured[];
}

export interface ListedPort {
  /** The name that lasts longest: by-id where there is one. */
  readonly path: string;
  /** Where that leads, if it is a link. */
  readonly device?: string;
  readonly manufacturer?: string;
  /** Such as `2c7c:0125`. */
  readonly usbId?: string;
  readonly interface?: string;
  /** The AT port of a module that these nodes are made for. */
  readonly isAtPort: boolean;
  /** The modem node that uses it. */
  readonly usedBy?: { readonly id: string; readonly name: string };
  readonly lockedBy?: string;
}

export interface SocketSnapshot {
  readonly socketId: number;
  readonly serverId?: number;
  readonly protocol: string;
  readonly state: string;
  /** Id of the server or client node. */
  readonly owner?: string;
  readonly ip?: string;
  readonly port?: number;
  /** Bytes of payload to and from the peer. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface ModemSnapshot {
  readonly id: string;
  readonly name: string;
  readonly portName: string;
  /** `unused`: its port is closed, as no node uses it. `error`: its configuration is not valid. */
  readonly state: LinkState | 'unused' | 'error';
  /** Why it is offline, or what is wrong with its configuration. */
  readonly reason?: string;
  readonly counters?: Readonly<Counters>;
  /** Bytes that wait to be sent. */
  readonly queue?: { readonly bytes: number; readonly limit: number };
  readonly endpoints: readonly {
    readonly owner: string;
    readonly name: 'server' | 'client';
    readonly state: string;
    readonly protocol: string;
    readonly socketId?: number;
  }[];
  readonly sockets: readonly SocketSnapshot[];
  /** How many lines of the dialogue there have been. */
  readonly lineCount: number;
  /** The last of the AT dialogue, oldest first; `ago` in ms. */
  readonly lines: readonly {
    readonly ago: number;
    readonly direction: 'out' | 'in' | 'note';
    readonly text: string;
  }[];
}
