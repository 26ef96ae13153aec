import { once } from 'node:events';

import type { DatagramSocket } from '../network/network';
import type { PortName } from '../options';
import { ANY, LOOPBACK, loopbackAddress, type Endpoint, type IpVersion } from './address';
import type { Connecting } from './client';
import { DatagramConnection } from './datagram-connection';
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
export class UdpService extends DatagramConnection {
  /** Who sent the datagram that was read last. */
  remote: Endpoint;
  local: Endpoint;

  readonly #udp: DatagramSocket;
  readonly #closeUdp: () => void;
  readonly #version: IpVersion;

  constructor(host: SocketHost, { id, ipVersion, port, urcPort }: ServiceSetup) {
    super(host, { id, protocol: 'udp', urcPort });
    this.#version = ipVersion;
    this.remote = { address: ANY[ipVersion], port: 0 };
    this.local = { address: ANY[ipVersion], port };
    this.state = 'opening';
    ({ udp: this.#udp, close: this.#closeUdp } = udpSocket(host, ipVersion));
    this.#udp.on('message', (data: Buffer, { address, port: from }: Endpoint) =>
      this.enqueue({ data, from: { address, port: from } }),
    );
  }

  async bind(): Promise<void> {
    this.#udp.bind({ port: this.local.port, address: LOOPBACK[this.#version], exclusive: true });
    await once(this.#udp, 'listening');
    this.local = { ...this.local, port: this.#udp.address().port };
    this.state = 'open';
  }

  /** A datagram to an address outside of this host is lost on its way. */
  override send(data: Buffer, to?: Endpoint): number | undefined {
    if (this.state !== 'open' || !to) return undefined;
    return this.transmit(data, (datagram, sent) => {
      try {
        this.#udp.send(datagram, to.port, loopbackAddress(to.address, this.#version), sent);
      } catch {
        sent();
      }
    });
  }

  override close(): void {
    super.close();
    this.#closeUdp();
  }

  protected override takeReceived(max: number): Buffer {
    const datagram = this.dequeue(max);
    if (datagram) this.remote = datagram.from;
    return datagram?.data ?? Buffer.alloc(0);
  }

  protected override idled(): void {
    this.close();
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
