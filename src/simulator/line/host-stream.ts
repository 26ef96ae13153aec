import { Duplex } from 'node:stream';

import { PacedLine } from './paced-line';

/** Bytes taken from a host ahead of the module; beyond it the host waits, as RTS/CTS would make it. */
const AHEAD = 65_536;

/** Bytes kept for a host that does not read; a tty loses what it cannot hold. */
const BACKLOG = 1 << 20;

/** How late a timer may be, in ms. */
const LATE = 1;

/** The module's end of the line. */
export interface LineEnd {
  receive(bytes: Buffer): void;
  /** Bytes received and not yet worked off. */
  readonly queued: number;
  detached(): void;
}

/** What a host sees of an AT port: it writes command bytes and reads answers. Destroying it is pulling the cable. */
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

  /** Brings bytes of the module to the host. */
  deliver(bytes: Buffer): void {
    if (this.#toHost) this.#toHost.send(bytes, this.#moduleTime());
    else this.#bring(bytes);
  }

  /** Lets a waiting host go on once there is room. */
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

  /** A module answers when it has got a command, not when our timer says so. */
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
