import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the operating system assigns to clients, so that a free port stays free. */
const PORTS = { first: 10_000, count: 20_000 };
let turn = process.pid * 37;

/** A TCP port on which no program listens; never the same twice. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = PORTS.first + (turn++ % PORTS.count);
    const server = createServer().listen(port, host);
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
