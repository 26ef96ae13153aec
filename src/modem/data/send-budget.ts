/** How much may wait to be sent, and whether so much does that nothing more should be read meanwhile. */
export class SendBudget {
  private bytes = 0;

  /** @param limit in bytes */
  constructor(readonly limit: number) {}

  /** Bytes that wait to be taken by the module. */
  get waiting(): number {
    return this.bytes;
  }

  /** A flow that forwards should slow down its source instead of overflowing. */
  get isThrottling(): boolean {
    return this.bytes > this.limit / 2;
  }

  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= this.limit;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  remove(bytes: number): void {
    this.bytes -= bytes;
  }
}
