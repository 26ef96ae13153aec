import { once, type EventEmitter } from 'node:events';

import type { Network } from '../network/network';
import type { PortName, SimulatorOptions } from '../options';
import { openClient, type ClientSetup, type Connecting } from './client';
import { Connection } from './connection';
import type { SocketFamily } from './family';
import type { SocketHost } from './host';
import { openResult } from './open-result';
import type { Server, ServerSetup } from './server';
import { TcpServer } from './tcp-server';
import { UdpServer } from './udp-server';
import { openService, type ServiceSetup } from './udp-service';

/** All sockets of one family of commands; servers and connections share one id space. */
export class Sockets implements SocketHost {
  readonly #sockets = new Map<number, Server | Connection>();
  readonly #handles = new Map<EventEmitter, () => void>();

  constructor(
    readonly options: SimulatorOptions,
    readonly network: Network,
    readonly family: SocketFamily,
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

  /** In the order of their ids. */
  get all(): (Server | Connection)[] {
    return [...this.#sockets.values()].sort((one, other) => one.id - other.id);
  }

  get servers(): Server[] {
    return this.all.filter((socket) => socket.kind === 'server');
  }

  /** Connections that have not ended. */
  get connections(): Connection[] {
    return this.all.filter((socket) => socket instanceof Connection).filter(({ state }) => state !== 'ended');
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
      return openResult(error, this.family.results);
    }
  }

  /** Opens a client. Resolves with the result (0 = success); never settles if the client is closed first. */
  openClient(setup: ClientSetup): Promise<number> {
    return this.#connect(setup.id, () => openClient(this, setup));
  }

  /** Opens a UDP socket for any number of peers. Resolves with the result (0 = success). */
  openService(setup: ServiceSetup): Promise<number> {
    return this.#connect(setup.id, () => openService(this, setup));
  }

  accept<C extends Connection>(urcPort: PortName, create: (id: number) => C): C | undefined {
    const id = this.family.acceptedId((taken) => this.#sockets.has(taken));
    if (id === undefined) {
      this.family.refused(urcPort);
      return undefined;
    }
    const connection = create(id);
    this.#sockets.set(id, connection);
    this.family.accepted(connection);
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

  async #connect(id: number, start: () => Connecting): Promise<number> {
    try {
      const { connection, result } = start();
      this.#sockets.set(id, connection);
      return await result;
    } catch (error) {
      return openResult(error, this.family.results);
    }
  }
}
