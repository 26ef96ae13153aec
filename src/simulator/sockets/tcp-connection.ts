import type { Socket } from 'node:net';

import { ByteQueue } from '../byte-queue';
import { ANY, type Endpoint } from './address';
import { Connection, type ConnectionSetup } from './connection';
import type { SocketHost } from './host';
import { openResult } from './open-result';

/** What a client knows before its socket is connected. */
const NOWHERE: Endpoint = { address: ANY.IP, port: 0 };

/**
 * A TCP connection. Bytes stay in the operating system while the receive queue is full, so the peer feels it. A peer
 * that ends its side (`nc -N`) may still be answered for the option `halfClose`.
 */
export class TcpConnection extends Connection {
  remote: Endpoint;
  local: Endpoint;

  readonly #socket: Socket;
  readonly #received = new ByteQueue();
  #sending = 0;
  #lastAnswer: NodeJS.Timeout | undefined;

  /** `ends`: the two ends as the host shall see them; those of the socket when left out. */
  constructor(
    host: SocketHost,
    setup: ConnectionSetup,
    socket: Socket,
    ends?: { remote: Endpoint; local: Endpoint },
  ) {
    super(host, setup);
    this.#socket = socket;
    this.remote = ends?.remote ?? NOWHERE;
    this.local = ends?.local ?? NOWHERE;
    host.track(socket, () => socket.destroy());
    socket.setNoDelay(true);
    socket.on('readable', () => this.#receive());
    socket.on('end', () => this.#peerEnded());
    socket.on('error', () => undefined); // 'close' follows and is what counts
    socket.on('close', () => this.#gone());
  }

  /** Resolves with the result of connecting (0 = success), and never once the host has closed it. */
  connected(remote: Endpoint): Promise<number> {
    this.state = 'opening';
    this.remote = remote;
    return new Promise((resolve) => {
      this.#socket.once('connect', () => {
        const { localAddress = ANY.IP, localPort = 0 } = this.#socket;
        this.local = { address: localAddress, port: localPort };
        this.state = 'open';
        resolve(0);
      });
      this.#socket.once('error', (error) => {
        if (this.state !== 'opening') return;
        this.close();
        resolve(openResult(error, this.host.options.openResult));
      });
    });
  }

  override send(data: Buffer): number | undefined {
    if (!this.#socket.writable) return undefined;
    const { sendBuffer, partial } = this.host.options;
    const room = Math.min(sendBuffer - this.#sending, partial === 0 ? Infinity : partial);
    const taken = data.subarray(0, Math.max(0, room));
    if (taken.length === 0) return 0;
    this.#sending += taken.length;
    this.#socket.write(taken, () => (this.#sending -= taken.length));
    this.touch();
    this.#lastAnswer?.refresh();
    return taken.length;
  }

  override close(): void {
    super.close();
    clearTimeout(this.#lastAnswer);
    this.#socket.destroySoon();
  }

  /** Keeps what is sent in the send queue, as a peer without a window would; the returned function lets it go. */
  holdSending(): () => void {
    this.#socket.cork();
    return () => this.#socket.uncork();
  }

  protected override get sendUsed(): number {
    return this.#sending;
  }

  protected override get recvUsed(): number {
    return this.#received.length;
  }

  protected override takeReceived(max: number): Buffer {
    const data = this.#received.take(max);
    this.touch();
    // Later, so that news of what is found comes after the answer to this read.
    setImmediate(() => this.#receive());
    this.#releaseIfDone();
    return data;
  }

  protected override idled(): void {
    this.ended();
    this.#socket.destroySoon();
  }

  #receive(): void {
    const room = this.host.options.recvBuffer - this.#received.length;
    const waiting = this.#socket.readableLength;
    if (waiting > 0 && room === 0) return;
    const bytes = this.#socket.read(waiting > 0 ? Math.min(room, waiting) : undefined) as Buffer | null;
    if (bytes === null) return;
    this.#received.push(bytes);
    this.announce();
  }

  #peerEnded(): void {
    this.ended();
    const { halfClose } = this.host.options;
    if (halfClose === 0) this.#socket.destroySoon();
    else this.#lastAnswer = setTimeout(() => this.#socket.destroySoon(), halfClose).unref();
  }

  #gone(): void {
    clearTimeout(this.#lastAnswer);
    if (this.state !== 'opening') this.ended();
    this.#releaseIfDone();
  }

  /** Nothing left to read, nobody left to answer. */
  #releaseIfDone(): void {
    if (this.state === 'ended' && this.#socket.destroyed && this.#received.length === 0)
      this.host.release(this);
  }
}
