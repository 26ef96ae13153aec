import { once } from 'node:events';

import type { DatagramSocket } from '../network/network';
import { ANY, LOOPBACK, type Endpoint } from './address';
import type { SocketHost } from './host';
import type { Server, ServerSetup } from './server';
import { UdpConnection } from './udp-connection';
import { udpSocket } from './udp-socket';

/**
 * Receives datagrams on the loopback interface. Each peer becomes a connection with its own id; with the option
 * `udpServer: shared`, all peers share the id of the server. Closing the server ends them, because they share its port.
 */
export class UdpServer implements Server {
  readonly kind = 'server';
  readonly id: number;
  readonly shared?: UdpConnection;
  urcPort;
  state: 'opening' | 'open' = 'opening';

  readonly #udp: DatagramSocket;
  readonly #closeUdp: () => void;
  readonly #local: Endpoint;
  readonly #peers = new Map<string, UdpConnection>();

  constructor(
    private readonly host: SocketHost,
    readonly setup: ServerSetup,
  ) {
    this.id = setup.id;
    this.urcPort = setup.urcPort;
    this.#local = { address: ANY[setup.ipVersion], port: setup.port };
    ({ udp: this.#udp, close: this.#closeUdp } = udpSocket(host, setup.ipVersion));
    this.#udp.on('message', (datagram: Buffer, from: Endpoint) =>
      this.#connectionOf(from)?.deliver(datagram),
    );
    if (host.options.udpServer === 'shared') this.shared = this.#sharedConnection();
  }

  async listen(): Promise<void> {
    this.#udp.bind({ port: this.setup.port, address: LOOPBACK[this.setup.ipVersion], exclusive: true });
    await once(this.#udp, 'listening');
    this.state = 'open';
  }

  close(): void {
    this.host.release(this);
    for (const peer of this.#peers.values()) peer.lose();
    this.#closeUdp();
  }

  #connectionOf(from: Endpoint): UdpConnection | undefined {
    const remote = { address: from.address, port: from.port };
    if (this.shared) {
      this.shared.remote = remote;
      return this.shared;
    }
    const key = `${from.address} ${from.port}`;
    return this.#peers.get(key) ?? this.#accept(key, remote);
  }

  #accept(key: string, remote: Endpoint): UdpConnection | undefined {
    const { urcPort } = this;
    const { idleTimeout } = this.setup;
    return this.host.accept(urcPort, (id) => {
      const peer: UdpConnection = new UdpConnection(
        this.host,
        {
          id,
          protocol: 'udp',
          urcPort,
          serverId: this.id,
          ...(idleTimeout !== undefined && { idleSeconds: idleTimeout }),
        },
        { remote, local: this.#local },
        {
          transmit: (datagram, sent) => this.#udp.send(datagram, remote.port, remote.address, sent),
          closed: () => this.#forget(key, peer),
        },
      );
      this.#peers.set(key, peer);
      return peer;
    });
  }

  /** The same peer may already have a new connection. */
  #forget(key: string, peer: UdpConnection): void {
    if (this.#peers.get(key) === peer) this.#peers.delete(key);
  }

  #sharedConnection(): UdpConnection {
    const nobody = { address: ANY[this.setup.ipVersion], port: 0 };
    const { id, urcPort } = this;
    const shared: UdpConnection = new UdpConnection(
      this.host,
      { id, protocol: 'udp', urcPort },
      { remote: nobody, local: this.#local },
      {
        transmit: (datagram, sent) => {
          if (shared.remote.port === 0) sent();
          else this.#udp.send(datagram, shared.remote.port, shared.remote.address, sent);
        },
        closed: () => undefined,
      },
    );
    return shared;
  }
}
