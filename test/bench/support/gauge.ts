import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { now } from '../contenders/contender';

const HOST = '127.0.0.1';

/** Counts what comes to the far end of a connection of the module, and says when; it keeps none of it. */
export class Gauge {
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

/** Listens on a port; the result waits for the far end to connect to it. */
export async function acceptGauge(port: number): Promise<() => Promise<Gauge>> {
  const server = createServer().listen(port, HOST);
  const connected = once(server, 'connection') as Promise<[Socket]>;
  await once(server, 'listening');
  return async () => {
    const [socket] = await connected;
    server.close();
    return new Gauge(socket);
  };
}

export async function connectGauge(port: number): Promise<Gauge> {
  const socket = connect({ host: HOST, port });
  await once(socket, 'connect');
  return new Gauge(socket);
}
