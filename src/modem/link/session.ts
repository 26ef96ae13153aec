import { AtError, type Clock, type Command, isRejection, type Turn } from '../../at';
import type {
  AcceptedSocket,
  Execute,
  Limits,
  ListedServer,
  ListedSocket,
  OpenSocket,
  QueueFigures,
  Received,
  SocketCommands,
  SocketList,
  SocketUrc,
} from '../../sockets';
import { laneOf, type Lines } from './lines';

interface OpenReport {
  readonly result: Promise<number>;
  resolve(result: number): void;
  reject(reason: Error): void;
}

/** Scheduling options of a query. */
type QuestionTurn = Pick<Turn, 'lane' | 'isWanted'>;

/** All open sockets of the module, and the limits of the socket commands in use. */
export interface Survey extends SocketList {
  readonly limits: Limits;
}

/** Why there may be data: a URC has announced it, more than could be read was there, or nothing. */
export type ReadReason = 'announced' | 'likely' | 'poll';

export interface SessionObserver {
  /** Called once if an event had no URC and no socket URC was ever received in this session. */
  onSilence(): void;
  /** A PDP context is being activated, for longer than usual; or that has ended. */
  onActivating(isActivating: boolean): void;
}

/** In ms. */
const NOTICEABLE = 1000;

const NOTHING: Received = { data: Buffer.alloc(0) };

function lostAnswer({ text }: Command): AtError {
  return new AtError('malformed', `the answer to ${text} was lost but for its result code`, true);
}

/**
 * A session with the module: from the end of the setup until the module restarts or the link is lost. Methods that
 * execute commands reject with an `AtError`.
 */
export class Session {
  private readonly opening = new Map<number, OpenReport>();
  /** Whether any socket URC was received; if not, the module may send URCs to another port. */
  hasHeardUrcs = false;
  private hasWarned = false;
  /** Whether the firmware reports queue figures, once known. */
  private hasFigures: boolean | undefined;
  /** Whether the module was asked if it takes several commands on one line. */
  private hasTriedJoining = false;
  /** Unread bytes by socket id: what the queue figures have shown, without what was read since. */
  private readonly unread = new Map<number, number>();
  private readonly ask: Execute = (command) => this.lines.execute(command);

  constructor(
    readonly lines: Lines,
    readonly commands: SocketCommands,
    readonly clock: Clock,
    private readonly observer: SessionObserver,
  ) {}

  /**
   * See {@link SocketCommands.prepare}.
   * @throws {InvalidParameter}
   */
  async prepare(socket: OpenSocket): Promise<number> {
    let isTold = false as boolean;
    const cancel = this.clock.after(NOTICEABLE, () => {
      isTold = true;
      this.observer.onActivating(true);
    });
    try {
      return (await this.commands.prepare?.(this.ask, socket, this.clock.now())) ?? 0;
    } finally {
      cancel();
      if (isTold) this.observer.onActivating(false);
    }
  }

  /** Why the command before, which opens a socket, was rejected; `undefined` when the module does not say so. */
  async whyRefused(socketId: number): Promise<number | undefined> {
    return this.commands.whyRefused?.(this.ask, socketId);
  }

  /** Executes a command that opens a socket. */
  open(socketId: number, command: Command<void>): Promise<void> {
    return this.orOtherwise(command, (it) => this.lines.change(socketId, it));
  }

  close(socketId: number, turn?: Turn<void>): Promise<void> {
    return this.lines.change(socketId, this.commands.close(socketId), turn);
  }

  /**
   * Reads up to `length` bytes.
   * @param reason why there may be data. Before a poll, the queue figures are queried, as the module may have assigned
   * the socket id to another connection, whose data a read would remove; before a read of what is likely to be there, only
   * where nothing else would tell an empty buffer from a lost response
   */
  async receive(
    socketId: number,
    length: number,
    turn: Turn<Received>,
    reason: ReadReason = 'likely',
  ): Promise<Received> {
    const { commands } = this;
    const asksFirst = this.asksFirst(socketId, reason);
    const isEmpty = asksFirst && (await this.isEmpty(socketId, turn));
    if (isEmpty && !this.isEmptyReadUseful(socketId)) return NOTHING;
    const unread = this.unread.get(socketId) ?? 0;
    if (unread > length) this.unread.set(socketId, unread - length);
    else this.unread.delete(socketId);
    const command = commands.receive(socketId, length);
    const received = await this.orOtherwise(command, (it) => this.lines.execute(it, turn));
    const isDue = reason === 'announced' || unread > 0;
    if (received.data.length < length) this.unread.delete(socketId);
    // The socket exists, so the figures were rejected because the firmware has none.
    if (asksFirst) this.hasFigures ??= false;
    if (received.isSilent !== true) {
      if (received.data.length === 0) commands.emptyRead ??= 'zero';
    } else if (isDue || (commands.emptyRead ?? 'silent') !== 'silent') {
      throw lostAnswer(command);
    } else if (isEmpty) {
      commands.emptyRead ??= 'silent';
    }
    return received;
  }

  /**
   * How many reads of an open socket may be queued together, as they share a command line.
   * @param wanted as many as there may be data for
   */
  async readsAtOnce(socketId: number, length: number, wanted: number): Promise<number> {
    const { emptyRead } = this.commands;
    if (!(await this.joinsReads(socketId))) return 1;
    if (emptyRead === 'zero' || emptyRead === 'error') return wanted;
    // Nothing else would tell an empty buffer from a lost response.
    if (this.hasFigures !== true) return 1;
    const unread = this.unread.get(socketId) ?? (await this.askUnread(socketId));
    if (unread > 0) this.unread.set(socketId, unread);
    return Math.max(1, Math.min(wanted, Math.ceil(unread / length)));
  }

  /** Asked with queries, where that is not known, as a read whose answer is missing may have removed data. */
  private async joinsReads(socketId: number): Promise<boolean> {
    const lane = laneOf('receive', socketId);
    if (this.lines.joins(lane) === undefined && !this.hasTriedJoining) {
      this.hasTriedJoining = true;
      this.hasFigures ??= await this.askUnread(socketId).then(
        () => true,
        () => false,
      );
      if (this.hasFigures) await Promise.allSettled([this.askUnread(socketId), this.askUnread(socketId)]);
    }
    return this.lines.joins(lane) === true;
  }

  /**
   * Whether to read although there is nothing: if the firmware says so, reads on one line need no queue figures before
   * them, as a lost response is told from an empty buffer.
   */
  private isEmptyReadUseful(socketId: number): boolean {
    return this.commands.emptyRead === undefined && this.lines.joins(laneOf('receive', socketId)) === true;
  }

  private askUnread(socketId: number): Promise<number> {
    const turn = { lane: laneOf('receive', socketId) };
    return this.commands.unread((command) => this.lines.execute(command, turn), socketId);
  }

  private asksFirst(socketId: number, reason: ReadReason): boolean {
    const { emptyRead } = this.commands;
    if (reason === 'poll') return this.hasFigures !== false || emptyRead === 'silent';
    if (this.unread.has(socketId)) return false;
    if (emptyRead === undefined) return reason === 'likely' && this.hasFigures !== false;
    return emptyRead === 'silent';
  }

  /** Whether the figures show no unread data. Rejects if there is no such socket, where the firmware has figures. */
  private async isEmpty(socketId: number, read: Turn<Received>): Promise<boolean> {
    const { lane } = read;
    const turn = { ...(lane !== undefined && { lane }), isWanted: () => read.isWanted?.() ?? true };
    try {
      const unread = await this.commands.unread((command) => this.lines.execute(command, turn), socketId);
      this.hasFigures = true;
      if (unread > 0) this.unread.set(socketId, unread);
      return unread === 0;
    } catch (error) {
      const { failure, message } = error as AtError;
      if (failure === 'malformed' || failure === 'timeout') this.hasFigures ??= false;
      const isNeeded = this.hasFigures ?? this.commands.emptyRead === 'silent';
      if (!isNeeded && failure !== 'lost' && failure !== 'cancelled') return false;
      // No data was lost.
      throw failure === 'rejected' ? error : new AtError(failure, message);
    }
  }

  async queues(socketId: number, turn?: Turn): Promise<QueueFigures> {
    const figures = await this.commands.queues((command) => this.lines.execute(command, turn), socketId);
    this.hasFigures = true;
    return figures;
  }

  async list(turn?: QuestionTurn): Promise<Survey> {
    const { limits } = this.commands;
    return { ...(await this.commands.list(this.asking(turn))), limits };
  }

  servers(): Promise<readonly ListedServer[]> {
    return this.commands.listServers(this.ask);
  }

  sockets(turn?: QuestionTurn): Promise<readonly ListedSocket[]> {
    return this.commands.listSockets(this.asking(turn));
  }

  accepted(serverId: number, turn?: QuestionTurn): Promise<readonly AcceptedSocket[]> {
    return this.commands.listAccepted(this.asking(turn), serverId);
  }

  private asking(turn?: QuestionTurn): Execute {
    return turn ? (command) => this.lines.execute(command, turn) : this.ask;
  }

  async hasServer(socketId: number): Promise<boolean> {
    return (await this.servers()).some((server) => server.socketId === socketId);
  }

  async hasSocket(socketId: number): Promise<boolean> {
    return (await this.sockets()).some((socket) => socket.socketId === socketId && !socket.hasEnded);
  }

  /** The `result` of the next open URC of a socket; rejects if the session ends first. */
  awaitOpen(socketId: number): Promise<number> {
    let resolve: (result: number) => void = () => undefined;
    let reject: (reason: Error) => void = () => undefined;
    const result = new Promise<number>((...settle) => ([resolve, reject] = settle));
    this.opening.set(socketId, { result, resolve, reject });
    // The caller may no longer wait for the result.
    result.catch(() => undefined);
    return result;
  }

  /** Whether the open URC of this socket is awaited. */
  isOpening(socketId: number): boolean {
    return this.opening.has(socketId);
  }

  /** Stops waiting for the open URC. */
  forgetOpen(socketId: number, result: Promise<number>): void {
    if (this.opening.get(socketId)?.result === result) this.opening.delete(socketId);
  }

  /** Opening this socket was given up: rejects the wait for its open URC. */
  abandonOpen(socketId: number, reason: Error): void {
    this.opening.get(socketId)?.reject(reason);
    this.opening.delete(socketId);
  }

  /** An event was detected for which no URC was received. */
  noteSilence(): void {
    if (this.hasHeardUrcs || this.hasWarned) return;
    this.hasWarned = true;
    this.observer.onSilence();
  }

  /** @returns the URC with what is known about its socket */
  onUrc(heard: SocketUrc): SocketUrc {
    const urc = this.commands.onUrc?.(heard) ?? heard;
    if (urc.event !== 'other') this.hasHeardUrcs = true;
    // From now on, the id means another connection.
    if (urc.event === 'client/incoming' || urc.event === 'client/open') this.unread.delete(urc.socketId);
    if (urc.event === 'server/open' || urc.event === 'client/open')
      this.opening.get(urc.socketId)?.resolve(urc.result);
    return urc;
  }

  end(reason: Error): void {
    this.lines.close(reason);
    for (const socketId of this.opening.keys()) this.abandonOpen(socketId, reason);
  }

  /** Retries a rejected command in its alternative form. If that fails, too, the first error is thrown. */
  private async orOtherwise<T>(command: Command<T>, run: (command: Command<T>) => Promise<T>): Promise<T> {
    try {
      return await run(command);
    } catch (error) {
      const other = isRejection(error) ? this.commands.otherwise(command) : undefined;
      if (!other) throw error;
      return run(other).catch((second: unknown) => {
        throw isAnswer(second) ? error : second;
      });
    }
  }
}

/** Whether the module answered, but with an error or a malformed response. */
function isAnswer(error: unknown): boolean {
  return isRejection(error) || (error instanceof AtError && error.failure === 'malformed');
}
