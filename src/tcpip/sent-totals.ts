/**
 * What the module must have counted as sent for each socket. AT+QISEND=<id>,0 tells its own count, and so whether it has
 * taken a piece whose answer was lost.
 */
export class SentTotals {
  /** Bytes that were taken since the socket was opened; missing when some are of unknown outcome. */
  private readonly expected = new Map<number, number>();
  /** A count of this firmware was right, so that a count of nothing says something, too. */
  private hasCounted: boolean;

  /** @param before of the same module, whose sockets may be others by now */
  constructor(before?: SentTotals) {
    this.hasCounted = before?.hasCounted ?? false;
  }

  noteOpened(socketId: number): void {
    this.expected.set(socketId, 0);
  }

  noteTaken(socketId: number, bytes: number): void {
    const before = this.expected.get(socketId);
    if (before !== undefined) this.expected.set(socketId, before + bytes);
  }

  /** Whether the count of the module would show what has become of the next piece. */
  isTold(socketId: number): boolean {
    const before = this.expected.get(socketId);
    return before !== undefined && (before > 0 || this.hasCounted);
  }

  /** Nothing is known of this socket any more. */
  forget(socketId: number): void {
    this.expected.delete(socketId);
  }

  /**
   * How much of a piece of unknown outcome was taken, as the count shows: all, nothing, or `undefined` when it does not show.
   * @param total the count of the module
   */
  taken(socketId: number, bytes: number, total: number): number | undefined {
    const before = this.expected.get(socketId);
    this.expected.set(socketId, total);
    const isCounted = total > 0 && (total === before || total - bytes === before);
    this.hasCounted ||= isCounted;
    if (before === undefined || !this.hasCounted) return undefined;
    if (total === before) return 0;
    return isCounted ? bytes : undefined;
  }
}
