import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import type { SimulatedModule } from './module';
import type { PortName } from './options';

/** An AT port that has been made reachable. */
export interface Published {
  /** Where hosts find it: `tcp://127.0.0.1:3333` or a path. */
  readonly address: string;
  /** Rejects when it can no longer be reached, though nobody closed it. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/**
 * Serves an AT port raw on TCP, as ser2net does. One host at a time: a new one takes the port over, since the old one may be
 * dead without having said so. The module lives on between hosts.
 */
export async function serveTcp(
  module: SimulatedModule,
  port: PortName,
  { host, port: tcpPort }: { host: string; port: number },
): Promise<Published> {
  let current: Socket | undefined;
  const server = createServer((socket) => {
    current?.destroy();
    current = socket;
    const line = module.attach(port);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => line.destroy());
    line.on('close', () => socket.destroy());
    socket.pipe(line).pipe(socket);
  });
  server.listen(tcpPort, host);
  await once(server, 'listening');
  const { address, port: actual } = server.address() as AddressInfo;
  return {
    address: `tcp://${address.includes(':') ? `[${address}]` : address}:${actual}`,
    lost: new Promise((_resolve, reject) => server.once('error', reject)),
    async close() {
      current?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
