/** What the module talks to: real sockets on the loopback. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import { defer } from './cleanup';
import { Log } from './log';

/** Below those that the operating system gives to clients, so that a free port stays free. */
const PORTS = { first: 10_000, count: 20_000 };
let turn = process.pid * 37;

/** A TCP port nobody listens on; never the same twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + (turn++ % PORTS.count);
    const server = createServer().listen(port, '127.0.0.1');
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

/** A TCP peer that keeps what it is sent. */
export class Peer {
  /** The other side has ended. */
  readonly ended: Promise<unknown>;
  readonly closed: Promise<unknown>;
  private readonly chunks = new Log<Buffer>();

  constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    this.ended = new Promise((resolve) => socket.once('end', resolve));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    defer(() => socket.destroy());
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks.all);
  }

  /** Waits for so many bytes. */
  async until(length: number): Promise<Buffer> {
    await this.chunks.until(() => this.received.length >= length);
    return this.received;
  }

  /** Waits for a text in what it was sent. */
  async untilText(text: string): Promise<void> {
    await this.chunks.until(() => this.received.includes(text));
  }
}

export async function connectPeer(port: number, host = '127.0.0.1'): Promise<Peer> {
  const socket = connect({ port, host, allowHalfOpen: true });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** A TCP server that clients of the module connect to. */
export async function tcpServer(port = 0) {
  const peers = new Log<Peer>();
  const server = createServer({ allowHalfOpen: true }, (socket) => peers.push(new Peer(socket)));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const { socket } of peers.all) socket.destroy();
    server.close();
  };
  defer(close);
  return { port: (server.address() as AddressInfo).port, peers, close };
}

/** A UDP peer that keeps what it is sent. */
export async function udpPeer(host = '127.0.0.1'): Promise<{
  udp: UdpSocket;
  port: number;
  datagrams: Log<Buffer>;
  send(data: Buffer | string, port: number): void;
}> {
  const datagrams = new Log<Buffer>();
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (datagram) => datagrams.push(datagram));
  udp.bind(0, host);
  await once(udp, 'listening');
  defer(() => udp.close());
  return { udp, port: udp.address().port, datagrams, send: (data, port) => udp.send(data, port, host) };
}
