/** The far end of TLS: peers of this host. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, type ConnectionOptions, createServer, type TlsOptions, type TLSSocket } from 'node:tls';

import { defer } from './cleanup';
import { Log } from './log';
import { Peer } from './peers';

/** A TLS server that clients of the module connect to, and the codes of failed handshakes. */
export async function tlsServer(
  options: TlsOptions,
  onSocket: (socket: TLSSocket) => void = () => undefined,
) {
  const peers = new Log<Peer>();
  const failures = new Log<string>();
  const server = createServer(options, (socket) => {
    peers.push(new Peer(socket));
    onSocket(socket);
  });
  server.on('tlsClientError', (error: Error & { code?: string }) => failures.push(error.code ?? ''));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  defer(() => {
    for (const { socket } of peers.all) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, peers, failures };
}

/** Connects to a TLS server of the module. Rejects when the handshake fails. */
export async function tlsPeer(port: number, options: ConnectionOptions): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  const peer = new Peer(socket);
  const closed = once(socket, 'close').then(() => {
    throw new Error('the connection was closed during the handshake');
  });
  closed.catch(() => undefined);
  await Promise.race([once(socket, 'secureConnect'), closed]);
  return peer;
}
