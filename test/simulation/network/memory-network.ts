/** A network without an operating system, at the time of a clock. */
import { EventEmitter } from 'node:events';

import type { Clock } from '../../../src/at';
import type { DatagramSocket, Network, TcpListener } from '../../../src/simulator';
import { MemorySocket, type Path, withCode } from './memory-socket';

const FIRST_EPHEMERAL = 49_152;

export class MemoryNetwork implements Network {
  readonly listeners = new Map<number, MemoryListener>();
  readonly datagrams = new Map<string, MemoryDatagramSocket>();
  /** How bytes travel on connections made from now on. */
  path: Path = { delay: 1, bandwidth: 1000 };
  /** How many of the next datagrams are lost. */
  datagramsToLose = 0;
  /** Ports on which nobody can listen now. */
  readonly takenPorts = new Set<number>();
  /** Called when a datagram reaches nobody, with the ports of its sender and receiver. */
  onLost: (from: number, to: number) => void = () => undefined;
  private lastPort = FIRST_EPHEMERAL;

  constructor(readonly clock: Clock) {}

  /** A connection of the module to a host. */
  connect({ port, localPort }: { readonly port: number; readonly localPort?: number }): MemorySocket {
    return this.dial(port, localPort ?? this.freePort(), '127.0.0.1');
  }

  /** A connection to whoever listens on a port, from an address of one's own. */
  dial(port: number, from: number, address: string): MemorySocket {
    const socket = new MemorySocket(this.clock, this.path, address, from);
    socket.remoteAddress = '127.0.0.1';
    socket.remotePort = port;
    this.clock.after(2 * this.path.delay, () => {
      const listener = this.listeners.get(port);
      if (socket.destroyed) return;
      if (!listener) return void socket.destroy(withCode('ECONNREFUSED'));
      const accepted = new MemorySocket(this.clock, this.path, '127.0.0.1', port);
      MemorySocket.join(socket, accepted);
      listener.emit('connection', accepted);
      socket.emit('connect');
    });
    return socket;
  }

  createServer(): MemoryListener {
    return new MemoryListener(this);
  }

  createSocket(): MemoryDatagramSocket {
    return new MemoryDatagramSocket(this);
  }

  freePort(): number {
    return ++this.lastPort;
  }
}

export class MemoryListener extends EventEmitter implements TcpListener {
  private port = 0;

  constructor(private readonly network: MemoryNetwork) {
    super();
  }

  listen({ port }: { readonly port: number }): void {
    const { listeners } = this.network;
    queueMicrotask(() => {
      if (listeners.has(port) || this.network.takenPorts.has(port))
        return this.emit('error', withCode('EADDRINUSE'));
      this.port = port;
      listeners.set(port, this);
      return this.emit('listening');
    });
  }

  close(): void {
    if (this.network.listeners.get(this.port) === this) this.network.listeners.delete(this.port);
    queueMicrotask(() => this.emit('close'));
  }
}

export class MemoryDatagramSocket extends EventEmitter implements DatagramSocket {
  private own: { address: string; port: number } | undefined;
  private remote: { address: string; port: number } | undefined;
  /** When the last datagram on its way arrives. */
  private arrival = 0;

  constructor(private readonly network: MemoryNetwork) {
    super();
  }

  bind(at: { readonly port: number; readonly address: string }): void {
    const isTaken = this.network.datagrams.has(keyOf(at)) || this.network.takenPorts.has(at.port);
    if (!isTaken) this.occupy(at);
    queueMicrotask(() => (isTaken ? this.emit('error', withCode('EADDRINUSE')) : this.emit('listening')));
  }

  connect(port: number, address: string): void {
    this.remote = { address, port };
    this.address();
    queueMicrotask(() => this.emit('connect'));
  }

  send(
    datagram: Buffer,
    ...to: [sent: () => void] | [port: number, address: string, sent: () => void]
  ): void {
    const target = to.length === 1 ? this.remote : { port: to[0], address: to[1] };
    const sent = to.length === 1 ? to[0] : to[2];
    const from = this.address();
    const { network } = this;
    const { clock, datagrams, path } = network;
    const data = Buffer.from(datagram);
    queueMicrotask(sent);
    if (!target) return;
    const isLost = network.datagramsToLose > 0;
    if (isLost) network.datagramsToLose--;
    this.arrival = Math.max(this.arrival, clock.now() + path.delay);
    clock.after(this.arrival - clock.now(), () => {
      const receiver = isLost ? undefined : datagrams.get(keyOf(target));
      if (!receiver?.receive(data, from)) network.onLost(from.port, target.port);
    });
  }

  /** Its own address; one is chosen when it has none. */
  address(): { address: string; port: number } {
    return this.own ?? this.occupy({ address: '127.0.0.1', port: this.network.freePort() });
  }

  close(): void {
    if (this.own && this.network.datagrams.get(keyOf(this.own)) === this) {
      this.network.datagrams.delete(keyOf(this.own));
    }
    queueMicrotask(() => this.emit('close'));
  }

  private occupy({ address, port }: { readonly address: string; readonly port: number }) {
    this.own = { address, port };
    this.network.datagrams.set(keyOf(this.own), this);
    return this.own;
  }

  /** @returns whether it has got it: a connected socket gets only what its peer sends */
  private receive(datagram: Buffer, from: { address: string; port: number }): boolean {
    if (this.remote && keyOf(this.remote) !== keyOf(from)) return false;
    this.emit('message', datagram, from);
    return true;
  }
}

function keyOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address} ${port}`;
}
