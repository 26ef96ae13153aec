import { Duplex } from 'node:stream';

import type { Clock } from '../../../src/at';
import type { TcpSocket } from '../../../src/simulator';

/** How bytes get from one end of a connection to the other. */
export interface Path {
  /** One way, in ms. */
  readonly delay: number;
  /** Bytes per ms. */
  readonly bandwidth: number;
}

/** Bytes on their way and not yet read. */
const WINDOW = 65_536;

/**
 * One end of a TCP connection in memory, as `node:net` has it. What the peer has no room for stays here, so that a peer that
 * does not read stops the writer.
 */
export class MemorySocket extends Duplex implements TcpSocket {
  remoteAddress = '';
  remotePort = 0;
  private peer: MemorySocket | undefined;
  /** When the last byte on its way to the peer arrives. */
  private arrival = 0;
  private inFlight = 0;
  /** Goes on with the write that waits for room. */
  private proceed: (() => void) | undefined;
  private isCut = false;

  constructor(
    private readonly clock: Clock,
    private readonly path: Path,
    readonly localAddress: string,
    readonly localPort: number,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: WINDOW, writableHighWaterMark: WINDOW });
  }

  /** Connects two ends. */
  static join(one: MemorySocket, other: MemorySocket): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      from.peer = to;
      from.remoteAddress = to.localAddress;
      from.remotePort = to.localPort;
    }
  }

  setNoDelay(): this {
    return this;
  }

  /** Sends what waits, then ends and is gone. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }

  /** Ends with RST: both sides lose what has not been read. */
  resetAndDestroy(): void {
    this.carry(0, (peer) => peer.destroy(withCode('ECONNRESET')));
    this.destroy();
  }

  /** From now on nothing that is sent arrives, in either direction, and nobody is told. */
  cut(): void {
    this.isCut = true;
    if (this.peer) this.peer.isCut = true;
  }

  override _read(): void {
    // It is called before the bytes are taken out, and only once until more are pushed.
    queueMicrotask(() => this.peer?.goOn());
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.inFlight += bytes.length;
    this.carry(bytes.length, (peer) => {
      this.inFlight -= bytes.length;
      peer.push(Buffer.from(bytes));
      this.goOn();
    });
    this.proceed = done;
    this.goOn();
  }

  override _final(done: () => void): void {
    this.carry(0, (peer) => peer.push(null));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { proceed } = this;
    this.proceed = undefined;
    proceed?.();
    // A socket that is closed with data that nobody has read, or before its FIN, resets the connection.
    if (!this.writableFinished || this.readableLength > 0) {
      this.carry(0, (peer) => peer.destroyed || peer.destroy(withCode('ECONNRESET')));
    }
    done(error);
  }

  private goOn(): void {
    const waiting = this.inFlight + (this.peer?.readableLength ?? 0);
    if (!this.proceed || waiting >= WINDOW) return;
    const { proceed } = this;
    this.proceed = undefined;
    proceed();
  }

  /** Calls `deliver` when so many bytes have got to the peer, after all that was sent before. */
  private carry(length: number, deliver: (peer: MemorySocket) => void): void {
    const start = Math.max(this.arrival, this.clock.now() + this.path.delay);
    this.arrival = start + length / this.path.bandwidth;
    this.clock.after(this.arrival - this.clock.now(), () => {
      const { peer } = this;
      if (!peer || this.isCut) return;
      if (!peer.destroyed) deliver(peer);
      // Data for a socket that is gone is answered with RST.
      else if (length > 0 && !this.destroyed) this.destroy(withCode('EPIPE'));
    });
  }
}

export function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
