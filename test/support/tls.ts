/** The far end of TLS: peers of this host. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
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

const ALERT = 21;
const HEADER = 5;

/**
 * A way to a TCP server that tells of each connection whether what the given side has sent ended with an alert of TLS 1.2,
 * as a close_notify is. TLS of Node.js does not show the difference.
 */
export async function tlsTap(to: number, side: 'caller' | 'server') {
  const ends = new Log<boolean>();
  const relay = createTcpServer((caller) => {
    const server = connectTcp(to, '127.0.0.1');
    const sent: Buffer[] = [];
    const watched = side === 'caller' ? caller : server;
    watched.on('data', (chunk: Buffer) => sent.push(chunk));
    watched.once('close', () => ends.push(lastRecordOf(Buffer.concat(sent)) === ALERT));
    caller.pipe(server).pipe(caller);
    for (const [socket, other] of [
      [caller, server],
      [server, caller],
    ] as const)
      socket.setNoDelay(true).on('error', () => other.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  defer(() => relay.close());
  return { port: (relay.address() as AddressInfo).port, ends };
}

/** The content type of the last record. */
function lastRecordOf(bytes: Buffer): number | undefined {
  let type: number | undefined;
  for (let at = 0; at + HEADER <= bytes.length; at += HEADER + bytes.readUInt16BE(at + 3)) type = bytes[at];
  return type;
}
