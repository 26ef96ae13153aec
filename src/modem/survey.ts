import type { Command } from '../at';
import {
  type Ends,
  endsOf,
  listClients,
  listConnections,
  type ListedServer,
  listServers,
  type Protocol,
} from '../qfwd';
import { isRejection } from './errors';
import type { Session } from './session';

/** A connection as the module lists it. */
export interface ListedSocket {
  readonly socketId: number;
  /** `active`: the module made it; `income`: a server of the module accepted it. */
  readonly direction: 'active' | 'income';
  readonly protocol: Protocol;
  readonly ends: Ends;
  /** Where it reports to; empty where the list does not say. */
  readonly urcPort: string;
  readonly serverId?: number;
}

/** Everything the module says it has. */
export interface Survey {
  readonly servers: readonly ListedServer[];
  readonly sockets: ReadonlyMap<number, ListedSocket>;
}

/** Whether it is a server, or a connection. */
export function isListed({ servers, sockets }: Survey, socketId: number): boolean {
  return sockets.has(socketId) || servers.some((server) => server.socketId === socketId);
}

/** Asks the module for all its servers and connections. Rejects with an `AtError`. */
export async function survey(session: Session): Promise<Survey> {
  const sockets = new Map<number, ListedSocket>();
  const servers = await rows(session, listServers(session.dialect));
  for (const { socketId, direction, protocol, urcPort, ...rest } of await rows(session, listClients())) {
    sockets.set(socketId, {
      socketId,
      direction,
      protocol,
      ends: endsOf(rest),
      urcPort,
      ...serverOf(servers, rest, direction),
    });
  }
  for (const { socketId: serverId, protocol } of servers) {
    for (const { socketId, ...rest } of await rows(session, listConnections(session.dialect, serverId))) {
      const { urcPort = '' } = sockets.get(socketId) ?? {};
      sockets.set(socketId, {
        socketId,
        direction: 'income',
        protocol,
        ends: endsOf(rest),
        urcPort,
        serverId,
      });
    }
  }
  return { servers, sockets };
}

/**
 * Firmware that answers ERROR has nothing to list, unless it has listed nothing without ERROR before. One that has
 * listed something is asked twice, as it may have been busy.
 */
async function rows<T>(session: Session, command: Command<T[]>): Promise<T[]> {
  const name = nameOf(command);
  const ask = async (): Promise<T[]> => {
    const listed = await session.execute(command);
    session.lists.set(
      name,
      session.lists.get(name) === 'may be empty' || listed.length === 0 ? 'may be empty' : 'had rows',
    );
    return listed;
  };
  try {
    const isDoubtful = session.lists.get(name) === 'had rows';
    return await (isDoubtful ? ask().catch(ask) : ask());
  } catch (error) {
    if (isRejection(error) && session.lists.get(name) !== 'may be empty') return [];
    throw error;
  }
}

/** `AT+QFWDSTATE` of `AT+QFWDSTATE=7`. */
function nameOf({ text }: Command): string {
  return text.split(/[?=]/, 1).join();
}

/** The list of clients does not say which server accepted one, but its local port does. */
function serverOf(
  servers: readonly ListedServer[],
  { localPort }: Ends,
  direction: string,
): { serverId?: number } {
  const server = direction === 'income' ? servers.find(({ port }) => port === localPort) : undefined;
  return server ? { serverId: server.socketId } : {};
}
