/** Questions and orders about single sockets, each one command of the manual, with errors that say what was wrong. */
import type { Channel } from '../at';
import {
  type Dialect,
  type ListedClient,
  type ListedConnection,
  type ListedServer,
  listClients,
  listConnections,
  listServers,
  queueFigures,
  type QueueFigures,
  setUrcPort,
  type UrcPort,
  urcPortOf,
} from '../qfwd';
import { isRejection, toQfwdError } from './errors';
import { explainRefusal } from './refusal';
import { changesSockets, type RawAnswer, rawCommand } from './raw-command';
import type { Session } from './session';

export class Requests {
  /**
   * @param session of the moment
   * @param channel for commands as text
   * Both throw `QFWD_OFFLINE` when there is none.
   * @param onChanged a command as text may have opened or closed something
   */
  constructor(
    private readonly session: () => Session,
    private readonly channel: () => Channel,
    private readonly onChanged: () => void,
    /** A socket reports to another port now. */
    private readonly onMoved: (socketId: number) => void,
  ) {}

  /** AT+QFWDACK. Each of these rejects with a {@link QfwdError}. */
  queueFigures(socketId: number): Promise<QueueFigures> {
    return this.ask('QFWDACK', (session) => session.execute(queueFigures(socketId)), socketId);
  }

  /** AT+QFWDSEVER? */
  servers(): Promise<readonly ListedServer[]> {
    return this.ask(
      ({ server }) => server,
      (session) => session.execute(listServers(session.dialect)),
    );
  }

  /** AT+QFWDCLIENT? */
  clients(): Promise<readonly ListedClient[]> {
    return this.ask('QFWDCLIENT', (session) => session.execute(listClients()));
  }

  /** AT+QFWDSTATE */
  connectionsOf(serverId: number): Promise<readonly ListedConnection[]> {
    return this.ask(
      ({ state }) => state,
      (session) => session.execute(listConnections(session.dialect, serverId)),
      serverId,
    );
  }

  /** AT+QFWDCFG="urc",<socketId> */
  urcPort(socketId: number): Promise<UrcPort> {
    return this.ask('QFWDCFG', (session) => session.execute(urcPortOf(socketId)), socketId);
  }

  /** AT+QFWDCFG="urc",<socketId>,<urcPort> */
  setUrcPort(socketId: number, urcPort: UrcPort): Promise<void> {
    const onAnswer = (): void => this.onMoved(socketId);
    const move = (session: Session) =>
      session.lines.change(socketId, setUrcPort(socketId, urcPort), { onAnswer });
    return this.ask('QFWDCFG', move, socketId);
  }

  /** AT+QFWDCLOSE */
  close(socketId: number): Promise<void> {
    return this.ask(
      ({ close }) => close,
      (session) => session.close(socketId),
      socketId,
    );
  }

  /** One command that a user typed. @param timeout ms */
  async raw(text: string, timeout?: number): Promise<RawAnswer> {
    const command = rawCommand(text, timeout);
    try {
      return await this.channel().execute(command);
    } catch (error) {
      throw toQfwdError(error);
    } finally {
      if (changesSockets(command.text)) this.onChanged();
    }
  }

  private async ask<T>(
    name: string | ((dialect: Dialect) => string),
    run: (session: Session) => Promise<T>,
    socketId?: number,
  ): Promise<T> {
    const session = this.session();
    try {
      return await run(session);
    } catch (error) {
      if (!isRejection(error)) throw toQfwdError(error);
      const known = typeof name === 'string' ? name : name(session.dialect);
      throw await explainRefusal(session, known, error, socketId);
    }
  }
}
