import type { OpenServer } from '../../sockets';
import type { AllowList } from './allow-list';
import type { EndpointKind } from './endpoint-kind';
import { openSocket } from './opening';

export interface ServerSettings extends Omit<OpenServer, 'socketId'> {
  readonly socketId?: number | undefined;
  readonly allow: AllowList;
  /** Maximum number of simultaneous connections; 0 = no limit. */
  readonly maxClients: number;
}

/** Delay before the lists are checked, in ms; a server opens or fails much sooner. */
const PATIENCE = 5000;

export function serverKind(openTimeout: number): EndpointKind<ServerSettings> {
  return {
    name: 'server',
    unlistedSettings: ({ pdpCid, ipVersion, backlog, idleTimeout, urcPort }) =>
      JSON.stringify([pdpCid, ipVersion, backlog, idleTimeout, urcPort]),
    isKept: () => true,
    idleTimeout: ({ idleTimeout }) => idleTimeout,
    admits: ({ allow, maxClients }, ip, connections) =>
      (maxClients === 0 || connections < maxClients) && allow.admits(ip),
    find: ({ servers }, { protocol, port }, isCandidate) =>
      servers.find(
        (listed) => listed.protocol === protocol && listed.port === port && isCandidate(listed.socketId),
      )?.socketId,
    open: (session, socketId, settings) =>
      openSocket(session, {
        socket: { ...settings, socketId },
        command: session.commands.openServer({ ...settings, socketId }),
        timeout: openTimeout,
        patience: PATIENCE,
        isListed: () => session.hasServer(socketId),
      }),
  };
}
