import { once } from 'node:events';

import type { PortName } from '../options';
import { ANY, loopbackAddress, type IpVersion, type Protocol } from './address';
import type { Connection } from './connection';
import type { SocketHost } from './host';
import { openResult } from './open-result';
import { TcpConnection } from './tcp-connection';
import { UdpConnection } from './udp-connection';
import { udpSocket } from './udp-socket';

/** Arguments of AT+QFWDCLIENT (manual 2.2). */
export interface ClientSetup {
  readonly id: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
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
  const socket = host.network.connect({ host: remote.address, port: remote.port });
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
  udp.connect(remote.port, remote.address);
  const result = once(udp, 'connect').then(
    () => {
      connection.local = udp.address();
      connection.state = 'open';
      return 0;
    },
    (error: unknown) => {
      connection.close();
      return openResult(error, host.options.openResult);
    },
  );
  return { connection, result };
}
