import { openServer, type ServerParameters, type Dialect } from '../qfwd';
import type { AllowList } from './allow-list';
import type { EndpointKind } from './endpoint-kind';
import { isRejection } from './errors';
import { openSocket } from './opening';
import type { Session } from './session';

export interface ServerSettings extends Omit<ServerParameters, 'socketId'> {
  readonly socketId?: number | undefined;
  readonly allow: AllowList;
  /** How many connections it may have at once; 0 = no limit. */
  readonly maxClients: number;
}

/** A server has set itself up, or not, long before this. */
const PATIENCE = 5000;

export function serverKind(openTimeout: number): EndpointKind<ServerSettings> {
  const attempt = async (session: Session, dialect: Dialect, socketId: number, settings: ServerSettings) => {
    await openSocket(session, {
      socketId,
      command: openServer(dialect, {
        ...settings,
        socketId,
        urcPort: session.destination(settings.urcPort),
      }),
      timeout: openTimeout,
      patience: PATIENCE,
      isListed: () => session.hasServer(socketId),
    });
    session.dialect = { ...session.dialect, serverArguments: dialect.serverArguments };
  };
  return {
    name: 'server',
    command: ({ server }) => server,
    hidden: ({ pdpCid, ipVersion, backlog, idleTimeout, urcPort }) =>
      JSON.stringify([pdpCid, ipVersion, backlog, idleTimeout, urcPort]),
    isKept: () => true,
    admits: ({ allow, maxClients }, ip, connections) =>
      (maxClients === 0 || connections < maxClients) && allow.admits(ip),
    find: ({ servers }, { protocol, port }, isCandidate) =>
      servers.find(
        (listed) => listed.protocol === protocol && listed.port === port && isCandidate(listed.socketId),
      )?.socketId,
    open: async (session, socketId, settings) => {
      try {
        await attempt(session, session.dialect, socketId, settings);
      } catch (error) {
        // The test command may describe arguments that the write command does not take.
        if (!isRejection(error) || session.isServerLayoutKnown) throw error;
        const serverArguments = session.dialect.serverArguments === 'manual' ? 'example' : 'manual';
        await attempt(session, { ...session.dialect, serverArguments }, socketId, settings).catch(() => {
          throw error;
        });
      }
      session.isServerLayoutKnown = true;
    },
  };
}
