import type { Endpoint } from './address';
import { Connection, type ConnectionSetup } from './connection';
import { DatagramQueue } from './datagram-queue';
import type { SocketHost } from './host';

/** Sends one datagram; `sent` is called after the operating system has accepted it. */
export type Transmit = (datagram: Buffer, sent: () => void) => void;

/**
 * A UDP "connection": datagrams from and to one peer. A read returns at most one datagram; if the datagram is longer, the
 * next read may return the rest. A datagram is dropped if the receive queue has no room for it.
 */
export class UdpConnection extends Connection {
  remote: Endpoint;
  local: Endpoint;

  readonly #transmit: Transmit;
  readonly #closed: () => void;
  readonly #datagrams = new DatagramQueue();
  #sending = 0;
  #delivered = Promise.resolve();

  constructor(
    host: SocketHost,
    setup: ConnectionSetup,
    ends: { remote: Endpoint; local: Endpoint },
    socket: { transmit: Transmit; closed: () => void },
  ) {
    super(host, setup);
    this.remote = ends.remote;
    this.local = ends.local;
    this.#transmit = socket.transmit;
    this.#closed = socket.closed;
  }

  /** Receives a datagram from the peer. */
  deliver(datagram: Buffer): void {
    if (datagram.length === 0 || this.recvUsed + datagram.length > this.host.options.recvBuffer) return;
    this.#datagrams.push({ data: datagram, from: this.remote });
    this.announce();
  }

  override get isWritable(): boolean {
    return this.state === 'open';
  }

  /** Accepts a datagram completely or not at all. */
  override send(data: Buffer): number | undefined {
    if (this.state !== 'open') return undefined;
    if (this.#sending + data.length > this.host.options.sendBuffer) return 0;
    this.#sending += data.length;
    this.#delivered = new Promise((resolve) => {
      this.#transmit(data, () => {
        this.#sending -= data.length;
        resolve();
      });
    });
    this.noteSent(data.length);
    return data.length;
  }

  override delivered(): Promise<void> {
    return this.#delivered;
  }

  /** UDP has no handshake to wait for. */
  override get closed(): Promise<void> {
    return Promise.resolve();
  }

  override reset(): void {
    this.close();
  }

  override close(): void {
    super.close();
    this.#closed();
  }

  /** Called when its server was closed, so that the peer can no longer be reached. */
  lose(): void {
    this.ended();
    this.#closed();
    this.#releaseIfDone();
  }

  protected override get sendUsed(): number {
    return this.#sending;
  }

  protected override get recvUsed(): number {
    return this.#datagrams.bytes;
  }

  protected override takeReceived(max: number): Buffer {
    const datagram = this.#datagrams.take(max, this.host.family.keepsRest);
    this.touch();
    this.#releaseIfDone();
    return datagram?.data ?? Buffer.alloc(0);
  }

  protected override idled(): void {
    this.lose();
  }

  #releaseIfDone(): void {
    const isDone = this.state === 'ended' && !this.hasUnread();
    if (isDone && this.host.family.freesEnded) this.host.release(this);
  }
}
