import { Duplex } from 'node:stream';

import { PacedLine } from './paced-line';

/** Input buffer in bytes. While it is full, the host has to wait, as with RTS/CTS flow control. */
const AHEAD = 65_536;

/** Output buffer in bytes, for a host that does not read. Further output is lost, as on a tty. */
const BACKLOG = 1 << 20;

/** Timer tolerance in ms. */
const LATE = 1;

/** The module side of the line. */
export interface LineEnd {
  receive(bytes: Buffer): void;
  /** Bytes received but not processed yet. */
  readonly queued: number;
  detached(): void;
}

/** The host side of an AT port: the host writes commands and reads responses. Destroying it disconnects the cable. */
export class HostStream extends Duplex {
  readonly #end: LineEnd;
  readonly #toHost: PacedLine | undefined;
  readonly #toModule: PacedLine | undefined;
  #waiting: (() => void) | undefined;

  constructor(end: LineEnd, baud: number) {
    super({ allowHalfOpen: false });
    this.#end = end;
    if (baud === 0) return;
    this.#toHost = new PacedLine(baud, (bytes) => this.#bring(bytes));
    this.#toModule = new PacedLine(baud, (bytes) => end.receive(bytes));
  }

  /** Delivers bytes from the module to the host. */
  deliver(bytes: Buffer): void {
    if (this.#toHost) this.#toHost.send(bytes, this.#moduleTime());
    else this.#bring(bytes);
  }

  /** Lets a waiting host continue when there is room. */
  wake(): void {
    if (!this.#waiting || !this.#hasRoom()) return;
    const goOn = this.#waiting;
    this.#waiting = undefined;
    goOn();
  }

  override _read(): void {
    this.wake();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#toModule) this.#toModule.send(bytes);
    else this.#end.receive(bytes);
    if (this.#hasRoom()) done();
    else this.#waiting = done;
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#toHost?.clear();
    this.#toModule?.clear();
    this.#end.detached();
    done(error);
  }

  /** When the module received the input. The timer that delivers the input may fire up to `LATE` ms later. */
  #moduleTime(): number {
    return Math.max(this.#toModule?.carried ?? 0, performance.now() - LATE);
  }

  #bring(bytes: Buffer): void {
    if (this.readableLength < BACKLOG) this.push(bytes);
  }

  #hasRoom(): boolean {
    const ahead = this.#end.queued + (this.#toModule?.length ?? 0) + this.readableLength;
    return ahead < AHEAD && (this.#toModule?.length ?? 0) === 0;
  }
}
