import type { EventEmitter } from 'node:events';

import type { Network } from '../network/network';
import type { PortName, SimulatorOptions } from '../options';
import type { Connection } from './connection';

/** What sockets need from the module. */
export interface SocketHost {
  readonly options: SimulatorOptions;
  readonly network: Network;
  urc(port: PortName, text: string): void;
  /** Registers an accepted connection under a new id. */
  accept<C extends Connection>(create: (id: number) => C): C;
  /** Removes a socket, which frees its id. */
  release(socket: { readonly id: number }): void;
  /** Tracks a socket of the operating system until it emits `close`. */
  track(handle: EventEmitter, destroy: () => void): void;
}
