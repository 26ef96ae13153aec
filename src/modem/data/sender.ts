/**
 * Sends payload: one message after the other on each connection, the connections in turn.
 *
 *     send ─▶ [ messages of a connection ] ─▶ piece ─▶ command ─▶ how much was taken ─▶ next piece, or wait for room
 */
import { AtError, type Clock, isRejection, within } from '../../at';
import type { Peer, QueueFigures, Sending, SocketCommands } from '../../sockets';
import { offline, QfwdError } from '../errors';
import type { ClearText } from './clear-text';
import type { Counters } from '../link/counters';
import type { Connection } from './connection';
import type { DataLine } from './data-line';
import type { DataOwner } from './data-owner';
import { Message, type Sent } from './message';
import type { Polling } from './polling';
import type { Reader } from './reader';
import type { SendBudget } from './send-budget';
import { closedFailure, emptyDatagram, misledFailure, queueFull, sendFailure } from './send-failure';

export interface SenderOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly polling: Polling;
  readonly budget: SendBudget;
  readonly line: DataLine;
  readonly owner: DataOwner;
  readonly reader: Reader;
  /** Whether it sends for streams, to the module as it is given. */
  readonly isForStreams?: boolean;
}

/** Attempts to send a piece that the module has not accepted because there was no prompt. */
const NO_PROMPT_TRIES = 3;
/** As often is a piece refused before the peer, which has ended, counts as gone. The first time, there may have been no room. */
const REFUSALS = 2;
/** Clear text that is encrypted at a time, in bytes: as much as one record of TLS holds. */
const RECORD = 16_384;

export class Sender {
  private readonly queues = new Map<Connection, Message[]>();
  private expiryAt = Infinity;
  private noteDrained: () => void = () => undefined;
  private isStopped = false;
  private cancelTimer: () => void = () => undefined;

  constructor(private readonly options: SenderOptions) {}

  /** Whether messages to this connection are queued or being sent. */
  isBusy(connection: Connection): boolean {
    return this.queues.has(connection);
  }

  /** Resolves when the module has accepted all data. Rejects with a {@link QfwdError}. */
  send(connection: Connection, data: Buffer, timeout: number, to?: Peer): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const { budget, clock } = this.options;
      if (connection.state === 'closed') return reject(closedFailure(connection));
      if (connection.protocol === 'udp' && data.length === 0) return reject(emptyDatagram());
      if (!budget.hasRoomFor(data.length)) return reject(queueFull(budget, data.length));
      const message = new Message(connection, data, timeout, clock, resolve, reject, to);
      this.expireBy(message.deadline);
      budget.add(data.length);
      const queue = this.queues.get(connection);
      if (queue) queue.push(message);
      else void this.work(connection, message);
    });
  }

  /** Resolves when the send queues are empty. */
  drained(): Promise<void> {
    if (this.queues.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.noteDrained = resolve));
  }

  /** Number of messages that are queued or being sent. */
  get count(): number {
    return this.options.budget.messages;
  }

  /** The modem is stopped: unsent messages fail with `QFWD_OFFLINE`, not as a closed connection. */
  stop(): void {
    this.isStopped = true;
  }

  /** The connection is closed: its queued messages fail. */
  forget(connection: Connection): void {
    for (const message of this.queues.get(connection)?.splice(1) ?? []) {
      this.giveUp(message, this.isStopped ? offline() : closedFailure(connection));
    }
    this.options.polling.hurry(connection);
  }

  private async work(connection: Connection, first: Message): Promise<void> {
    const queue = [first];
    this.queues.set(connection, queue);
    for (let message = queue[0]; message; message = queue[0]) {
      this.noteBegin(message);
      try {
        await this.transfer(message);
        this.leave(message);
        message.done();
      } catch (error) {
        this.giveUp(message, error);
      }
      queue.shift();
    }
    this.queues.delete(connection);
    this.options.budget.noteNoWait(connection);
    this.options.reader.noteSent(connection);
    if (this.queues.size > 0) return;
    this.cancelExpiry();
    this.noteDrained();
  }

  /** Whether messages wait for long because the line is slow, and not because the peer does not read. */
  private noteBegin({ connection, started, timeout }: Message): void {
    const { budget, clock } = this.options;
    const now = clock.now();
    if (connection.blockedAt >= started) budget.noteNoWait(connection);
    else budget.noteWait(connection, (now - started) / timeout, now);
  }

  /** One timer for all messages, set to the earliest deadline. */
  private expireBy(deadline: number): void {
    if (deadline >= this.expiryAt) return;
    this.cancelExpiry();
    this.expiryAt = deadline;
    const { clock } = this.options;
    this.cancelTimer = clock.after(Math.max(0, deadline - clock.now()), () => this.expireDue());
  }

  private cancelExpiry(): void {
    this.expiryAt = Infinity;
    this.cancelTimer();
  }

  /** Fails queued messages whose deadline has passed, and cancels their queued commands. */
  private expireDue(): void {
    const now = this.options.clock.now();
    const isLate = ({ deadline }: Message): boolean => deadline <= now;
    const late: Message[] = [];
    let next = Infinity;
    for (const queue of this.queues.values()) {
      const [first, ...others] = queue;
      queue.length = 1;
      for (const message of others) (isLate(message) ? late : queue).push(message);
      if (first && isLate(first)) this.options.line.withdraw(first);
      for (const message of queue) if (!isLate(message)) next = Math.min(next, message.deadline);
    }
    this.expiryAt = Infinity;
    this.expireBy(next);
    const reason = new AtError('cancelled', 'its turn did not come');
    for (const message of late) this.giveUp(message, reason);
  }

  private giveUp(message: Message, reason: unknown): void {
    const failure = sendFailure(reason, message);
    if (failure.code === 'QFWD_UNKNOWN_OUTCOME') this.options.counters.unknownOutcomes++;
    this.leave(message);
    message.fail(failure);
  }

  /** Removes a message from the budget, sent or not. */
  private leave({ connection, data, offset }: Message): void {
    this.options.budget.end(data.length - offset);
    this.options.reader.noteSent(connection);
  }

  private async transfer(message: Message): Promise<void> {
    const { connection, data } = message;
    const clear = this.options.isForStreams ? undefined : connection.clear;
    let refusals = 0;
    while (message.offset < data.length) {
      const { taken, given } = await (clear ? this.sendClear(clear, message) : this.sendPiece(message));
      if (message.isMisled && taken > 0) throw misledFailure(connection);
      if (clear || !connection.clear) connection.noteSent(taken);
      this.taken(message, taken);
      if (taken === given) continue;
      if (connection.protocol === 'udp' && taken > 0) {
        throw new QfwdError('QFWD_REJECTED', `the module took only ${taken} bytes of a datagram`, {
          sent: taken,
        });
      }
      const isEmpty = await this.awaitRoom(message, taken > 0);
      // Not for want of room: some firmware does not say that there is no connection any more.
      refusals = isEmpty && taken === 0 && connection.state === 'ending' ? refusals + 1 : 0;
      if (refusals === REFUSALS) throw closedFailure(connection);
    }
  }

  /** Has one piece encrypted, and that sent. */
  private async sendClear(clear: ClearText, message: Message): Promise<{ taken: number; given: number }> {
    const { clock } = this.options;
    const piece = message.data.subarray(message.offset, message.offset + RECORD);
    const progress = { isBegun: false };
    const isWanted = (): boolean => (progress.isBegun = message.isWanted());
    const written = clear.write(piece, isWanted).then(() => progress.isBegun);
    message.commands++;
    if (await within(clock, message.deadline - clock.now(), written))
      return { taken: piece.length, given: piece.length };
    if (progress.isBegun) throw new AtError('timeout', 'the module had not taken all of it in time', true);
    throw new AtError('cancelled', 'it was not taken in time');
  }

  /** Sends one piece. Resolves with the bytes `given` to the module, and those it has `taken`. */
  private async sendPiece(message: Message): Promise<{ taken: number; given: number }> {
    let given = 0;
    const commandOf = (commands: SocketCommands) => {
      const { command, bytes } = nextSending(commands, message);
      given = bytes;
      return command;
    };
    for (let tries = 1; ; tries++) {
      try {
        message.commands++;
        return { taken: await this.options.line.execute(commandOf, message), given };
      } catch (error) {
        if (isRejection(error)) return { taken: await this.onRejection(message.connection, error), given };
        const taken = await this.takenAfterAll(message, error, given);
        if (taken !== undefined) return { taken, given };
        const hasNoPrompt = error instanceof AtError && error.failure === 'noPrompt';
        if (!hasNoPrompt || tries === NO_PROMPT_TRIES) throw error;
      }
    }
  }

  /** ERROR may mean that the socket is closed, that its buffer is full (0 bytes taken), or an actual error. */
  private async onRejection(connection: Connection, error: unknown): Promise<number> {
    const isAlive = await this.options.owner.isAlive(connection).catch(() => true);
    if (connection.state !== 'open' || !isAlive) throw closedFailure(connection);
    const figures = await this.options.line.queues(connection.socketId).catch(() => undefined);
    if (figures?.sendUnused === 0) return 0;
    throw error;
  }

  /** How much of a piece the module has taken whose answer was lost, if that can be known. */
  private async takenAfterAll(
    { connection, lane }: Message,
    error: unknown,
    given: number,
  ): Promise<number | undefined> {
    if (!(error instanceof AtError) || !error.mayHaveHappened) return undefined;
    const { line, owner } = this.options;
    const taken = await line.taken(connection.socketId, given, error.failure, { lane });
    if (taken === undefined) return undefined;
    // The socket id may mean another connection by now.
    const isAlive = await owner.isAlive(connection).catch(() => false);
    return isAlive && !connection.isReplaced ? taken : undefined;
  }

  /**
   * @param isLikely check at once: some firmware takes little at a time while there is room for more
   * @returns whether nothing at all is left to be sent
   */
  private async awaitRoom(message: Message, isLikely: boolean): Promise<boolean> {
    const { connection } = message;
    const { clock, reader } = this.options;
    let most = 0;
    let isEmpty = false;
    connection.blockedAt = Infinity;
    reader.noteSent(connection);
    const hasRoom = async (): Promise<boolean> => {
      if (this.isStopped) throw offline();
      if (!message.isWanted()) throw new AtError('cancelled', 'there was no room in time');
      // If the firmware has no queue figures, the piece is simply sent again.
      const figures = await this.options.line.queues(connection.socketId, message).catch((error: unknown) => {
        if (!(error instanceof AtError)) throw error;
        // Only a query was lost, so the outcome of the data is known.
        if (error.failure === 'lost') throw new AtError('lost', error.message);
        if (error.failure === 'cancelled') throw error;
        return undefined;
      });
      const rest = message.data.length - message.offset;
      isEmpty = figures?.sendUsed === 0;
      if (!figures) return true;
      most = Math.max(most, figures.sendUsed);
      return hasRoomFor(rest, figures, most);
    };
    try {
      if (!isLikely || !(await hasRoom()))
        await this.options.polling.until(connection, message.deadline, hasRoom);
    } finally {
      connection.blockedAt = clock.now();
    }
    return isEmpty;
  }

  private taken(message: Message, bytes: number): void {
    message.offset += bytes;
    this.options.budget.remove(bytes);
    this.options.reader.noteSent(message.connection);
  }
}

function nextSending(commands: SocketCommands, { connection, data, offset, to }: Message): Sending {
  const { socketId, protocol } = connection;
  if (protocol === 'tcp') return commands.send(socketId, data.subarray(offset));
  const sending = commands.sendDatagram(socketId, data, to);
  if (sending) return sending;
  const most = commands.limits.datagramLength;
  throw new QfwdError(
    'QFWD_INVALID',
    `a datagram of ${data.length} bytes is too long: the module takes ${most}, so send it in parts`,
  );
}

/**
 * Whether there is room for the rest of the message, or for at least a quarter of the buffer.
 * @param most how much was in the full buffer, for a module that does not tell its size: half of it is room enough
 */
function hasRoomFor(rest: number, { sendUsed, sendUnused, sendMax }: QueueFigures, most: number): boolean {
  if (sendUnused === undefined) return sendUsed <= most / 2;
  return sendUnused >= Math.min(rest, (sendMax ?? rest) / 4);
}
