import type { OpenServer } from '../../sockets';
import type { Layer } from '../stream/layer';
import type { AllowList } from './allow-list';
import type { EndpointTraits } from './endpoint-traits';
import { openSocket } from './opening';

export interface ServerSettings extends Omit<OpenServer, 'socketId'> {
  readonly socketId?: number | undefined;
  readonly allow: AllowList;
  /** Maximum number of simultaneous connections; 0 = no limit. */
  readonly maxClients: number;
  readonly layer?: Layer | undefined;
}

/** Delay before the lists are checked, in ms; a server opens or fails much sooner. */
const PATIENCE = 5000;

export function serverTraits(openTimeout: number): EndpointTraits<ServerSettings> {
  return {
    kind: 'server',
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
    open: (session, socketId, settings, check) =>
      openSocket(session, {
        socket: { ...settings, socketId },
        check,
        command: session.commands.openServer({ ...settings, socketId }),
        timeout: openTimeout,
        patience: PATIENCE,
        isListed: () => session.hasServer(socketId),
      }),
  };
}
