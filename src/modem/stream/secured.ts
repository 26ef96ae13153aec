/** The clear text of a connection that TLS protects. */
import type { TLSSocket } from 'node:tls';
import { within } from '../../at';
import type { ClearText } from '../data/clear-text';
import { QfwdError, toQfwdError } from '../errors';
import type { ConnectionStream } from './connection-stream';
import type { Flows } from './layer';
import { meaningOf } from './tls-errors';

/** How long the end is waited for, in ms. */
const END_TIME = 2000;

export class Secured implements ClearText {
  private hasBegun = false;
  private hasEnded = false;
  private ending: Promise<void> | undefined;
  /** Collects what is read on request. */
  private requested: Buffer[] | undefined;
  /** The last write, which may still be under way after its message timed out. */
  private lastWrite = Promise.resolve();
  private rejectWrite: (error: QfwdError) => void = () => undefined;

  constructor(
    private readonly stream: ConnectionStream,
    private readonly socket: TLSSocket,
    private readonly flows: Flows,
  ) {
    socket.pause();
    socket.on('data', (data: Buffer) => this.onData(data));
    socket.on('end', () => this.onEnd());
    socket.on('error', (error: Error) => this.onError(error));
    stream.on('close', () => {
      socket.destroy();
      // Not every write that was under way is called back.
      this.rejectWrite(this.failure());
    });
  }

  begin(): void {
    this.hasBegun = true;
    this.update();
  }

  update(): void {
    if (this.hasBegun && this.flows.isWanted()) this.socket.resume();
    else this.socket.pause();
  }

  async write(data: Buffer, isWanted: () => boolean): Promise<void> {
    await this.lastWrite;
    if (this.stream.destroyed) throw this.failure();
    if (!isWanted()) return;
    const written = new Promise<void>((resolve, reject) => {
      this.rejectWrite = reject;
      this.socket.write(data, (error) => (error ? reject(this.failure(error)) : resolve()));
    });
    this.lastWrite = written.catch(() => undefined);
    await written;
  }

  async read(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    this.requested = pieces;
    try {
      let missing = length;
      while (missing > 0) {
        const size = Math.min(missing, this.socket.readableLength);
        if (size > 0) {
          this.socket.read(size);
          missing -= size;
        } else if (!(await this.hasMore())) {
          break;
        }
      }
    } finally {
      this.requested = undefined;
    }
    return Buffer.concat(pieces);
  }

  end(): Promise<void> {
    return (this.ending ??= this.tellEnd());
  }

  private async tellEnd(): Promise<void> {
    if (this.socket.destroyed) return;
    const finished = new Promise<void>((resolve) => {
      this.socket.once('close', resolve);
      this.socket.end(resolve);
    });
    await within(this.flows.clock, END_TIME, finished);
  }

  private async hasMore(): Promise<boolean> {
    // Asks for data, which is decrypted in later turns.
    this.socket.read(0);
    await this.flows.look();
    for (let turn = 0; turn < 3 && this.socket.readableLength === 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.socket.readableLength > 0;
  }

  private onData(data: Buffer): void {
    this.stream.connection.noteReceived(data.length);
    if (this.requested) this.requested.push(data);
    else this.flows.take(data);
    this.update();
  }

  private onEnd(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.flows.end();
  }

  private onError(error: Error): void {
    if (!this.stream.destroyed) this.flows.fail(this.failure(error));
  }

  private failure(error?: Error): QfwdError {
    const { errored } = this.stream;
    if (errored) return toQfwdError(errored);
    const reason = error ? meaningOf(error) : 'the connection has closed';
    return new QfwdError('QFWD_CLOSED', `${reason}: TLS has ended`, { reason });
  }
}
