import type { Connection } from './connection';

/** One message may be queued per this many bytes of the limit: each takes 2 to 4 KB of memory in Node-RED. */
const BYTES_PER_MESSAGE = 1024;
/** A message that has waited for more than this share of its timeout shows that the line is too slow for all that is read. */
const LATE = 1 / 8;

/** Limits the send queue, and decides when it is so full that reading is suspended. */
export class SendBudget {
  readonly messageLimit: number;
  private bytes = 0;
  private count = 0;
  /** Reads whose data may be about to enter the queue, and how much that is at most. */
  private reads = 0;
  private expected = 0;
  /** Connections whose messages have waited for long, and since when that is known, as a time of the clock. */
  private readonly late = new Map<Connection, number>();

  /** @param limit in bytes */
  constructor(readonly limit: number) {
    this.messageLimit = Math.max(1, Math.floor(limit / BYTES_PER_MESSAGE));
  }

  /** Queued bytes that the module has not accepted yet. */
  get waiting(): number {
    return this.bytes;
  }

  /** Messages that the module has not accepted completely. */
  get messages(): number {
    return this.count;
  }

  /** Whether to suspend reading, so that a forwarding flow slows down its source instead of overflowing the queue. */
  get isThrottling(): boolean {
    return this.bytes > this.limit / 2 || this.count > this.messageLimit / 2 || this.isLate;
  }

  /** Whether a read may share a command line with others, so that reading cannot be suspended before all have returned. */
  get hasRoomForReads(): boolean {
    const isLong = this.bytes + this.expected > this.limit / 2;
    return !isLong && !this.isLate && this.count + this.reads <= this.messageLimit / 2;
  }

  /** Whether the maximum number of messages is queued. */
  get isCrowded(): boolean {
    return this.count >= this.messageLimit;
  }

  /** Whether another message of this size may be queued. */
  hasRoomFor(bytes: number): boolean {
    return !this.isCrowded && this.bytes + bytes <= this.limit;
  }

  /** So many reads were written that return at most `bytes` together; negative once their data has been passed on. */
  expect(reads: number, bytes: number): void {
    this.reads += reads;
    this.expected += bytes;
  }

  /** By now, a message has waited for so much of its timeout for those before it. */
  noteWait(connection: Connection, share: number, now: number): void {
    if (share > LATE) this.late.set(connection, now);
    else this.late.delete(connection);
  }

  /** Nothing waits to be sent to the connection. */
  noteNoWait(connection: Connection): void {
    this.late.delete(connection);
  }

  /** Whether the line is too slow. What waits because a peer does not read must not hold up reading: that peer may wait for it. */
  private get isLate(): boolean {
    for (const [{ blockedAt }, since] of this.late) if (blockedAt < since) return true;
    return false;
  }

  /** A message of this size was queued. */
  add(bytes: number): void {
    this.count++;
    this.bytes += bytes;
  }

  /** The module accepted this many bytes. */
  remove(bytes: number): void {
    this.bytes -= bytes;
  }

  /** A message left the queue. @param left bytes that the module did not accept */
  end(left: number): void {
    this.count--;
    this.bytes -= left;
  }
}
