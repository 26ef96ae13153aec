/** Peers of the module: real sockets on the loopback interface, closed after the test. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import { defer } from './cleanup';
import { Condition } from './condition';
import { Log } from './log';

/** Whether a server listens on this TCP port of the loopback interface. */
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

/** The far end of a TCP connection, which keeps all received data. */
export class Peer {
  /** Its own port, which a closed socket no longer has. */
  port: number;
  /** The other side has ended. */
  readonly ended: Promise<unknown>;
  readonly closed: Promise<unknown>;
  private chunks: Buffer[] = [];
  private length = 0;
  private taken = 0;
  private readonly condition = new Condition(() => `${this.length} bytes`);

  constructor(readonly socket: Socket) {
    // Without this, data may wait for a timer of the operating system until earlier data is acknowledged.
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

  /** All data received. */
  get received(): Buffer {
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }

  /** Waits until so many bytes were received. */
  async until(length: number): Promise<Buffer> {
    await this.condition.until(() => this.length >= length);
    return this.received;
  }

  /** Waits until the received data contains a text. */
  async untilText(text: string): Promise<void> {
    await this.condition.until(() => this.received.includes(text, 0, 'latin1'));
  }

  /** Returns the next bytes. */
  async read(length: number): Promise<Buffer> {
    const end = this.taken + length;
    const all = await this.until(end);
    const bytes = all.subarray(this.taken, end);
    this.taken = end;
    return bytes;
  }

  /** Returns the next bytes as text. */
  async text(length: number): Promise<string> {
    return (await this.read(length)).toString();
  }
}

/** Connects to a server of this host; `from`: the loopback address of the client, if it is another one. */
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

/** The far end of UDP, which keeps all received data. */
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
