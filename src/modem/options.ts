import type { Clock, Transport } from '../at';
import type { PayloadMode, Profile, Urc, UrcPort } from '../qfwd';
import type { QfwdError } from './errors';
import type { Trace } from './journal';
import type { LinkState } from './link-state';
import type { StartupOptions } from './startup';

export interface ModemOptions extends StartupOptions {
  /** How long to wait for an answer, in ms. */
  readonly commandTimeout: number;
  /** Whether that may be adapted to how long the module was measured to take. */
  readonly adaptsTimeout?: boolean;
  /** How long to wait for an open URC, in ms. */
  readonly openTimeout: number;
  readonly payloadMode: PayloadMode;
  /** Where sockets report to that do not say otherwise. */
  readonly urcPort: UrcPort;
  /** PDP context of sockets that do not say otherwise; 0 = any address. */
  readonly pdpCid: number;
  /** Bytes that may wait to be sent. */
  readonly queueLimit: number;
  /** Measures a firmware of which there is no profile as soon as the module is ready. */
  readonly calibrate?: boolean;
  /** Whether the second port takes part: in the data of sockets, and for the first one where that is lost. */
  readonly parallel?: boolean;
}

export interface ModemEnvironment {
  /** Tells it from other modems. */
  readonly id?: string;
  readonly transport: Transport;
  /** Another port of the same module, to which its URCs may go; see {@link ModemOptions.parallel}. */
  readonly secondTransport?: Transport | undefined;
  readonly clock: Clock;
  /** As `Math.random`. */
  random(): number;
  /** Kept from one modem of the same module to the next: with what each owner's socket was opened. */
  readonly openedWith?: Map<string, string>;
  /** Likewise: what was read of connections and nobody took any more. */
  readonly unread?: Map<string, Buffer[]>;
  /** What was measured before: used when the firmware is still the same. */
  readonly profile?: Profile | undefined;
  /** Told of everything on the line. */
  readonly trace?: Trace | undefined;
}

export interface ModemEvents {
  state: [state: LinkState, reason: Error | undefined];
  /** Every line that came unasked. */
  urc: [urc: Urc, line: string];
  /** The SIM refused the PIN. Whoever makes the next modem for this SIM must not give it again. */
  pinRefused: [];
  /** The firmware was measured. */
  profile: [profile: Profile];
  /** Something failed, and the modem goes on without it. */
  problem: [error: QfwdError];
  /** It works, but not as well as it could. */
  warning: [text: string];
}
