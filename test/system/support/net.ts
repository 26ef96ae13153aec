import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const host = '127.0.0.1';

/** A TCP port of the loopback nobody listens on. */
export async function freePort(): Promise<number> {
  const server = await listen(0);
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that holds a port and does nothing; 0 picks a free one. */
export async function listen(port: number): Promise<net.Server> {
  const server = net.createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Connects as soon as somebody listens on the port; rejects after `limit` ms. */
export async function connect(port: number, limit = 30_000): Promise<net.Socket> {
  const deadline = Date.now() + limit;
  for (;;) {
    const socket = net.connect({ host, port });
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

/** Sends the bytes and resolves with the SHA-256 of the first as many that come back; rejects after 30 s of silence. */
export async function echoedHash(socket: net.Socket, bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  socket.setTimeout(30_000, () => {
    socket.destroy(new Error(`only ${received} of ${bytes.length} bytes came back`));
  });
  socket.write(bytes);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hash.update(chunk);
    received += chunk.length;
    if (received >= bytes.length) break;
  }
  return hash.digest('hex');
}

/** The next `length` bytes; rejects after 30 s of silence. */
export async function received(socket: net.Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let missing = length;
  const giveUp = () => socket.destroy(new Error(`${missing} of ${length} bytes are missing`));
  socket.setTimeout(30_000, giveUp);
  while (missing > 0) {
    const chunk = socket.read(Math.min(missing, Math.max(socket.readableLength, 1))) as Buffer | null;
    if (chunk) {
      chunks.push(chunk);
      missing -= chunk.length;
    } else {
      await once(socket, 'readable');
    }
  }
  socket.setTimeout(0, giveUp);
  return Buffer.concat(chunks);
}
