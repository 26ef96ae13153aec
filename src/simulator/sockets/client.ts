import { once } from 'node:events';

import type { DatagramSocket } from '../network/network';
import type { PortName } from '../options';
import { ANY, LOOPBACK, loopbackAddress, type Endpoint, type IpVersion, type Protocol } from './address';
import type { Connection } from './connection';
import type { SocketHost } from './host';
import { openResult } from './open-result';
import { TcpConnection } from './tcp-connection';
import { UdpConnection } from './udp-connection';
import { udpSocket } from './udp-socket';

/** Arguments of AT+QFWDCLIENT (manual 2.2), or of AT+QIOPEN. */
export interface ClientSetup {
  readonly id: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  /** If missing or 0, any. */
  readonly localPort?: number;
  readonly urcPort: PortName;
}

/** A client that is connecting, and its result (0 = success). */
export interface Connecting {
  readonly connection: Connection;
  readonly result: Promise<number>;
}

/** Connects a client. Throws an error with a Linux `code` if the address cannot be used. */
export function openClient(host: SocketHost, setup: ClientSetup): Connecting {
  const remote = { address: loopbackAddress(setup.host, setup.ipVersion), port: setup.port };
  if (setup.protocol === 'udp') return openUdp(host, setup, remote);
  const { localPort = 0 } = setup;
  const from = localPort === 0 ? {} : { localPort, localAddress: LOOPBACK[setup.ipVersion] };
  const socket = host.network.connect({ host: remote.address, port: remote.port, ...from });
  const connection = new TcpConnection(host, setup, socket);
  return { connection, result: connection.connected(remote) };
}

function openUdp(
  host: SocketHost,
  setup: ClientSetup,
  remote: { address: string; port: number },
): Connecting {
  const { udp, close } = udpSocket(host, setup.ipVersion);
  const local = { address: ANY[setup.ipVersion], port: 0 };
  const connection = new UdpConnection(
    host,
    setup,
    { remote, local },
    { transmit: (datagram, sent) => udp.send(datagram, sent), closed: close },
  );
  connection.state = 'opening';
  udp.on('message', (datagram: Buffer) => connection.deliver(datagram));
  const result = connectUdp(udp, setup, remote).then(
    () => {
      connection.local = udp.address();
      connection.state = 'open';
      return 0;
    },
    (error: unknown) => {
      connection.close();
      return openResult(error, host.family.results);
    },
  );
  return { connection, result };
}

async function connectUdp(udp: DatagramSocket, setup: ClientSetup, remote: Endpoint): Promise<void> {
  const { localPort = 0, ipVersion } = setup;
  if (localPort !== 0) {
    udp.bind({ port: localPort, address: LOOPBACK[ipVersion], exclusive: true });
    await once(udp, 'listening');
  }
  udp.connect(remote.port, remote.address);
  await once(udp, 'connect');
}
