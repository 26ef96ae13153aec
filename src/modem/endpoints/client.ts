import { isIP } from 'node:net';
import { canonicalAddress, type OpenClient } from '../../sockets';
import type { EndpointKind } from './endpoint-kind';
import { openSocket } from './opening';

export interface ClientSettings extends Omit<OpenClient, 'socketId'> {
  readonly socketId?: number | undefined;
  /** Whether to connect again by itself. */
  readonly reconnect: boolean;
}

/** Where URCs do not reach this port at all, the lists are the only ones to ask. */
const PATIENCE_WITHOUT_URCS = 10_000;

export function clientKind(openTimeout: number): EndpointKind<ClientSettings> {
  return {
    name: 'client',
    // A name is listed as one of its addresses.
    unlistedSettings: ({ pdpCid, ipVersion, urcPort, host }) =>
      JSON.stringify([pdpCid, ipVersion, urcPort, host]),
    isKept: ({ reconnect }) => reconnect,
    // Two clients may well be connected to the same place, so only the socket id tells which is which.
    find: ({ sockets }, { protocol, host, port }, isCandidate) =>
      [...sockets.values()].find(
        (listed) =>
          listed.direction === 'active' &&
          listed.protocol === protocol &&
          listed.ends.port === port &&
          isAddressOf(listed.ends.ip, host) &&
          isCandidate(listed.socketId),
      )?.socketId,
    open: (session, socketId, settings) =>
      openSocket(session, {
        socketId,
        command: session.commands.openClient({ ...settings, socketId }),
        timeout: openTimeout,
        // A client that is still connecting may be listed, too, so the list is asked late.
        patience: session.hasHeardUrcs ? openTimeout : PATIENCE_WITHOUT_URCS,
        isListed: () => session.hasSocket(socketId),
      }),
  };
}

/** An address has many spellings, not all of which can be read here, and a name any address. */
function isAddressOf(listed: string, host: string): boolean {
  return isIP(host) === 0 || isIP(listed) === 0 || canonicalAddress(listed) === canonicalAddress(host);
}
