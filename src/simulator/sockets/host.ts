import type { EventEmitter } from 'node:events';

import type { PortName, SimulatorOptions } from '../options';
import type { Connection } from './connection';

/** What sockets need from the module. */
export interface SocketHost {
  readonly options: SimulatorOptions;
  urc(port: PortName, text: string): void;
  /** Makes a connection that came in known under a fresh id. */
  accept<C extends Connection>(create: (id: number) => C): C;
  /** Forgets a socket, so that its id is free again. */
  release(socket: { readonly id: number }): void;
  /** Keeps sight of a socket of the operating system until it says `close`. */
  track(handle: EventEmitter, destroy: () => void): void;
}
