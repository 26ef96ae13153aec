import type { Clock, Transport } from '../at';
import type { Profile, Received, SocketFamily, SocketUrc } from '../sockets';
import type { CalibratorOptions } from './calibration/calibrator';
import type { ConnectionOrigin } from './data/connection';
import type { QfwdError } from './errors';
import type { Kept } from './link/kept';
import type { FoundFamily } from './link/found-family';
import type { StreamSocket } from './sockets/left-behind';
import type { Trace } from './link/journal';
import type { LinkState } from './link/link-state';
import type { PinMemory } from './link/pin-memory';
import type { PortsOptions } from './link/ports';
import type { MissedEvents } from './sockets/events';

export interface ModemOptions extends PortsOptions, CalibratorOptions {
  /** How long to wait for an open URC, in ms. */
  readonly openTimeout: number;
  /** Maximum number of bytes queued for sending. */
  readonly queueLimit: number;
}

export interface ModemEnvironment {
  /** Identifies the modem. */
  readonly id?: string;
  readonly transport: Transport;
  /** Another port of the same module, to which its URCs may go; see {@link PortsOptions.parallel}. */
  readonly secondTransport?: Transport | undefined;
  /** Command families that the module may support, in order of preference. */
  readonly families: readonly SocketFamily[];
  readonly clock: Clock;
  /** Like `Math.random`. */
  random(): number;
  /** Shared by successive modem objects of the same module. */
  readonly memory?: ModemMemory;
  /** The result of earlier PIN attempts; when missing, kept as long as the modem object. */
  readonly pinMemory?: PinMemory | undefined;
  /** Without it, a module that lacks the first family has to be waited for at each start. */
  readonly foundFamily?: Kept<FoundFamily> | undefined;
  /** Without it, what a killed process has left open for streams stays open, if the module chooses socket ids, too. */
  readonly streamSockets?: Kept<readonly StreamSocket[]> | undefined;
  /** An earlier profile: used if the firmware is unchanged. */
  readonly profile?: Profile | undefined;
  /** Receives all traffic on the line. */
  readonly trace?: Trace | undefined;
}

/** What one modem object of a module passes to the next. */
export interface ModemMemory {
  /** Settings of each owner's open socket. */
  readonly openedWith: Map<string, string>;
  /** Data read from connections and not yet consumed, by `Connection.id`. */
  readonly unread: Map<string, Received[]>;
  /** Connections of the previous modem object. */
  connections: readonly ConnectionOrigin[];
  /** The highest socket id that the module has given to a connection which it accepted. */
  highestAccepted: number;
  missed: readonly MissedEvents[];
}

export function newMemory(): ModemMemory {
  return { openedWith: new Map(), unread: new Map(), connections: [], highestAccepted: 0, missed: [] };
}

export interface ModemEvents {
  state: [state: LinkState, reason: Error | undefined];
  /** Every unsolicited result code. */
  urc: [urc: SocketUrc, line: string];
  /** The firmware was measured. */
  profile: [profile: Profile];
  /** An operation failed; the modem continues. */
  problem: [error: QfwdError];
  /** The modem works with limitations. */
  warning: [text: string];
}
