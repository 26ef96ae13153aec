import { isIP } from 'node:net';
import { canonicalAddress, type OpenClient } from '../../sockets';
import type { Layer } from '../stream/layer';
import type { EndpointTraits } from './endpoint-traits';
import { openSocket } from './opening';

export interface ClientSettings extends Omit<OpenClient, 'socketId'> {
  readonly socketId?: number | undefined;
  /** Whether to reconnect automatically. */
  readonly reconnect: boolean;
  readonly layer?: Layer | undefined;
}

/** Delay before the lists are asked when URCs do not reach this port, in ms. */
const PATIENCE_WITHOUT_URCS = 10_000;

export function clientTraits(openTimeout: number): EndpointTraits<ClientSettings> {
  return {
    kind: 'client',
    // The module lists a host name as one of its addresses.
    unlistedSettings: ({ pdpCid, ipVersion, urcPort, host, layer }) =>
      JSON.stringify([pdpCid, ipVersion, urcPort, host, ...(layer ? [layer] : [])]),
    remote: ({ host, port }) => ({ host, port }),
    isKept: ({ reconnect }) => reconnect,
    // Several clients may have the same remote end, so only the socket id identifies one.
    find: ({ sockets }, { protocol, host, port }, isCandidate) =>
      [...sockets.values()].find(
        (listed) =>
          listed.direction === 'active' &&
          !listed.hasEnded &&
          listed.protocol === protocol &&
          listed.ends.port === port &&
          isAddressOf(listed.ends.ip, host) &&
          isCandidate(listed.socketId),
      )?.socketId,
    open: (session, socketId, settings, check) =>
      openSocket(session, {
        socket: { ...settings, socketId },
        check,
        command: session.commands.openClient({ ...settings, socketId }),
        timeout: openTimeout,
        // A client may be listed while still connecting, so the list is requested late.
        patience: session.hasHeardUrcs ? openTimeout : PATIENCE_WITHOUT_URCS,
        isListed: () => session.hasSocket(socketId),
      }),
  };
}

/** Unrecognized spellings and host names may match any address. */
function isAddressOf(listed: string, host: string): boolean {
  return isIP(host) === 0 || isIP(listed) === 0 || canonicalAddress(listed) === canonicalAddress(host);
}
