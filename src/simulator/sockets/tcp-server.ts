import { once } from 'node:events';

import type { TcpListener, TcpSocket } from '../network/network';
import { ANY, LOOPBACK } from './address';
import type { SocketHost } from './host';
import type { Server, ServerSetup } from './server';
import { TcpConnection } from './tcp-connection';

/** Listens on the loopback interface and accepts all connections. Closing it leaves its connections open. */
export class TcpServer implements Server {
  readonly kind = 'server';
  readonly id: number;
  urcPort;
  state: 'opening' | 'open' = 'opening';

  readonly #net: TcpListener;

  constructor(
    private readonly host: SocketHost,
    readonly setup: ServerSetup,
  ) {
    this.id = setup.id;
    this.urcPort = setup.urcPort;
    this.#net = host.network.createServer();
    this.#net.on('connection', (socket: TcpSocket) => this.#accept(socket));
    this.#net.on('error', () => undefined); // a connection could not be accepted
    host.track(this.#net, () => this.#net.close());
  }

  async listen(): Promise<void> {
    const { port, backlog, ipVersion } = this.setup;
    this.#net.listen({ port, backlog, host: LOOPBACK[ipVersion] });
    await once(this.#net, 'listening');
    this.state = 'open';
  }

  close(): void {
    this.host.release(this);
    this.#net.close();
  }

  #accept(socket: TcpSocket): void {
    const { port, idleTimeout, ipVersion } = this.setup;
    const remote = { address: socket.remoteAddress ?? ANY[ipVersion], port: socket.remotePort ?? 0 };
    const local = { address: ANY[ipVersion], port };
    const { urcPort } = this;
    const accepted = this.host.accept(urcPort, (id) => {
      const connection = {
        id,
        protocol: 'tcp',
        urcPort,
        serverId: this.id,
        ...(idleTimeout !== undefined && { idleSeconds: idleTimeout }),
      } as const;
      return new TcpConnection(this.host, connection, socket, { remote, local });
    });
    if (!accepted) socket.resetAndDestroy();
  }
}
