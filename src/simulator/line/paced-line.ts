import { ByteQueue } from '../byte-queue';

/** Delivery interval of a paced line, in ms. */
const SLICE = 4;
/** Timers have a resolution of 1 ms: bytes due within 0.5 ms are delivered now. This does not change how long the line is busy. */
const EARLY = 0.5;

/** One direction of a UART: delivers bytes in order, in small chunks, at ten bits per byte. */
export class PacedLine {
  readonly #bytesPerMs: number;
  readonly #deliver: (bytes: Buffer) => void;
  readonly #queue = new ByteQueue();
  #timer: NodeJS.Timeout | undefined;
  /** When the line will have transferred all bytes that it was given. */
  #free = 0;

  constructor(baud: number, deliver: (bytes: Buffer) => void) {
    this.#bytesPerMs = baud / 10_000;
    this.#deliver = deliver;
  }

  /** Bytes still in transit. */
  get length(): number {
    return this.#queue.length;
  }

  /** When the transfer of the last delivered byte was complete, slightly before its delivery, because timers fire late. */
  get carried(): number {
    return this.#free;
  }

  /** @param since when the sender had the bytes, as a `performance.now()` time */
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

  /** Waits for the next chunk in transit. */
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
