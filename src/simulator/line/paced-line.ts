import { ByteQueue } from '../byte-queue';

/** How often a paced line hands on what has arrived, in ms. */
const SLICE = 4;
/** Timers count whole ms: what is due within half of one comes now. The line is busy for as long as it would be anyway. */
const EARLY = 0.5;

/** One direction of a UART: bytes arrive in order, in small slices, at ten bits a byte. */
export class PacedLine {
  readonly #bytesPerMs: number;
  readonly #deliver: (bytes: Buffer) => void;
  readonly #queue = new ByteQueue();
  #timer: NodeJS.Timeout | undefined;
  /** When the line has carried all that has arrived. */
  #free = 0;

  constructor(baud: number, deliver: (bytes: Buffer) => void) {
    this.#bytesPerMs = baud / 10_000;
    this.#deliver = deliver;
  }

  /** Bytes still on their way. */
  get length(): number {
    return this.#queue.length;
  }

  /** When the last byte that was delivered had been carried: a little earlier, as timers are late. */
  get carried(): number {
    return this.#free;
  }

  /** @param since when the sender has had them, as a time of `performance` */
  send(bytes: Buffer, since = performance.now()): void {
    this.#queue.push(bytes);
    if (this.#timer || bytes.length === 0) return;
    this.#free = Math.max(this.#free, since);
    this.#await();
  }

  clear(): void {
    this.#queue.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Waits for all that is on its way, or a slice of it. */
  #await(): void {
    const due = this.#free + Math.min(SLICE, this.#queue.length / this.#bytesPerMs);
    this.#timer = setTimeout(() => this.#arrive(), Math.max(0, Math.round(due - performance.now())));
  }

  #arrive(): void {
    this.#timer = undefined;
    const carried = (performance.now() + EARLY - this.#free) * this.#bytesPerMs;
    const arrived = this.#queue.take(Math.max(0, Math.floor(carried)));
    this.#free += arrived.length / this.#bytesPerMs;
    if (this.#queue.length > 0) this.#await();
    if (arrived.length > 0) this.#deliver(arrived);
  }
}
