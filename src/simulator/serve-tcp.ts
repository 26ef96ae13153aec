import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { PortName } from './options';

/** A module whose ports hosts can be connected to. */
export interface Attachable {
  attach(port: PortName): Duplex;
}

/** A published AT port. */
export interface Published {
  /** Address for hosts: `tcp://127.0.0.1:3333` or a path. */
  readonly address: string;
  /** Rejects when the port becomes unreachable without `close`. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/**
 * Serves an AT port as raw TCP, like ser2net. One host at a time: a new host replaces the previous one, whose connection may
 * be dead without a FIN or RST. The module keeps running between hosts.
 */
export async function serveTcp(
  module: Attachable,
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
