import type { Endpoint } from './address';
import { Connection, type ConnectionSetup } from './connection';
import type { SocketHost } from './host';

/** Sends one datagram; `sent` is called after the operating system has accepted it. */
export type Transmit = (datagram: Buffer, sent: () => void) => void;

/**
 * A UDP "connection": datagrams from and to one peer. A read returns at most one datagram; if the datagram is longer, the
 * next read returns the rest. A datagram is dropped if the receive queue has no room for it.
 */
export class UdpConnection extends Connection {
  remote: Endpoint;
  local: Endpoint;

  readonly #transmit: Transmit;
  readonly #closed: () => void;
  readonly #datagrams: Buffer[] = [];
  #received = 0;
  #sending = 0;

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
    if (datagram.length === 0 || this.#received + datagram.length > this.host.options.recvBuffer) return;
    this.#datagrams.push(datagram);
    this.#received += datagram.length;
    this.announce();
  }

  /** Accepts a datagram completely or not at all. */
  override send(data: Buffer): number | undefined {
    if (this.state !== 'open') return undefined;
    if (this.#sending + data.length > this.host.options.sendBuffer) return 0;
    this.#sending += data.length;
    this.#transmit(data, () => (this.#sending -= data.length));
    this.touch();
    return data.length;
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
    return this.#received;
  }

  protected override takeReceived(max: number): Buffer {
    const [first = Buffer.alloc(0)] = this.#datagrams;
    const data = first.subarray(0, max);
    if (data.length === first.length) this.#datagrams.shift();
    else this.#datagrams[0] = first.subarray(max);
    this.#received -= data.length;
    this.touch();
    this.#releaseIfDone();
    return data;
  }

  protected override idled(): void {
    this.lose();
  }

  #releaseIfDone(): void {
    if (this.state === 'ended' && this.#received === 0) this.host.release(this);
  }
}
