import type { Endpoint } from './address';
import { Connection } from './connection';
import { DatagramQueue, type Datagram } from './datagram-queue';

/** Sends one datagram; `sent` is called after the operating system has accepted it. */
export type Transmit = (datagram: Buffer, sent: () => void) => void;

/**
 * A connection of datagrams. Each is accepted completely or not at all, and dropped if the receive queue has no room for it. A
 * read returns at most one datagram; if it is longer, the next read may return the rest.
 */
export abstract class DatagramConnection extends Connection {
  abstract override remote: Endpoint;
  abstract override local: Endpoint;

  readonly #received = new DatagramQueue();
  #sending = 0;
  #delivered = Promise.resolve();

  override get isWritable(): boolean {
    return this.state === 'open';
  }

  override hasUnread(): boolean {
    return this.#received.length > 0;
  }

  /** UDP has no handshake to wait for. */
  override get closed(): Promise<void> {
    return Promise.resolve();
  }

  override delivered(): Promise<void> {
    return this.#delivered;
  }

  override reset(): void {
    this.close();
  }

  /** A datagram has come. */
  protected enqueue(datagram: Datagram): void {
    if (this.recvUsed + datagram.data.length > this.host.options.recvBuffer) return;
    this.#received.push(datagram);
    this.announce();
  }

  /** The oldest datagram, cut to `max` bytes. */
  protected dequeue(max: number): Datagram | undefined {
    this.touch();
    return this.#received.take(max, this.host.family.keepsRest);
  }

  /** Returns how many bytes were accepted. */
  protected transmit(data: Buffer, transmit: Transmit): number {
    if (this.#sending + data.length > this.host.options.sendBuffer) return 0;
    this.#sending += data.length;
    this.#delivered = new Promise((resolve) => {
      transmit(data, () => {
        this.#sending -= data.length;
        resolve();
      });
    });
    this.noteSent(data.length);
    return data.length;
  }

  protected override get sendUsed(): number {
    return this.#sending;
  }

  protected override get recvUsed(): number {
    return this.#received.bytes;
  }
}
