import type { Endpoint } from './address';
import type { ConnectionSetup } from './connection';
import { DatagramConnection, type Transmit } from './datagram-connection';
import type { SocketHost } from './host';

/** A UDP "connection": datagrams from and to one peer. */
export class UdpConnection extends DatagramConnection {
  remote: Endpoint;
  local: Endpoint;

  readonly #transmit: Transmit;
  readonly #closed: () => void;

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
  deliver(data: Buffer): void {
    if (data.length > 0) this.enqueue({ data, from: this.remote });
  }

  override send(data: Buffer): number | undefined {
    return this.state === 'open' ? this.transmit(data, this.#transmit) : undefined;
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

  protected override takeReceived(max: number): Buffer {
    const datagram = this.dequeue(max);
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
