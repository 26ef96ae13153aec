/** The module's side of a trace, at the same ports as a simulated module. */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';

import { type TraceEntry, TracePlayer, type Turn, turnsOfPorts } from '../trace';
import type { PortName } from './options';

export interface ReplayEvents {
  /** A command that was never asked in the trace was answered with ERROR. Secrets are masked. */
  unknown: [command: string, port: PortName];
  /** As of a simulated module. */
  received: [bytes: Buffer, port: PortName];
  sent: [bytes: Buffer, port: PortName];
}

export class ReplayedModule extends EventEmitter<ReplayEvents> {
  readonly #turns: ReadonlyMap<string, readonly Turn[]>;
  readonly #hosts = new Map<PortName, Duplex>();

  constructor(entries: readonly TraceEntry[]) {
    super();
    this.#turns = turnsOfPorts(entries);
  }

  /** Connects a host to a port. The trace starts from the beginning. A host that is still attached is detached. */
  attach(port: PortName = 'usbat'): Duplex {
    this.#hosts.get(port)?.destroy();
    const host = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) => {
        this.emit('received', bytes, port);
        player.receive(bytes);
        done();
      },
      destroy: (error, done) => {
        player.end();
        done(error);
      },
    });
    const player = new TracePlayer(this.#turnsOf(port), {
      send: (bytes) => {
        this.emit('sent', bytes, port);
        host.push(bytes);
      },
      onUnknown: (command) => this.emit('unknown', command, port),
    });
    this.#hosts.set(port, host);
    player.begin();
    return host;
  }

  powerOff(): Promise<void> {
    for (const host of this.#hosts.values()) host.destroy();
    return Promise.resolve();
  }

  /** The AT port may have another name in the trace. */
  #turnsOf(port: PortName): readonly Turn[] {
    const [first] = port === 'usbat' ? this.#turns.values() : [];
    return this.#turns.get(port) ?? first ?? [];
  }
}
