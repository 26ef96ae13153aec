import { ByteQueue } from '../byte-queue';
import type { TcpSocket } from '../network/network';
import { ANY, type Endpoint } from './address';
import { Connection, type ConnectionSetup } from './connection';
import type { SocketHost } from './host';
import { openResult } from './open-result';

/** The address of a client before its socket is connected. */
const NOWHERE: Endpoint = { address: ANY.IP, port: 0 };

/**
 * A TCP connection. While the receive queue is full, bytes stay in the operating system, so TCP flow control reaches the peer.
 * After the peer closed its sending side (`nc -N`), data can still be sent to it for the duration of the option `halfClose`.
 */
export class TcpConnection extends Connection {
  remote: Endpoint;
  local: Endpoint;

  readonly #socket: TcpSocket;
  readonly closed: Promise<void>;

  readonly #received = new ByteQueue();
  #sending = 0;
  #delivered = Promise.resolve();
  #lastAnswer: NodeJS.Timeout | undefined;

  /** `ends`: the addresses that are reported to the host; by default, those of the socket. */
  constructor(
    host: SocketHost,
    setup: ConnectionSetup,
    socket: TcpSocket,
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
    socket.on('error', () => undefined); // 'close' follows and is handled
    socket.on('close', () => this.#gone());
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  override get isWritable(): boolean {
    return this.state !== 'opening' && this.#socket.writable;
  }

  /** Resolves with the result of connecting (0 = success); never settles if the host closes it first. */
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
        resolve(openResult(error, this.host.family.results));
      });
    });
  }

  override send(data: Buffer): number | undefined {
    if (!this.#socket.writable) return undefined;
    const room = this.host.options.sendBuffer - this.#sending;
    const taken = data.subarray(0, Math.max(0, room));
    if (taken.length === 0) return 0;
    this.#sending += taken.length;
    this.#delivered = new Promise((resolve) => {
      this.#socket.write(taken, () => {
        this.#sending -= taken.length;
        resolve();
      });
    });
    this.noteSent(taken.length);
    this.#lastAnswer?.refresh();
    return taken.length;
  }

  override delivered(): Promise<void> {
    return this.#delivered;
  }

  override close(): void {
    super.close();
    clearTimeout(this.#lastAnswer);
    this.#socket.destroySoon();
  }

  override reset(): void {
    super.close();
    clearTimeout(this.#lastAnswer);
    this.#socket.resetAndDestroy();
  }

  /** Holds sent data in the send queue, as if the peer advertised a zero window; the returned function resumes sending. */
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
    // Deferred, so that a URC for further data follows the response to this read.
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

  /** Frees the id after the connection has ended and all data was read. */
  #releaseIfDone(): void {
    const isDone = this.state === 'ended' && this.#socket.destroyed && this.#received.length === 0;
    if (isDone && this.host.family.freesEnded) this.host.release(this);
  }
}
