import type { EventEmitter } from 'node:events';

import type { Network } from '../network/network';
import type { PortName, SimulatorOptions } from '../options';
import type { Connection } from './connection';
import type { SocketFamily } from './family';

/** What sockets need from the module. */
export interface SocketHost {
  readonly options: SimulatorOptions;
  readonly network: Network;
  readonly family: SocketFamily;
  /** Registers and reports an accepted connection under a new id; undefined: there is no id for it. */
  accept<C extends Connection>(urcPort: PortName, create: (id: number) => C): C | undefined;
  /** Removes a socket, which frees its id. */
  release(socket: { readonly id: number }): void;
  /** Tracks a socket of the operating system until it emits `close`. */
  track(handle: EventEmitter, destroy: () => void): void;
}
