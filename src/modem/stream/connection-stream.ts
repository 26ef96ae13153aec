/**
 * A connection of the module as a Node.js stream:
 *
 * - write: the module is given one piece after the other; the next one is accepted when it has taken the last.
 * - read: the module is read only while the stream is; otherwise data stays in the module, which slows the peer down.
 * - end: no AT command ends only one direction. So what was written is delivered, the peer may still answer, and then
 *   the connection is closed. If the peer ends and takes no answer any more, what it sent is still given, and then the
 *   stream fails.
 * - destroy: the connection is closed at once; what the module holds unread is lost.
 */
import { Duplex } from 'node:stream';
import { type Clock, Deadline } from '../../at';
import type { Connection } from '../data/connection';
import type { Receiver } from '../data/receiver';
import { QfwdError, toQfwdError } from '../errors';

export interface StreamHost {
  readonly clock: Clock;
  /** Resolves when the module has accepted all of it. Rejects with a {@link QfwdError}. */
  send(connection: Connection, data: Buffer): Promise<unknown>;
  /** Resolves when the module has delivered all that it accepted. Rejects with a {@link QfwdError}. */
  delivered(connection: Connection): Promise<void>;
  /** The stream wants data. */
  resume(connection: Connection): void;
  /** Ends the connection in the module, after the next connect if it is away. Never rejects. */
  close(connection: Connection): Promise<void>;
}

/** Bytes that may wait in each direction. What the reads of one command line bring may exceed it by some 20 KB. */
const BUFFER = 64 * 1024;
/** See {@link ConnectionStream.answerTime}. */
const ANSWER_TIME = 5000;
/** An answer is complete after this silence, in ms. */
const SILENCE = 1000;

export class ConnectionStream extends Duplex {
  /** How long after the end the peer has to begin an answer to the last data, in ms. */
  answerTime = ANSWER_TIME;
  private isWanted = false;
  /** What was read at the same time, given on as one piece. */
  private pieces: Buffer[] = [];
  private hasPeerEnded = false;
  /** The peer has sent nothing since the last data for it. */
  private isAnswerDue = false;
  /** The peer has ended and takes no more. */
  private refusal: QfwdError | undefined;
  private readonly answer: Deadline;

  constructor(
    readonly connection: Connection,
    private readonly host: StreamHost,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: BUFFER, writableHighWaterMark: BUFFER });
    this.answer = new Deadline(host.clock, () => this.onSilence());
    connection.receiver = this.receiver();
    // Whoever uses the stream listens, too; until then, it must not end the process.
    this.on('error', () => undefined);
  }

  override _read(): void {
    this.isWanted = true;
    this.host.resume(this.connection);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    if (this.refusal) return done();
    this.isAnswerDue = true;
    this.host.send(this.connection, chunk).then(
      () => done(),
      (error: unknown) => done(this.failureOf(toQfwdError(error))),
    );
  }

  /** What ends the stream at once when something could not be sent. */
  private failureOf(error: QfwdError): QfwdError | undefined {
    // It has ended with the reason for that.
    if (this.destroyed) return undefined;
    const isReadable = this.connection.state === 'ending' && !this.readableEnded;
    if (error.code !== 'QFWD_CLOSED' || !isReadable) return error;
    this.refusal = error;
    this.once('end', () => this.destroy(error));
    return undefined;
  }

  /** Small pieces that wait together go together: each command takes its time. */
  override _writev(
    pieces: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error) => void,
  ): void {
    this._write(Buffer.concat(pieces.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: (error?: Error) => void): void {
    this.finishWriting().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.answer.cancel();
    void this.host.close(this.connection).then(() => done(error));
  }

  private async finishWriting(): Promise<void> {
    if (this.refusal) return;
    await this.host.delivered(this.connection).catch((error: unknown) => {
      const { code } = toQfwdError(error);
      // The firmware cannot tell, or the peer has gone and needs nothing more.
      const isEnough = code === 'QFWD_UNSUPPORTED' || (code === 'QFWD_CLOSED' && this.hasPeerEnded);
      if (!isEnough) throw error;
    });
    if (this.destroyed || this.hasPeerEnded) return;
    this.answer.set(this.isAnswerDue ? this.answerTime : SILENCE);
  }

  private receiver(): Receiver {
    const isOver = (): boolean => this.destroyed;
    return {
      mode: 'auto',
      get isOver() {
        return isOver();
      },
      covers: () => true,
      isPaused: () => !this.isWanted,
      take: (_connection, data) => this.onData(data),
      miss: (_connection, error) => this.destroy(error),
      onPeerEnd: () => this.endReading(),
      end: () => this.onClosed(),
    };
  }

  private onData(data: Buffer): void {
    if (this.destroyed || this.hasPeerEnded) return;
    this.isAnswerDue = false;
    if (this.writableFinished) this.answer.set(SILENCE);
    // Reads that share a command line are answered together.
    if (this.pieces.push(data) === 1) queueMicrotask(() => this.give());
  }

  private give(): void {
    const { pieces } = this;
    const [first, ...others] = pieces;
    if (!first || this.destroyed) return;
    this.pieces = [];
    this.isWanted = this.push(others.length === 0 ? first : Buffer.concat(pieces));
  }

  private endReading(): void {
    if (this.destroyed || this.hasPeerEnded) return;
    this.give();
    this.hasPeerEnded = true;
    this.answer.cancel();
    this.push(null);
  }

  /** Nobody reads a stream that is paused, so its silence means nothing. */
  private onSilence(): void {
    if (this.isWanted) this.endReading();
    else this.answer.set(SILENCE);
  }

  /** The connection is over in the module. */
  private onClosed(): void {
    const isComplete = this.hasPeerEnded && this.writableFinished;
    if (this.destroyed || isComplete) return;
    this.destroy(new QfwdError('QFWD_CLOSED', 'the connection was closed before all was transferred'));
  }
}
