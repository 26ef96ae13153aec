/**
 * Payload on its way into the module: one message after the other on each connection, the connections in turn.
 *
 *     send ─▶ [ messages of a connection ] ─▶ piece ─▶ AT+QFWDSEND ─▶ how much was taken ─▶ next piece, or wait for room
 */
import { AtError, type Clock, type Timers } from '../at';
import {
  bytesTaken,
  cut,
  type Facts,
  type HexUnit,
  type PayloadMode,
  type Piece,
  queueFigures,
  send,
  telling,
  unitAfter,
  whole,
} from '../qfwd';
import type { Connection } from './connection';
import type { DataLine } from './data-line';
import { isRejection, QfwdError } from './errors';
import { Message, type Sent } from './message';
import type { Polling } from './polling';
import { closedFailure, queueFull, sendFailure } from './send-failure';

export interface SenderOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly polling: Polling;
  readonly payloadMode: PayloadMode;
  /** Bytes that may wait. */
  readonly limit: number;
  readonly line: DataLine;
  /** What was measured of the firmware. */
  facts(): Facts;
  /** Looks whether the module still has the connection. */
  isAlive(connection: Connection): Promise<boolean>;
  /** Bytes were taken, or given up. */
  onProgress(connection: Connection): void;
}

/** How often a piece is tried again that the module has certainly not seen. */
const NO_PROMPT_TRIES = 3;

export class Sender {
  private readonly queues = new Map<Connection, Message[]>();
  private waitingBytes = 0;
  private expiryAt = Infinity;
  private cancelTimer: () => void = () => undefined;
  /** As the module's answers show it. */
  private hexUnit: HexUnit | undefined;

  constructor(private readonly options: SenderOptions) {}

  /** Bytes that wait to be taken by the module. */
  get waiting(): number {
    return this.waitingBytes;
  }

  /** Whether messages to this connection are under way. */
  isBusy(connection: Connection): boolean {
    return this.queues.has(connection);
  }

  /** Resolves when the module has taken all of it. Rejects with a {@link QfwdError}. */
  send(connection: Connection, data: Buffer, timeout: number): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const { clock, limit } = this.options;
      if (connection.state === 'closed') return reject(closedFailure(connection));
      if (this.waitingBytes + data.length > limit) return reject(queueFull(this.waitingBytes, limit));
      const message = new Message(connection, data, timeout, clock, { resolve, reject });
      this.expireBy(message.deadline);
      this.waitingBytes += data.length;
      const queue = this.queues.get(connection);
      if (queue) queue.push(message);
      else void this.work(connection, message);
    });
  }

  /** The connection is closed: nothing more goes to it. */
  forget(connection: Connection): void {
    for (const message of this.queues.get(connection)?.splice(1) ?? []) {
      this.giveUp(message, closedFailure(connection));
    }
    this.options.polling.hurry(connection);
  }

  private async work(connection: Connection, first: Message): Promise<void> {
    const queue = [first];
    this.queues.set(connection, queue);
    for (let message = queue[0]; message; message = queue[0]) {
      try {
        await this.transfer(message);
        message.done();
      } catch (error) {
        this.giveUp(message, error);
      }
      queue.shift();
    }
    this.queues.delete(connection);
    if (this.queues.size === 0) this.cancelExpiry();
  }

  /** One timer for all messages, set to the first of their deadlines. */
  private expireBy(deadline: number): void {
    if (deadline >= this.expiryAt) return;
    this.cancelExpiry();
    this.expiryAt = deadline;
    const { clock, timers } = this.options;
    this.cancelTimer = timers.after(Math.max(0, deadline - clock.now()), () => this.expireDue());
  }

  private cancelExpiry(): void {
    this.expiryAt = Infinity;
    this.cancelTimer();
  }

  private expireDue(): void {
    const now = this.options.clock.now();
    this.expiryAt = Infinity;
    for (const queue of this.queues.values()) {
      for (const message of [...queue]) {
        if (message.deadline > now) this.expireBy(message.deadline);
        else this.expire(queue, message);
      }
    }
  }

  /** Whoever waits behind another message, or behind commands of others, waits no longer. */
  private expire(queue: Message[], message: Message): void {
    const at = queue.indexOf(message);
    if (at <= 0) return this.options.line.withdraw(message);
    queue.splice(at, 1);
    this.giveUp(message, new AtError('cancelled', 'its turn did not come'));
  }

  private giveUp(message: Message, reason: unknown): void {
    message.fail(sendFailure(reason, message));
    this.taken(message, message.data.length - message.offset);
  }

  private async transfer(message: Message): Promise<void> {
    const { connection, data } = message;
    while (message.offset < data.length) {
      const piece = this.nextPiece(message);
      const taken = await this.sendPiece(message, piece);
      connection.noteSent(taken);
      this.taken(message, taken);
      if (taken === piece.bytes.length) continue;
      if (connection.protocol === 'udp' && taken > 0) {
        throw new QfwdError('QFWD_REJECTED', `the module took only ${taken} bytes of a datagram`, {
          sent: taken,
        });
      }
      await this.awaitRoom(message, taken > 0);
    }
  }

  private nextPiece({ connection, data, offset }: Message): Piece {
    const { payloadMode } = this.options;
    const facts = this.options.facts();
    if (connection.protocol === 'udp') {
      const piece = whole(data, payloadMode, facts);
      if (piece) return piece;
      throw new QfwdError(
        'QFWD_INVALID',
        `a datagram of ${data.length} bytes is too long: the module takes 1024, so send it in parts`,
      );
    }
    return telling(cut(data, offset, payloadMode, facts), facts.hexTaken ?? this.hexUnit);
  }

  /** How many bytes the module took. */
  private async sendPiece(message: Message, piece: Piece): Promise<number> {
    const { connection } = message;
    const command = send(connection.socketId, piece);
    for (let tries = 1; ; tries++) {
      try {
        message.commands++;
        const taken = await this.options.line.execute(command, message);
        this.hexUnit = unitAfter(piece, taken, this.options.facts().hexTaken ?? this.hexUnit);
        return bytesTaken(piece, taken, this.hexUnit);
      } catch (error) {
        if (isRejection(error)) return await this.onRejection(connection, error);
        const hasNoPrompt = error instanceof AtError && error.failure === 'noPrompt';
        if (!hasNoPrompt || tries === NO_PROMPT_TRIES) throw error;
      }
    }
  }

  /** ERROR can mean that the socket is gone, that its buffer is full (0 bytes taken), or what it says. */
  private async onRejection(connection: Connection, error: unknown): Promise<number> {
    const isAlive = await this.options.isAlive(connection).catch(() => true);
    if (connection.state !== 'open' || !isAlive) throw closedFailure(connection);
    const asking = this.options.line.execute(queueFigures(connection.socketId));
    const figures = await asking.catch(() => undefined);
    if (figures?.sendUnused === 0) return 0;
    throw error;
  }

  /** @param isLikely some firmware takes little at a time while there is room for more */
  private async awaitRoom(message: Message, isLikely: boolean): Promise<void> {
    const { connection } = message;
    const hasRoom = async (): Promise<boolean> => {
      if (!message.isWanted()) throw new AtError('cancelled', 'there was no room in time');
      // Without QFWDACK there is nothing to ask, and the next try will tell.
      const figures = await this.options.line
        .execute(queueFigures(connection.socketId), message)
        .catch((error: unknown) => {
          if (!(error instanceof AtError)) throw error;
          // Only a question was lost, so what became of the data is known.
          if (error.failure === 'lost') throw new AtError('lost', error.message);
          if (error.failure === 'cancelled') throw error;
          return undefined;
        });
      const rest = message.data.length - message.offset;
      return !figures || figures.sendUnused >= Math.min(rest, figures.sendMax / 4);
    };
    if (isLikely && (await hasRoom())) return;
    await this.options.polling.until(connection, message.deadline, hasRoom);
  }

  private taken(message: Message, bytes: number): void {
    message.offset += bytes;
    this.waitingBytes -= bytes;
    this.options.onProgress(message.connection);
  }
}
