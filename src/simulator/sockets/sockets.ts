import { once, type EventEmitter } from 'node:events';

import type { SimulatorOptions, PortName } from '../options';
import type { Network } from '../network/network';
import { openClient, type ClientSetup } from './client';
import { Connection } from './connection';
import type { SocketHost } from './host';
import { openResult } from './open-result';
import type { Server, ServerSetup } from './server';
import { TcpServer } from './tcp-server';
import { UdpServer } from './udp-server';

const FIRST_ACCEPTED_ID = 2;
const LAST_ID = 65_535;

/** All sockets of a module; servers and connections share one id space. */
export class Sockets implements SocketHost {
  readonly #sockets = new Map<number, Server | Connection>();
  readonly #handles = new Map<EventEmitter, () => void>();
  #lastAccepted = FIRST_ACCEPTED_ID - 1;

  constructor(
    readonly options: SimulatorOptions,
    readonly network: Network,
    readonly urc: (port: PortName, text: string) => void,
  ) {}

  has(id: number): boolean {
    return this.#sockets.has(id);
  }

  get(id: number): Server | Connection | undefined {
    return this.#sockets.get(id);
  }

  /** The connection for the data of `id`. */
  connection(id: number): Connection | undefined {
    const socket = this.#sockets.get(id);
    return socket instanceof Connection ? socket : socket?.shared;
  }

  server(id: number): Server | undefined {
    const socket = this.#sockets.get(id);
    return socket?.kind === 'server' ? socket : undefined;
  }

  get servers(): Server[] {
    return this.#all.filter((socket) => socket.kind === 'server');
  }

  /** Connections that have not ended. */
  get connections(): Connection[] {
    return this.#all
      .filter((socket) => socket instanceof Connection)
      .filter(({ state }) => state !== 'ended');
  }

  /** Opens a server. Resolves with the result (0 = success); never settles if the server is closed first. */
  async openServer(setup: ServerSetup): Promise<number> {
    const server = setup.protocol === 'tcp' ? new TcpServer(this, setup) : new UdpServer(this, setup);
    this.#sockets.set(setup.id, server);
    try {
      await server.listen();
      return 0;
    } catch (error) {
      server.close();
      return openResult(error, this.options.openResult);
    }
  }

  /** Opens a client. Resolves with the result (0 = success); never settles if the client is closed first. */
  async openClient(setup: ClientSetup): Promise<number> {
    try {
      const { connection, result } = openClient(this, setup);
      this.#sockets.set(setup.id, connection);
      return await result;
    } catch (error) {
      return openResult(error, this.options.openResult);
    }
  }

  accept<C extends Connection>(create: (id: number) => C): C {
    const id = this.#freeId();
    const connection = create(id);
    this.#sockets.set(id, connection);
    return connection;
  }

  release(socket: { readonly id: number }): void {
    if (this.#sockets.get(socket.id) === socket) this.#sockets.delete(socket.id);
  }

  track(handle: EventEmitter, destroy: () => void): void {
    this.#handles.set(handle, destroy);
    handle.once('close', () => this.#handles.delete(handle));
  }

  /** Closes all sockets immediately, without URCs. Resolves after the operating system has closed them. */
  async destroy(): Promise<void> {
    this.#sockets.clear();
    const closed = [...this.#handles].map(async ([handle, destroy]) => {
      const done = once(handle, 'close');
      destroy();
      await done;
    });
    await Promise.all(closed);
  }

  get #all(): (Server | Connection)[] {
    return [...this.#sockets.values()].sort((one, other) => one.id - other.id);
  }

  #freeId(): number {
    let id = this.options.acceptedIds === 'counting' ? this.#lastAccepted + 1 : FIRST_ACCEPTED_ID;
    while (this.#sockets.has(id)) id++;
    this.#lastAccepted = id % LAST_ID;
    return id;
  }
}
