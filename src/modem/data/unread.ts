import type { Connection } from './connection';

/**
 * What was read of connections when nobody took it any more. A read takes the data out of the module, so what a deploy
 * interrupts waits here for whoever comes next. No more than one read of each connection.
 */
export class Unread {
  /** @param pieces by `Connection.id`; outlives this modem, for the next one of the same module */
  constructor(private readonly pieces: Map<string, Buffer[]>) {}

  has({ id }: Connection): boolean {
    return this.pieces.has(id);
  }

  add({ id }: Connection, ...data: Buffer[]): void {
    if (data.length === 0) return;
    this.pieces.set(id, [...(this.pieces.get(id) ?? []), ...data]);
  }

  /** What there is, piece by piece as it was read, which is then no longer here. */
  take({ id }: Connection): readonly Buffer[] {
    const pieces = this.pieces.get(id) ?? NONE;
    this.pieces.delete(id);
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

  forget({ id }: Connection): void {
    this.pieces.delete(id);
  }

  /** Forgets what is of no connection that there is. @returns how many bytes that was */
  keepOnly(connections: readonly Connection[]): number {
    const ids = new Set(connections.map(({ id }) => id));
    let bytes = 0;
    for (const [id, pieces] of this.pieces) {
      if (ids.has(id)) continue;
      for (const { length } of pieces) bytes += length;
      this.pieces.delete(id);
    }
    return bytes;
  }
}

const NONE: readonly Buffer[] = [];
