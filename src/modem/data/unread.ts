import { canonicalAddress, compareEnds } from '../../sockets';
import type { Connection } from './connection';

/**
 * What was read of connections when nobody took it any more. A read takes the data out of the module, so what a deploy
 * interrupts waits here for whoever comes next. No more than one read of each connection.
 */
export class Unread {
  /** @param pieces outlives this modem, for the next one of the same module; see {@link keyOf} */
  constructor(private readonly pieces: Map<string, Buffer[]>) {}

  has(connection: Connection): boolean {
    return this.pieces.size > 0 && this.pieces.has(keyOf(connection));
  }

  add(connection: Connection, ...data: Buffer[]): void {
    if (data.length === 0) return;
    const key = keyOf(connection);
    this.pieces.set(key, [...(this.pieces.get(key) ?? []), ...data]);
  }

  /** What there is, piece by piece as it was read, which is then no longer here. */
  take(connection: Connection): readonly Buffer[] {
    if (this.pieces.size === 0) return NONE;
    const key = keyOf(connection);
    const pieces = this.pieces.get(key) ?? NONE;
    this.pieces.delete(key);
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

  /** @returns how many bytes that was */
  drop(connection: Connection): number {
    return lengthOf(this.take(connection));
  }

  /** Drops what belongs to no connection that there is. @returns how many bytes that was */
  keepOnly(connections: readonly Connection[]): number {
    if (this.pieces.size === 0) return 0;
    const keys = new Set(connections.map(keyOf));
    let bytes = 0;
    for (const [key, pieces] of this.pieces) {
      if (keys.has(key)) continue;
      bytes += lengthOf(pieces);
      this.pieces.delete(key);
    }
    return bytes;
  }
}

const NONE: readonly Buffer[] = [];

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/**
 * The same for a connection and for what the next modem knows of it, and no other that this one has at the time. What has
 * no remote end could be anybody's by then, so it is not found again.
 */
function keyOf({ id, socketId, serverId, ends }: Connection): string {
  if (!ends || compareEnds(ends, ends) === 'unknown') return id;
  return [socketId, serverId ?? '', canonicalAddress(ends.ip), ends.port, ends.localPort].join(' ');
}
