import type { Received } from '../../sockets';
import type { Connection } from './connection';

/**
 * Data that was read when there was no consumer, such as during a deploy. A read removes data from the module, so it is
 * kept here for the next consumer. At most one read per connection.
 */
export class Unread {
  /** @param pieces by `Connection.id`; kept for the next modem instance of the same module */
  constructor(private readonly pieces: Map<string, Received[]>) {}

  has({ id }: Connection): boolean {
    return this.pieces.has(id);
  }

  add({ id }: Connection, ...received: Received[]): void {
    if (received.length === 0) return;
    this.pieces.set(id, [...(this.pieces.get(id) ?? []), ...received]);
  }

  /** Removes and returns the data of a connection, in the pieces that were read. */
  take({ id }: Connection): readonly Received[] {
    const pieces = this.pieces.get(id) ?? NONE;
    this.pieces.delete(id);
    return pieces;
  }

  /** Removes and returns one datagram, or at most `length` bytes of a stream. */
  takeSome(connection: Connection, length: number): Received | undefined {
    const pieces = this.take(connection);
    const [first] = pieces;
    if (!first) return undefined;
    if (connection.protocol === 'udp') {
      this.add(connection, ...pieces.slice(1));
      return { ...first, data: first.data.subarray(0, length) };
    }
    const all = Buffer.concat(pieces.map(({ data }) => data));
    if (all.length > length) this.add(connection, { data: all.subarray(length) });
    return { data: all.subarray(0, length) };
  }

  /** Discards the data of a connection. @returns the number of discarded bytes */
  forget(connection: Connection): number {
    return sizeOf(this.take(connection));
  }

  /** Discards the data of all other connections. @returns the number of discarded bytes */
  keepOnly(connections: readonly Connection[]): number {
    const ids = new Set(connections.map(({ id }) => id));
    let bytes = 0;
    for (const [id, pieces] of this.pieces) {
      if (ids.has(id)) continue;
      bytes += sizeOf(pieces);
      this.pieces.delete(id);
    }
    return bytes;
  }
}

const NONE: readonly Received[] = [];

function sizeOf(pieces: readonly Received[]): number {
  return pieces.reduce((sum, { data }) => sum + data.length, 0);
}
