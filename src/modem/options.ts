import type { Clock, Transport } from '../at';
import type { Profile, SocketFamily, SocketUrc } from '../sockets';
import type { CalibratorOptions } from './calibration/calibrator';
import type { ConnectionOrigin } from './data/connection';
import type { QfwdError } from './errors';
import type { Trace } from './link/journal';
import type { LinkState } from './link/link-state';
import type { PinMemory } from './link/pin-memory';
import type { PortsOptions } from './link/ports';

export interface ModemOptions extends PortsOptions, CalibratorOptions {
  /** How long to wait for an open URC, in ms. */
  readonly openTimeout: number;
  /** Bytes that may wait to be sent. */
  readonly queueLimit: number;
}

export interface ModemEnvironment {
  /** Tells it from other modems. */
  readonly id?: string;
  readonly transport: Transport;
  /** Another port of the same module, to which its URCs may go; see {@link PortsOptions.parallel}. */
  readonly secondTransport?: Transport | undefined;
  /** Commands for sockets that the module may know, the preferred ones first. */
  readonly families: readonly SocketFamily[];
  readonly clock: Clock;
  /** As `Math.random`. */
  random(): number;
  /** Kept from one modem of the same module to the next. */
  readonly memory?: ModemMemory;
  /** What became of the PIN before; kept for as long as the modem lives where it is missing. */
  readonly pinMemory?: PinMemory | undefined;
  /** What was measured before: used when the firmware is still the same. */
  readonly profile?: Profile | undefined;
  /** Told of everything on the line. */
  readonly trace?: Trace | undefined;
}

/** What one modem of a module leaves to the next. */
export interface ModemMemory {
  /** With what each owner's socket was opened. */
  readonly openedWith: Map<string, string>;
  /** What was read of connections and not taken by anybody, by `Connection.id`. */
  readonly unread: Map<string, Buffer[]>;
  /** The connections that it had. */
  connections: readonly ConnectionOrigin[];
}

export function newMemory(): ModemMemory {
  return { openedWith: new Map(), unread: new Map(), connections: [] };
}

export interface ModemEvents {
  state: [state: LinkState, reason: Error | undefined];
  /** Every unsolicited line. */
  urc: [urc: SocketUrc, line: string];
  /** The firmware was measured. */
  profile: [profile: Profile];
  /** Something failed, and the modem goes on without it. */
  problem: [error: QfwdError];
  /** It works, but not as well as it could. */
  warning: [text: string];
}
