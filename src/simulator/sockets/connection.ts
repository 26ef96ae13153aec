import type { PortName } from '../options';
import type { Endpoint, Protocol } from './address';
import type { SocketHost } from './host';

/** Levels of both queues in bytes (manual 2.5). */
export interface QueueFigures {
  readonly sendUsed: number;
  readonly sendMax: number;
  readonly recvUsed: number;
  readonly recvMax: number;
}

export interface ConnectionSetup {
  readonly id: number;
  readonly protocol: Protocol;
  readonly urcPort: PortName;
  /** The server that accepted it; missing for a client. */
  readonly serverId?: number;
  /** Seconds without traffic after which the module closes it. */
  readonly idleSeconds?: number;
}

/**
 * A connection, opened by the module or accepted by a server. It is `opening` until its open result, then `open`, then `ended`
 * after the peer or the idle timeout closed it. Ended connections are not listed, but keep data that has not been read.
 */
export abstract class Connection {
  readonly kind = 'connection';
  readonly id: number;
  readonly protocol: Protocol;
  readonly serverId: number | undefined;
  urcPort: PortName;
  state: 'opening' | 'open' | 'ended' = 'open';
  /** Bytes since it was opened. */
  readonly totals = { sent: 0, read: 0 };

  protected readonly host: SocketHost;
  readonly #idle: NodeJS.Timeout | undefined;
  #announced = false;

  constructor(host: SocketHost, setup: ConnectionSetup) {
    this.host = host;
    this.id = setup.id;
    this.protocol = setup.protocol;
    this.urcPort = setup.urcPort;
    this.serverId = setup.serverId;
    if (setup.idleSeconds === undefined || !host.options.idleTimeout) return;
    this.#idle = setTimeout(() => this.idled(), setup.idleSeconds * 1000).unref();
  }

  abstract readonly remote: Endpoint;
  abstract readonly local: Endpoint;
  /** Whether data can be sent, to a peer that may have closed its own sending side. */
  abstract readonly isWritable: boolean;
  /** Resolves when the connection is gone in the operating system. */
  abstract readonly closed: Promise<void>;
  protected abstract readonly sendUsed: number;
  protected abstract readonly recvUsed: number;

  /**
   * Queues data for the peer, of a socket with several peers for the one at `to`. Returns how many bytes were accepted, or
   * undefined if the sending side is closed.
   */
  abstract send(data: Buffer, to?: Endpoint): number | undefined;

  /** Resolves when everything sent so far was delivered, or never will be. */
  abstract delivered(): Promise<void>;

  /** Closes it at once, whatever still waits to be sent. */
  abstract reset(): void;

  /** Closes it on behalf of the host: without a URC, and its id becomes free. */
  close(): void {
    clearTimeout(this.#idle);
    this.state = 'ended';
    this.host.release(this);
  }

  /** Whether anything was received and not read yet, be it an empty datagram. */
  hasUnread(): boolean {
    return this.recvUsed > 0;
  }

  /** Returns at most `max` received bytes, or undefined if the connection has ended and all data was read. */
  read(max: number): Buffer | undefined {
    const { rearms } = this.host.family;
    if (!this.hasUnread()) {
      this.#announced = false;
      return this.state === 'ended' ? undefined : Buffer.alloc(0);
    }
    const data = this.takeReceived(max);
    this.totals.read += data.length;
    if (rearms === 'at-last-byte' && !this.hasUnread()) this.#announced = false;
    return data;
  }

  get figures(): QueueFigures {
    const { sendBuffer, recvBuffer } = this.host.options;
    return { sendUsed: this.sendUsed, sendMax: sendBuffer, recvUsed: this.recvUsed, recvMax: recvBuffer };
  }

  protected abstract takeReceived(max: number): Buffer;

  /** Called when the idle timeout expires. */
  protected abstract idled(): void;

  protected touch(): void {
    this.#idle?.refresh();
  }

  /** So many bytes were accepted from the host. */
  protected noteSent(bytes: number): void {
    this.totals.sent += bytes;
    this.touch();
  }

  /** Reports received data to the host, as its family does. */
  protected announce(): void {
    this.touch();
    const again = this.#announced;
    this.#announced = true;
    this.host.family.received(this, again);
  }

  /** The peer has closed: reports it once. */
  protected ended(): void {
    if (this.state === 'ended') return;
    clearTimeout(this.#idle);
    this.state = 'ended';
    this.host.family.ended(this);
  }
}
