import { isIP } from 'node:net';
import { openClient, type ClientParameters } from '../qfwd';
import type { EndpointKind } from './endpoint-kind';
import { openSocket } from './opening';

export interface ClientSettings extends Omit<ClientParameters, 'socketId'> {
  readonly socketId?: number | undefined;
  /** Whether to connect again by itself. */
  readonly reconnect: boolean;
}

/** Where URCs do not reach this port at all, the lists are the only ones to ask. */
const PATIENCE_WITHOUT_URCS = 10_000;

export function clientKind(openTimeout: number): EndpointKind<ClientSettings> {
  return {
    name: 'client',
    command: () => 'QFWDCLIENT',
    hidden: ({ pdpCid, ipVersion, urcPort }) => JSON.stringify([pdpCid, ipVersion, urcPort]),
    isKept: ({ reconnect }) => reconnect,
    // Two clients may well be connected to the same place, so only the socket id tells which is which.
    find: ({ sockets }, { protocol, host, port }, preferred) => {
      const listed = sockets.get(preferred);
      const fits =
        listed?.direction === 'active' &&
        listed.protocol === protocol &&
        listed.ends.port === port &&
        (isIP(host) === 0 || listed.ends.ip.toLowerCase() === host.toLowerCase());
      return fits ? preferred : undefined;
    },
    open: (session, socketId, settings) =>
      openSocket(session, {
        socketId,
        command: openClient({ ...settings, socketId }),
        timeout: openTimeout,
        // A client that is still connecting may be listed, too, so the list is asked late.
        patience: session.hasHeardUrcs ? openTimeout : PATIENCE_WITHOUT_URCS,
        isListed: () => session.hasClient(socketId),
      }),
  };
}
