import type { Connection } from './connection';

/**
 * What was read of connections when nobody took it any more. A read takes the data out of the module, so what a deploy
 * interrupts waits here for whoever comes next. No more than one read of each connection.
 */
export class Unread {
  /** @param pieces outlives this modem, for the next one of the same module */
  constructor(private readonly pieces: Map<string, Buffer[]>) {}

  has(connection: Connection): boolean {
    return this.pieces.has(keyOf(connection));
  }

  add(connection: Connection, ...data: Buffer[]): void {
    if (data.length === 0) return;
    this.pieces.set(keyOf(connection), [...(this.pieces.get(keyOf(connection)) ?? []), ...data]);
  }

  /** What there is, piece by piece as it was read, which is then no longer here. */
  take(connection: Connection): Buffer[] {
    const pieces = this.pieces.get(keyOf(connection)) ?? [];
    this.forget(connection);
    return pieces;
  }

  /** The same on request: one datagram, or at most `length` bytes of a stream. */
  takeSome(connection: Connection, length: number): Buffer | undefined {
    const pieces = this.take(connection);
    const [first] = pieces;
    if (!first) return undefined;
    if (connection.protocol === 'udp') {
      this.add(connection, ...pieces.slice(1));
      return first.subarray(0, length);
    }
    const all = Buffer.concat(pieces);
    if (all.length > length) this.add(connection, all.subarray(length));
    return all.subarray(0, length);
  }

  forget(connection: Connection): void {
    this.pieces.delete(keyOf(connection));
  }
}

/** The same for a connection and for what the next modem knows of it; the remote port tells users of an id apart. */
function keyOf({ socketId, ends }: Connection): string {
  return `${socketId} ${ends?.port ?? ''}`;
}
