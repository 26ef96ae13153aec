import { AtError, type Command, type Turn } from '../../at';
import type { Received, SocketCommands } from '../../sockets';
import { orOtherwise } from './alternative-form';
import { laneOf, type Lines } from './lines';

/** Why there may be data: a URC has announced it, the read before it was full or may be, or no reason is known. */
export type ReadReason = 'announced' | 'likely' | 'poll';

const NOTHING: Received = { data: Buffer.alloc(0) };

function lostAnswer({ text }: Command): AtError {
  return new AtError('malformed', `the answer to ${text} was lost but for its result code`, true);
}

/** Reads data from sockets in a session, and finds out whether a read without data means that there is none. */
export class Reads {
  /** Whether the firmware reports queue figures, once known. */
  private hasFigures: boolean | undefined;
  /** How often the module may still be asked whether it takes several commands on one line. */
  private triesOfJoining = 3;
  /** Unread bytes by socket id: what the queue figures have shown, without what was read since. */
  private readonly unread = new Map<number, number>();

  constructor(
    private readonly lines: Lines,
    private readonly commands: SocketCommands,
  ) {}

  /** The firmware has reported queue figures. */
  noteFigures(): void {
    this.hasFigures = true;
  }

  /** From now on, the socket id means another connection. */
  forget(socketId: number): void {
    this.unread.delete(socketId);
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
    if (isEmpty && !this.isEmptyReadUseful(socketId, length)) return NOTHING;
    const unread = this.unread.get(socketId) ?? 0;
    if (unread > length) this.unread.set(socketId, unread - length);
    else this.unread.delete(socketId);
    const command = commands.receive(socketId, length);
    const received = await orOtherwise(commands, command, (it) => this.lines.execute(it, turn));
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
   * @param isIdKept whether the module gives the socket id to no other connection by itself. Otherwise it may do so as soon
   * as a connection that its peer has closed is read completely, and a read behind that on the same line would be of the
   * other connection
   */
  async atOnce(socketId: number, length: number, wanted: number, isIdKept: boolean): Promise<number> {
    const { emptyRead } = this.commands;
    const most = Math.min(wanted, await this.perLine(socketId, length));
    if (most === 1) return 1;
    // Nothing else would tell an empty buffer from a lost response.
    const isEmptyKnown = emptyRead === 'zero' || emptyRead === 'error';
    if (isEmptyKnown && isIdKept) return most;
    if (this.hasFigures !== true) return 1;
    if ((this.unread.get(socketId) ?? 0) === 0) await this.lookAhead(socketId);
    return Math.max(1, Math.min(most, Math.ceil((this.unread.get(socketId) ?? 0) / length)));
  }

  /** Queries how much is unread, for the next reads. Never rejects. */
  async lookAhead(socketId: number): Promise<void> {
    const unread = await this.askUnread(socketId).catch(() => 0);
    if (unread > 0) this.unread.set(socketId, unread);
    else this.unread.delete(socketId);
  }

  /** Asked with queries, where that is not known, as a read whose answer is missing may have removed data. */
  private async perLine(socketId: number, length: number): Promise<number> {
    const known = this.knownPerLine(socketId, length);
    if (known !== undefined || this.triesOfJoining === 0) return known ?? 1;
    this.triesOfJoining--;
    this.hasFigures ??= await this.askUnread(socketId).then(
      () => true,
      () => false,
    );
    if (this.hasFigures) await Promise.allSettled([this.askUnread(socketId), this.askUnread(socketId)]);
    return this.knownPerLine(socketId, length) ?? 1;
  }

  private knownPerLine(socketId: number, length: number): number | undefined {
    const { text } = this.commands.receive(socketId, length);
    return this.lines.readsPerLine(laneOf('receive', socketId), text);
  }

  /**
   * Whether to read although there is no data: if the response shows that, several reads on one line need no queue figures
   * before them, as a lost response can be told from an empty buffer.
   */
  private isEmptyReadUseful(socketId: number, length: number): boolean {
    return this.commands.emptyRead === undefined && (this.knownPerLine(socketId, length) ?? 1) > 1;
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
}
