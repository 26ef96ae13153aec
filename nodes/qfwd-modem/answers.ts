/** Types of the JSON that the runtime sends to the editor; see admin.ts. Types only, because both import them. */
import type { Facts } from '../../src/modem/diagnosis/facts';
import type { Counters } from '../../src/modem/link/counters';
import type { LinkState } from '../../src/modem/link/link-state';

export type { Finding } from '../../src/modem/diagnosis/finding';
export type { ListedPort } from '../../src/ports/listed-port';

/**
 * One measured item: a literal text, perhaps with a unit (a key below `unit` in the message catalog), or a key below `word`
 * in the message catalog.
 */
export type Measured = { readonly item: string } & (
  | { readonly value: string; readonly unit?: 'ms' | 'bytes'; readonly word?: undefined }
  | { readonly value?: undefined; readonly unit?: undefined; readonly word: string }
);

export interface Calibration {
  /** The measured firmware version, and the current one if it differs. */
  readonly firmware: string;
  readonly firmwareNow?: string;
  /** Why the measurement is incomplete. */
  readonly obstacle?: string;
  /** How binary data is sent with payload format Automatic. */
  readonly binary: 'raw' | 'hex' | 'unproved' | 'damaged';
  readonly rows: readonly Measured[];
}

export interface SavedTrace {
  /** The text of a file, see src/trace. */
  readonly trace: string;
}

export interface SocketSnapshot {
  readonly socketId: number;
  readonly serverId?: number;
  readonly protocol: string;
  readonly state: string;
  /** Id of the server, client or forward node, which may be followed by a slash and more. */
  readonly owner?: string;
  readonly ip?: string;
  readonly port?: number;
  /** Since it was opened, and since data was last transferred, in ms. */
  readonly age: number;
  readonly silence: number;
  /** The end at this computer, if it is forwarded. */
  readonly otherEnd?: string;
  /** Bytes of payload to and from the peer. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** Something that went wrong. */
export interface Trouble {
  /** ms since 1970, on the clock of the runtime. */
  readonly at: number;
  readonly text: string;
}

/** A declared server or client. */
export interface EndpointSnapshot {
  readonly owner: string;
  readonly kind: 'server' | 'client';
  readonly state: string;
  readonly protocol: string;
  readonly socketId?: number;
  /** A key below `status` in the message catalog; missing while it is open. */
  readonly status?: string;
  /** Why the last attempt to open it failed. */
  readonly trouble?: Trouble;
}

/** One modem in the list of all. */
export interface ModemSummary {
  readonly id: string;
  readonly name: string;
  readonly portName: string;
  /** `unused`: the port is closed, because no node uses the modem. `error`: the configuration is invalid. */
  readonly state: LinkState | 'unused' | 'error';
  /** The family of socket commands in use, while there is a session. */
  readonly commands?: 'qfwd' | 'tcpip';
  /** Why it is offline, or why its configuration is invalid. */
  readonly reason?: string;
  /** Number of declared servers and clients that are not open, although they should be. */
  readonly waiting: number;
  /** One of them; one that has failed, if there is any. */
  readonly waitingFor?: EndpointSnapshot;
}

/** A line of the AT log. */
export interface LogLine {
  /** ms since 1970, on the clock of the runtime. */
  readonly at: number;
  readonly direction: 'out' | 'in' | 'note';
  readonly text: string;
}

export interface ModemSnapshot extends ModemSummary {
  /** The last thing that went wrong with the link. */
  readonly trouble?: Trouble;
  readonly facts?: Facts;
  readonly counters?: Readonly<Counters>;
  /** Bytes that wait to be sent. */
  readonly queue?: { readonly bytes: number; readonly limit: number };
  readonly endpoints: readonly EndpointSnapshot[];
  readonly sockets: readonly SocketSnapshot[];
  /** Number of lines logged so far. */
  readonly lineCount: number;
  /** AT commands and responses, oldest first: those after the ones that the editor has already. */
  readonly lines: readonly LogLine[];
}
