import type { Socket } from 'node:dgram';
import { once } from 'node:events';

import type { PortName } from '../options';
import { ANY, LOOPBACK, loopbackAddress, type Endpoint, type IpVersion } from './address';
import type { Connecting } from './client';
import { Connection } from './connection';
import { DatagramQueue } from './datagram-queue';
import type { SocketHost } from './host';
import { openResult } from './open-result';
import { udpSocket } from './udp-socket';

export interface ServiceSetup {
  readonly id: number;
  readonly ipVersion: IpVersion;
  /** 0: any. */
  readonly port: number;
  readonly urcPort: PortName;
}

/** A UDP socket that any peer can send to, and that sends to any peer. A datagram is read together with its sender. */
export class UdpService extends Connection {
  /** Who sent the datagram that was read last. */
  remote: Endpoint;
  local: Endpoint;

  readonly #udp: Socket;
  readonly #closeUdp: () => void;
  readonly #version: IpVersion;
  readonly #datagrams = new DatagramQueue();
  #sending = 0;
  #delivered = Promise.resolve();

  constructor(host: SocketHost, { id, ipVersion, port, urcPort }: ServiceSetup) {
    super(host, { id, protocol: 'udp', urcPort });
    this.#version = ipVersion;
    this.remote = { address: ANY[ipVersion], port: 0 };
    this.local = { address: ANY[ipVersion], port };
    this.state = 'opening';
    ({ udp: this.#udp, close: this.#closeUdp } = udpSocket(host, ipVersion));
    this.#udp.on('message', (data, from) => this.#receive(data, from));
  }

  async bind(): Promise<void> {
    this.#udp.bind({ port: this.local.port, address: LOOPBACK[this.#version], exclusive: true });
    await once(this.#udp, 'listening');
    this.local = { ...this.local, port: this.#udp.address().port };
    this.state = 'open';
  }

  override get isWritable(): boolean {
    return this.state === 'open';
  }

  override hasUnread(): boolean {
    return this.#datagrams.length > 0;
  }

  override get closed(): Promise<void> {
    return Promise.resolve();
  }

  /** Accepts a datagram completely or not at all. One to an address outside of this host is lost on its way. */
  override send(data: Buffer, to?: Endpoint): number | undefined {
    if (this.state !== 'open' || !to) return undefined;
    if (this.#sending + data.length > this.host.options.sendBuffer) return 0;
    this.#sending += data.length;
    this.#delivered = this.#transmit(data, to).then(() => void (this.#sending -= data.length));
    this.noteSent(data.length);
    return data.length;
  }

  override delivered(): Promise<void> {
    return this.#delivered;
  }

  override close(): void {
    super.close();
    this.#closeUdp();
  }

  override reset(): void {
    this.close();
  }

  protected override get sendUsed(): number {
    return this.#sending;
  }

  protected override get recvUsed(): number {
    return this.#datagrams.bytes;
  }

  protected override takeReceived(max: number): Buffer {
    const datagram = this.#datagrams.take(max, this.host.family.keepsRest);
    if (datagram) this.remote = datagram.from;
    return datagram?.data ?? Buffer.alloc(0);
  }

  protected override idled(): void {
    this.close();
  }

  #receive(data: Buffer, { address, port }: Endpoint): void {
    if (this.recvUsed + data.length > this.host.options.recvBuffer) return;
    this.#datagrams.push({ data, from: { address, port } });
    this.announce();
  }

  #transmit(data: Buffer, { address, port }: Endpoint): Promise<void> {
    return new Promise((resolve) => {
      try {
        this.#udp.send(data, port, loopbackAddress(address, this.#version), () => resolve());
      } catch {
        resolve();
      }
    });
  }
}

/** Opens a UDP service. Its result is 0, or the code of the error from `dgram`. */
export function openService(host: SocketHost, setup: ServiceSetup): Connecting {
  const connection = new UdpService(host, setup);
  const result = connection.bind().then(
    () => 0,
    (error: unknown) => {
      connection.close();
      return openResult(error, host.family.results);
    },
  );
  return { connection, result };
}
