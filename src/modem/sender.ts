/**
 * Payload on its way into the module: one message after the other on each connection, the connections in turn.
 *
 *     send ─▶ [ messages of a connection ] ─▶ piece ─▶ AT+QFWDSEND ─▶ how much was taken ─▶ next piece, or wait for room
 */
import { AtError, type Clock, type Turn } from '../at';
import { cut, type Facts, type PayloadMode, type Piece, queueFigures, send, whole } from '../qfwd';
import type { Connection } from './connection';
import { isRejection, offline, QfwdError, toQfwdError } from './errors';
import { laneOf } from './lines';
import { Message, type Sent } from './message';
import type { Session } from './session';
import type { Timers } from './timers';

export interface SenderOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly payloadMode: PayloadMode;
  /** Bytes that may wait. */
  readonly limit: number;
  session(): Session | undefined;
  /** What was measured of the firmware. */
  facts(): Facts;
  /** Looks whether the module still has the connection. */
  isAlive(connection: Connection): Promise<boolean>;
  /** Bytes were taken, or given up. */
  onProgress(connection: Connection): void;
}

/** How often a piece is tried again that the module has certainly not seen. */
const UNPROMPTED_TRIES = 3;
const ROOM_POLL_FIRST = 20;
const ROOM_POLL_MOST = 500;

export class Sender {
  private readonly queues = new Map<Connection, Message[]>();
  /** Wakes whoever waits for a connection to get on. */
  private readonly waits = new Map<Connection, Set<() => void>>();
  private waitingBytes = 0;
  private expiryAt = Infinity;
  private cancelTimer: () => void = () => undefined;
  /** Whether `actual_send_len` counts digits under HEX; the manual says neither. */
  private hexUnit: 'unknown' | 'bytes' | 'digits' = 'unknown';

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
      if (connection.state === 'closed') return reject(closed(connection));
      if (this.waitingBytes + data.length > limit) {
        return reject(
          new QfwdError(
            'QFWD_QUEUE_FULL',
            `${this.waitingBytes} of at most ${limit} bytes are waiting already: send less at a time, or raise the queue limit of the modem node`,
          ),
        );
      }
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
      this.giveUp(connection, message, closed(connection));
    }
    for (const wake of this.waits.get(connection) ?? []) wake();
  }

  /** Resolves when nothing of what the module took is left to be sent. Rejects with a {@link QfwdError}. */
  async awaitDelivery(connection: Connection, timeout: number): Promise<void> {
    const { clock, timers } = this.options;
    const deadline = clock.now() + timeout;
    const turn: Turn = {
      lane: laneOf('send', connection.socketId),
      isWanted: () => connection.state !== 'closed' && clock.now() < deadline,
    };
    const cancelExpiry = timers.after(timeout, () => this.options.session()?.withdraw(turn));
    try {
      for (let delay = ROOM_POLL_FIRST; ; delay = Math.min(ROOM_POLL_MOST, delay * 2)) {
        const figures = await this.session().execute(queueFigures(connection.socketId), turn);
        if (figures.sendUsed === 0) return;
        await this.wait(connection, Math.max(0, Math.min(delay, deadline - clock.now())));
      }
    } catch (error) {
      throw await this.explainWait(error, connection, timeout);
    } finally {
      cancelExpiry();
    }
  }

  private async explainWait(error: unknown, connection: Connection, timeout: number): Promise<QfwdError> {
    if (connection.state === 'closed') return closed(connection);
    if (error instanceof AtError && error.failure === 'cancelled') {
      const text = `the peer had not got everything after ${Math.round(timeout)} ms: it may not be reading`;
      return new QfwdError('QFWD_TIMEOUT', text);
    }
    if (!isRejection(error)) return unconfirmed(toQfwdError(error));
    if (!(await this.options.isAlive(connection))) return closed(connection);
    return new QfwdError(
      'QFWD_UNSUPPORTED',
      'this firmware has no AT+QFWDACK, which tells what is left to be sent: do not wait for that',
    );
  }

  private async work(connection: Connection, first: Message): Promise<void> {
    const queue = [first];
    this.queues.set(connection, queue);
    for (let message = queue[0]; message; message = queue[0]) {
      try {
        await this.transfer(connection, message);
        message.done();
      } catch (error) {
        this.giveUp(connection, message, error);
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
    for (const [connection, queue] of this.queues) {
      for (const message of [...queue]) {
        if (message.deadline > now) this.expireBy(message.deadline);
        else this.expire(connection, queue, message);
      }
    }
  }

  /** Whoever waits behind another message, or behind commands of others, waits no longer. */
  private expire(connection: Connection, queue: Message[], message: Message): void {
    const at = queue.indexOf(message);
    if (at <= 0) return this.options.session()?.withdraw(message);
    queue.splice(at, 1);
    this.giveUp(connection, message, new AtError('cancelled', 'its turn did not come'));
  }

  private giveUp(connection: Connection, message: Message, reason: unknown): void {
    message.fail(this.explain(reason, connection, message));
    this.taken(connection, message, message.data.length - message.offset);
  }

  private async transfer(connection: Connection, message: Message): Promise<void> {
    const { data } = message;
    while (message.offset < data.length) {
      const piece = this.nextPiece(connection, message);
      const taken = await this.sendPiece(connection, message, piece);
      connection.noteSent(taken);
      this.taken(connection, message, taken);
      if (taken === piece.bytes.length) continue;
      if (connection.protocol === 'udp' && taken > 0) {
        throw new QfwdError('QFWD_REJECTED', `the module took only ${taken} bytes of a datagram`, {
          sent: taken,
        });
      }
      await this.awaitRoom(connection, message, taken > 0);
    }
  }

  private nextPiece({ protocol }: Connection, { data, offset }: Message): Piece {
    const { payloadMode } = this.options;
    const facts = this.options.facts();
    if (protocol === 'udp') {
      const piece = whole(data, payloadMode, facts);
      if (piece) return piece;
      throw new QfwdError(
        'QFWD_INVALID',
        `a datagram of ${data.length} bytes is too long: the module takes 1024, so send it in parts`,
      );
    }
    const piece = cut(data, offset, payloadMode, facts);
    if (facts.hexTaken) this.hexUnit = facts.hexTaken;
    // One byte cannot be taken by half, so its answer tells the unit.
    const probe = piece.format === 'hex' && this.hexUnit === 'unknown';
    return probe ? { ...piece, bytes: piece.bytes.subarray(0, 1) } : piece;
  }

  /** How many bytes the module took. */
  private async sendPiece(connection: Connection, message: Message, piece: Piece): Promise<number> {
    const command = send(connection.socketId, piece);
    for (let tries = 1; ; tries++) {
      try {
        message.commands++;
        return this.toBytes(piece, await this.session().execute(command, message));
      } catch (error) {
        if (isRejection(error)) return await this.onRejection(connection, error);
        const unprompted = error instanceof AtError && error.failure === 'unprompted';
        if (!unprompted || tries === UNPROMPTED_TRIES) throw error;
      }
    }
  }

  /** ERROR can mean that the socket is gone, that its buffer is full (0 bytes taken), or what it says. */
  private async onRejection(connection: Connection, error: unknown): Promise<number> {
    const isAlive = await this.options.isAlive(connection).catch(() => true);
    if (connection.state !== 'open' || !isAlive) throw closed(connection);
    const asking = this.options.session()?.execute(queueFigures(connection.socketId));
    const figures = await asking?.catch(() => undefined);
    if (figures?.sendUnused === 0) return 0;
    throw error;
  }

  /** @param isLikely some firmware takes little at a time while there is room for more */
  private async awaitRoom(connection: Connection, message: Message, isLikely: boolean): Promise<void> {
    const { clock } = this.options;
    let delay = isLikely ? 0 : ROOM_POLL_FIRST;
    for (;;) {
      if (delay > 0)
        await this.wait(connection, Math.max(0, Math.min(delay, message.deadline - clock.now())));
      delay = Math.max(ROOM_POLL_FIRST, Math.min(ROOM_POLL_MOST, 2 * delay));
      if (!message.isWanted()) throw new AtError('cancelled', 'there was no room in time');
      // Without QFWDACK there is nothing to ask, and the next try will tell.
      const figures = await this.session()
        .execute(queueFigures(connection.socketId), message)
        .catch((error: unknown) => {
          if (!(error instanceof AtError)) throw error;
          if (error.failure === 'lost') throw new AtError('lost', error.message);
          if (error.failure === 'cancelled') throw error;
          return undefined;
        });
      const rest = message.data.length - message.offset;
      if (!figures || figures.sendUnused >= Math.min(rest, figures.sendMax / 4)) return;
    }
  }

  private toBytes({ format, bytes }: Piece, taken: number): number {
    if (format === 'raw') return Math.min(taken, bytes.length);
    if (taken === 2 * bytes.length) this.hexUnit = 'digits';
    else if (taken === bytes.length && this.hexUnit === 'unknown') this.hexUnit = 'bytes';
    return Math.min(this.hexUnit === 'digits' ? taken >> 1 : taken, bytes.length);
  }

  private taken(connection: Connection, message: Message, bytes: number): void {
    message.offset += bytes;
    this.waitingBytes -= bytes;
    this.options.onProgress(connection);
  }

  private session(): Session {
    const session = this.options.session();
    if (!session) throw offline();
    return session;
  }

  private wait(connection: Connection, ms: number): Promise<void> {
    const waits = this.waits.get(connection) ?? new Set();
    this.waits.set(connection, waits);
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        waits.delete(wake);
        if (waits.size === 0) this.waits.delete(connection);
        resolve();
      };
      const cancel = this.options.clock.after(ms, wake);
      waits.add(wake);
    });
  }

  private explain(error: unknown, connection: Connection, message: Message): QfwdError {
    const { offset: sent, started, data, deadline } = message;
    if (error instanceof AtError && error.failure === 'cancelled') {
      if (connection.state === 'closed') return closed(connection, sent);
      const text =
        `the module took ${sent} of ${data.length} bytes within ${Math.round(deadline - started)} ms: ` +
        'the peer may not be reading, or the line is too slow for so much';
      return new QfwdError('QFWD_TIMEOUT', text, { sent });
    }
    const { code, message: text, cme } = toQfwdError(error);
    const isUnknown = error instanceof AtError && error.mayHaveHappened;
    // A link that goes between two pieces leaves a message half sent, which must not be sent again either.
    if (isUnknown || (sent > 0 && code === 'QFWD_OFFLINE')) {
      const warning = `${text}, so the data may have been sent or not, and is not sent again: the peer knows`;
      return new QfwdError('QFWD_UNKNOWN_OUTCOME', warning, { sent });
    }
    return new QfwdError(code, text, { cme, sent });
  }
}

/** The module has taken all of it, and whether it goes on to the peer will not be known: it must not be sent again. */
function unconfirmed(error: QfwdError): QfwdError {
  if (error.code !== 'QFWD_OFFLINE') return error;
  return new QfwdError(
    'QFWD_UNKNOWN_OUTCOME',
    'the modem was lost after it took the data, which may reach the peer or not, and is not sent again: the peer knows',
  );
}

function closed({ socketId }: Connection, sent?: number): QfwdError {
  return new QfwdError('QFWD_CLOSED', `socket ${socketId} is closed: send to a connection that is open`, {
    sent,
  });
}
