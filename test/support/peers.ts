/** What the module talks to: real sockets on the loopback, gone after the test. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import { defer } from './cleanup';
import { Condition } from './condition';
import { Log } from './log';

/** Whether a server listens on this TCP port of the loopback. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (!socket.closed) await once(socket, 'close');
  return isConnected;
}

/** The far end of a TCP connection, which keeps what it is sent. */
export class Peer {
  /** Its own port, which a closed socket does not know any more. */
  port: number;
  /** The other side has ended. */
  readonly ended: Promise<unknown>;
  readonly closed: Promise<unknown>;
  private chunks: Buffer[] = [];
  private length = 0;
  private taken = 0;
  private readonly condition = new Condition(() => `${this.length} bytes`);

  constructor(readonly socket: Socket) {
    // What is held back until the last of it is acknowledged would not come before a timer of the operating system.
    socket.setNoDelay(true);
    this.port = socket.localPort ?? 0;
    socket.once('connect', () => (this.port = socket.localPort!));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      this.condition.changed();
    });
    this.ended = new Promise((resolve) => socket.once('end', resolve));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    defer(() => socket.destroy());
  }

  /** All that it was sent. */
  get received(): Buffer {
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }

  /** Waits for so many bytes in all. */
  async until(length: number): Promise<Buffer> {
    await this.condition.until(() => this.length >= length);
    return this.received;
  }

  /** Waits for a text in what it was sent. */
  async untilText(text: string): Promise<void> {
    await this.condition.until(() => this.received.includes(text, 0, 'latin1'));
  }

  /** Takes the next bytes. */
  async read(length: number): Promise<Buffer> {
    const end = this.taken + length;
    const all = await this.until(end);
    const bytes = all.subarray(this.taken, end);
    this.taken = end;
    return bytes;
  }

  /** Takes the next bytes as text. */
  async text(length: number): Promise<string> {
    return (await this.read(length)).toString();
  }
}

/** Connects to a server of this host; `from` is the loopback address that it comes from, if not the same. */
export async function connectPeer(port: number, host = '127.0.0.1', from = host): Promise<Peer> {
  const socket = connect({ port, host, localAddress: from });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** A TCP server that clients of the module connect to. */
export async function tcpServer(port = 0) {
  const peers = new Log<Peer>();
  const server = createServer((socket) => peers.push(new Peer(socket)));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const { socket } of peers.all) socket.destroy();
    server.close();
  };
  defer(close);
  return { port: (server.address() as AddressInfo).port, peers, close };
}

export interface Datagram {
  readonly data: Buffer;
  readonly from: RemoteInfo;
}

/** The far end of UDP, which keeps what it is sent. */
export class UdpPeer {
  readonly datagrams = new Log<Datagram>();

  private constructor(private readonly socket: UdpSocket) {
    socket.on('message', (data, from) => this.datagrams.push({ data, from }));
  }

  static async bind(host = '127.0.0.1'): Promise<UdpPeer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(0, host);
    await once(socket, 'listening');
    defer(() => socket.close());
    return new UdpPeer(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** Sends to a port of this host. */
  send(data: Buffer | string, port: number): void {
    this.socket.send(data, port, this.socket.address().family === 'IPv6' ? '::1' : '127.0.0.1');
  }
}
