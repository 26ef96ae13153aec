/** Messages may be short, but each that waits takes 2 to 4 KB of memory in Node-RED, so there is one for so many bytes. */
const BYTES_PER_MESSAGE = 1024;

/** How much may wait to be sent, and whether so much does that nothing more should be read meanwhile. */
export class SendBudget {
  readonly messageLimit: number;
  private bytes = 0;
  private count = 0;

  /** @param limit in bytes */
  constructor(readonly limit: number) {
    this.messageLimit = Math.max(1, Math.floor(limit / BYTES_PER_MESSAGE));
  }

  /** Bytes that wait to be taken by the module. */
  get waiting(): number {
    return this.bytes;
  }

  /** Messages of which the module has not taken everything. */
  get messages(): number {
    return this.count;
  }

  /** A flow that forwards should slow down its source instead of overflowing. */
  get isThrottling(): boolean {
    return this.bytes > this.limit / 2 || this.count > this.messageLimit / 2;
  }

  /** Whether as many messages wait as may. */
  get isCrowded(): boolean {
    return this.count >= this.messageLimit;
  }

  /** Whether another message of so many bytes may wait. */
  hasRoomFor(bytes: number): boolean {
    return !this.isCrowded && this.bytes + bytes <= this.limit;
  }

  /** A message of so many bytes waits. */
  add(bytes: number): void {
    this.count++;
    this.bytes += bytes;
  }

  /** So many bytes were taken by the module. */
  remove(bytes: number): void {
    this.bytes -= bytes;
  }

  /** A message does not wait any more, nor does what is left of its bytes. */
  end(left: number): void {
    this.count--;
    this.bytes -= left;
  }
}
