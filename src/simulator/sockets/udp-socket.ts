import type { DatagramSocket } from '../network/network';
import type { IpVersion } from './address';
import type { SocketHost } from './host';

/** A UDP socket of the network. `close` may be called more than once. */
export function udpSocket(host: SocketHost, version: IpVersion): { udp: DatagramSocket; close: () => void } {
  const udp = host.network.createSocket(version === 'IP' ? 'udp4' : 'udp6');
  let open = true;
  const close = () => {
    if (open) udp.close();
    open = false;
  };
  udp.on('error', () => undefined); // for example, no process listens at the peer; UDP ignores this
  host.track(udp, close);
  return { udp, close };
}
