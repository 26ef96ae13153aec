import { type Command, isRejection } from '../at';
import {
  type Execute,
  endsOf,
  type ListedServer,
  type ListedSocket,
  type Protocol,
  type SocketList,
} from '../sockets';
import type { Dialect } from './dialect';
import { LIMITS } from './limits';
import { listClients, listConnections, listServers } from './queries';

/** Far more than any module has; each takes a command of its own. */
const MOST_SERVERS = 256;

/** Lists all open sockets, and learns what ERROR means for each list of this firmware. */
export class Lists {
  /** What each list has returned so far: an empty list without ERROR, or rows only. */
  private readonly shown = new Map<string, 'may be empty' | 'had rows'>();

  /** Rejects with an `AtError`. */
  async all(execute: Execute, dialect: Dialect): Promise<SocketList> {
    const sockets = new Map<number, ListedSocket>();
    const servers = await this.rows(execute, listServers(dialect));
    const serverOf = byLocalPort(servers);
    for (const client of await this.rows(execute, listClients())) {
      sockets.set(client.socketId, { ...client, ...serverOf(client) });
    }
    for (const { socketId: serverId, protocol } of mostLikely(servers)) {
      for (const accepted of await this.rows(execute, listConnections(dialect, serverId))) {
        const { socketId } = accepted;
        const { urcPort = '' } = sockets.get(socketId) ?? {};
        sockets.set(socketId, {
          socketId,
          direction: 'income',
          protocol,
          ends: endsOf(accepted),
          urcPort,
          serverId,
        });
      }
    }
    return { servers, sockets };
  }

  /**
   * ERROR means an empty list, unless this firmware has returned an empty list without ERROR before. After a list with
   * rows, ERROR is checked by a second query, as the module may have been busy.
   */
  private async rows<T>(execute: Execute, command: Command<T[]>): Promise<T[]> {
    const name = nameOf(command);
    const ask = async (): Promise<T[]> => {
      const listed = await execute(command);
      const mayBeEmpty = this.shown.get(name) === 'may be empty' || listed.length === 0;
      this.shown.set(name, mayBeEmpty ? 'may be empty' : 'had rows');
      return listed;
    };
    try {
      return await (this.shown.get(name) === 'had rows' ? ask().catch(ask) : ask());
    } catch (error) {
      if (isRejection(error) && this.shown.get(name) !== 'may be empty') return [];
      throw error;
    }
  }
}

/** `AT+QFWDSTATE` for `AT+QFWDSTATE=7`. */
function nameOf({ text }: Command): string {
  return text.split(/[?=]/, 1).join();
}

/** At most {@link MOST_SERVERS}; those in the driver's id range come first. */
function mostLikely(servers: readonly ListedServer[]): readonly ListedServer[] {
  if (servers.length <= MOST_SERVERS) return servers;
  const [first, last] = LIMITS.ownIds ?? LIMITS.socketIds;
  const isOwn = ({ socketId }: ListedServer): boolean => socketId >= first && socketId <= last;
  return [...servers.filter(isOwn), ...servers.filter((it) => !isOwn(it))].slice(0, MOST_SERVERS);
}

/** The client list does not show which server accepted a connection; the local port identifies it. */
function byLocalPort(servers: readonly ListedServer[]) {
  const keyOf = (protocol: Protocol, port: number): string => `${protocol} ${port}`;
  const ids = new Map(servers.map(({ protocol, port, socketId }) => [keyOf(protocol, port), socketId]));
  return ({ direction, protocol, ends }: ListedSocket): { serverId?: number } => {
    const serverId = direction === 'income' ? ids.get(keyOf(protocol, ends.localPort)) : undefined;
    return serverId === undefined ? {} : { serverId };
  };
}
