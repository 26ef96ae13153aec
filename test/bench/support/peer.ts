import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { now } from '../contenders/contender';

const HOST = '127.0.0.1';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The far end of a connection of the module. */
export class Peer {
  /** Bytes received so far. */
  total = 0;
  private wanted = Infinity;
  private done: (at: number) => void = () => undefined;

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.total += chunk.length;
      this.look();
    });
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Resolves when so many bytes have come in all, with the moment; see {@link now}. */
  received(total: number): Promise<number> {
    this.wanted = total;
    return new Promise((resolve) => {
      this.done = resolve;
      this.look();
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private look(): void {
    if (this.total < this.wanted) return;
    this.wanted = Infinity;
    this.done(now());
  }
}

export async function connectPeer(port: number): Promise<Peer> {
  const socket = connect({ host: HOST, port });
  await once(socket, 'connect');
  return new Peer(socket);
}
