import { ByteQueue } from '../byte-queue';

/** How often a paced line hands on what has arrived. */
const SLICE_MS = 4;

/** One direction of a UART: bytes arrive in order, in small slices, at ten bits a byte. */
export class PacedLine {
  readonly #bytesPerMs: number;
  readonly #deliver: (bytes: Buffer) => void;
  readonly #queue = new ByteQueue();
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;
  #credit = 0;

  constructor(baud: number, deliver: (bytes: Buffer) => void) {
    this.#bytesPerMs = baud / 10_000;
    this.#deliver = deliver;
  }

  /** Bytes still on their way. */
  get length(): number {
    return this.#queue.length;
  }

  send(bytes: Buffer): void {
    this.#queue.push(bytes);
    if (this.#timer || bytes.length === 0) return;
    this.#credit = 0;
    this.#lastTick = performance.now();
    this.#timer = setInterval(() => this.#tick(), SLICE_MS);
  }

  clear(): void {
    this.#queue.clear();
    this.#stop();
  }

  #tick(): void {
    const now = performance.now();
    this.#credit += (now - this.#lastTick) * this.#bytesPerMs;
    this.#lastTick = now;
    const arrived = this.#queue.take(Math.floor(this.#credit));
    this.#credit -= arrived.length;
    if (this.#queue.length === 0) this.#stop();
    if (arrived.length > 0) this.#deliver(arrived);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
