import { AtError, type AtFailure, type Clock, type Command, type Turn, within } from '../../at';
import type { Execute, QueueFigures, SocketCommands } from '../../sockets';
import { orOffline, toQfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';

/** How long the second port may take to replace the first, in ms. */
const FAILOVER_LIMIT = 5000;

/** The send path of payload: over the current session, or over the next one during a failover to the second port. */
export class DataLine {
  /** Callbacks that wait for the end of a failover. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly current: CurrentLink,
  ) {}

  /**
   * @param commandOf the command in the dialect of the session that runs it; may throw
   * @throws {AtError|QfwdError} `QFWD_OFFLINE` when there is no session
   */
  execute<T>(commandOf: (commands: SocketCommands) => Command<T>, turn: Turn<NoInfer<T>>): Promise<T> {
    return this.overFailover(({ commands, lines }) => lines.execute(commandOf(commands), turn));
  }

  /** A query, which can be repeated without side effects. Rejects like {@link execute}. */
  queues(socketId: number, turn?: Turn): Promise<QueueFigures> {
    return this.overFailover((session) => session.queues(socketId, turn), true);
  }

  /** See {@link SocketCommands.taken}; `undefined` when it cannot be asked. */
  async taken(
    socketId: number,
    bytes: number,
    failure: AtFailure,
    turn: Pick<Turn, 'lane'>,
  ): Promise<number | undefined> {
    const session = this.current.dataSession;
    const execute: Execute = (command) => orOffline(session).lines.execute(command, turn);
    return session?.commands.taken?.(execute, socketId, bytes, failure).catch(() => undefined);
  }

  /** Cancels the queued command that has this turn. */
  withdraw(turn: Turn): void {
    this.current.dataSession?.lines.withdraw(turn);
  }

  /** Whether there is a session; during a failover, resolves when the failover ends. */
  async awaitFailover(): Promise<boolean> {
    if (this.isFailingOver) {
      await within(this.clock, FAILOVER_LIMIT, new Promise<void>((wake) => this.waiting.add(wake)));
    }
    return this.current.dataSession !== undefined;
  }

  /** The link state changed: ends the waits if the failover succeeded or was given up. */
  noteLinkState(): void {
    if (this.isFailingOver) return;
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private async overFailover<T>(run: (session: Session) => Promise<T>, isRepeatable = false): Promise<T> {
    for (;;) {
      try {
        return await run(orOffline(this.current.dataSession));
      } catch (error) {
        const isUnseen = !(error instanceof AtError && error.mayHaveHappened);
        const isLost = toQfwdError(error).code === 'QFWD_OFFLINE';
        if (!isLost || !(isUnseen || isRepeatable) || !(await this.awaitFailover())) throw error;
      }
    }
  }

  private get isFailingOver(): boolean {
    return !this.current.dataSession && this.current.isFailingOver;
  }
}
