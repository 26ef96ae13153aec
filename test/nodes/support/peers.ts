import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { defer } from './cleanup';
import { Inbox } from './inbox';

/** Below the ports that the operating system hands out by itself, so that none is taken between finding and using it. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;
let tried = Math.floor(Math.random() * PORTS);

/** A TCP port of the loopback that nobody listens on, and that this run has not used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (tried++ % PORTS);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** The far end of a TCP connection. */
export class Peer {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private look: () => void = () => undefined;
  readonly closed: Promise<unknown>;

  constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.chunks.push(chunk);
      this.size += chunk.length;
      this.look();
    });
    defer(() => socket.destroy());
  }

  /** Takes the next `length` bytes. */
  async read(length: number): Promise<Buffer> {
    await new Promise<void>((resolve) => {
      this.look = () => {
        if (this.size >= length) resolve();
      };
      this.look();
    });
    const bytes = Buffer.concat(this.chunks.splice(0));
    const rest = bytes.subarray(length);
    this.size = rest.length;
    this.chunks.push(rest);
    return bytes.subarray(0, length);
  }

  async text(length: number): Promise<string> {
    return (await this.read(length)).toString();
  }

  /** Everything until the other side ends. */
  async rest(): Promise<Buffer> {
    await this.closed;
    return Buffer.concat(this.chunks.splice(0));
  }
}

/** Connects to a server on this host, from one of its loopback addresses. */
export async function connectPeer(port: number, localAddress = '127.0.0.1'): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** Whether a server listens on this TCP port of the loopback. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const result = new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await result;
  socket.destroy();
  await closed;
  return result;
}

/** A TCP server for clients of the module. */
export class Host {
  readonly peers = new Inbox<Peer>('the server');

  private constructor(
    readonly server: Server,
    readonly port: number,
  ) {
    server.on('connection', (socket) => this.peers.put(new Peer(socket)));
  }

  static async listen(port = 0): Promise<Host> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    defer(() => server.close());
    return new Host(server, (server.address() as AddressInfo).port);
  }
}

export interface Datagram {
  readonly data: Buffer;
  readonly from: RemoteInfo;
}

/** The far end of UDP. */
export class UdpPeer {
  readonly datagrams = new Inbox<Datagram>('the UDP peer');

  private constructor(
    private readonly socket: UdpSocket,
    readonly port: number,
  ) {
    socket.on('message', (data, from) => this.datagrams.put({ data, from }));
  }

  static async bind(address = '127.0.0.1'): Promise<UdpPeer> {
    const socket = createSocket('udp4').bind(0, address);
    await once(socket, 'listening');
    defer(() => socket.close());
    return new UdpPeer(socket, socket.address().port);
  }

  send(data: Buffer | string, port: number): void {
    this.socket.send(data, port, '127.0.0.1');
  }
}
