/** Queries and commands for single sockets, with errors that name the cause. */
import { AtError, isRejection } from '../../at';
import {
  type AcceptedSocket,
  type Ends,
  type ListedServer,
  type ListedSocket,
  type QueueFigures,
  type UrcPort,
  isListed,
} from '../../sockets';
import type { Connection } from '../data/connection';
import { noSuchSocket, orOffline, QfwdError, toQfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import { changesSockets, type RawAnswer, rawCommand } from '../link/raw-command';
import type { Session } from '../link/session';
import type { Connections } from './connections';
import type { Declarations } from './declarations';
import type { Lookup } from './lookup';
import { explainRefusal } from './refusal';
import type { Reconciler } from './reconciler';
import type { Reports } from './reports';
import { checkSocketId } from './socket-id';

const SAME_PORT =
  'this module sends the URCs of all sockets to the same port: AT+QURCCFG="urcport" with the name of one sets it, and ' +
  'is saved at once';

/** A listed connection with its ends at the top level. */
export type ListedClient = Omit<ListedSocket, 'ends' | 'serverId'> & Ends;

export interface RequestsHost {
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly lookup: Lookup;
  readonly reconciler: Reconciler;
  readonly reports: Reports;
}

export class Requests {
  constructor(private readonly host: RequestsHost) {}

  /** AT+QFWDACK. All of these reject with a {@link QfwdError}. */
  queueFigures(socketId: number): Promise<QueueFigures> {
    return this.ask((session) => session.queues(socketId), socketId);
  }

  /** AT+QFWDSEVER? */
  servers(): Promise<readonly ListedServer[]> {
    return this.ask((session) => session.servers());
  }

  /** AT+QFWDCLIENT? */
  async clients(): Promise<readonly ListedClient[]> {
    const sockets = await this.ask((session) => session.sockets());
    const open = sockets.filter(({ hasEnded }) => !hasEnded);
    return open.map(({ socketId, direction, protocol, ends, urcPort }) => ({
      socketId,
      direction,
      protocol,
      ...ends,
      urcPort,
    }));
  }

  /** AT+QFWDSTATE */
  connectionsOf(serverId: number): Promise<readonly AcceptedSocket[]> {
    return this.ask((session) => session.accepted(serverId), serverId);
  }

  /** AT+QFWDCFG="urc",<socketId> */
  urcPort(socketId: number): Promise<UrcPort> {
    return this.ask(({ commands, lines }) => lines.execute(commands.urcPort.get(socketId)), socketId);
  }

  /** AT+QFWDCFG="urc",<socketId>,<urcPort> */
  setUrcPort(socketId: number, urcPort: UrcPort): Promise<void> {
    const onAnswer = (): void => this.host.reports.forget(socketId);
    return this.ask(({ commands, lines }) => {
      const { set } = commands.urcPort;
      if (!set) throw new QfwdError('QFWD_UNSUPPORTED', SAME_PORT);
      return lines.change(socketId, set(socketId, urcPort), { onAnswer });
    }, socketId);
  }

  /**
   * Closes a socket. Its owner is notified and keeps it closed.
   * @param withAccepted also closes the connections of a server
   */
  async close(socketId: number, withAccepted = false): Promise<void> {
    const { connections, current, declarations, lookup } = this.host;
    orOffline(current.dataSession);
    const accepted = connections.table.all().filter(({ serverId }) => serverId === socketId);
    const [endpoint] = declarations.claimants(socketId);
    if (endpoint) await endpoint.closeAndTell();
    else if (connections.table.get(socketId)) await this.closeConnection(lookup.connection(socketId));
    else await this.closeUnknown(socketId);
    if (withAccepted) await Promise.all(accepted.map((connection) => this.closeConnection(connection)));
  }

  /** Closes this connection only, if it is still open. */
  async closeConnection(connection: Connection): Promise<void> {
    const { connections, current } = this.host;
    if (connection.state === 'closed') return;
    await connections.disconnection.close(orOffline(current.dataSession), connection);
  }

  /** A socket that neither a node nor a connection is known to have. */
  private closeUnknown(socketId: number): Promise<void> {
    return this.ask(async (session) => {
      // Some modules answer OK for a socket that does not exist, whose id may be in use nevertheless.
      const isThere = !session.commands.limits.keepsIds || isListed(await session.list(), socketId);
      await session.close(socketId);
      if (!isThere) throw noSuchSocket(socketId);
    }, socketId);
  }

  /** One command as text from a user; works as soon as the module answers. @param timeout ms */
  async raw(text: string, timeout?: number): Promise<RawAnswer> {
    const command = rawCommand(text, timeout);
    if (this.host.current.session?.commands.reads?.test(command.text)) {
      const reason = 'refused: what is read belongs to the qfwd-recv nodes: use one of them';
      throw new QfwdError('QFWD_INVALID', reason);
    }
    try {
      return await orOffline(this.host.current.channel).execute(command);
    } catch (error) {
      throw toQfwdError(error);
    } finally {
      if (changesSockets(command.text)) this.host.reconciler.reconcile();
    }
  }

  private async ask<T>(run: (session: Session) => Promise<T>, socketId?: number): Promise<T> {
    const session = orOffline(this.host.current.dataSession);
    if (socketId !== undefined) checkSocketId(session.commands.limits, socketId);
    try {
      return await run(session);
    } catch (error) {
      // A list without the socket may also be the answer.
      if (!isRejection(error) && !isMalformed(error)) throw toQfwdError(error);
      throw await explainRefusal(session, error, socketId);
    }
  }
}

function isMalformed(error: unknown): error is AtError {
  return error instanceof AtError && error.failure === 'malformed';
}
