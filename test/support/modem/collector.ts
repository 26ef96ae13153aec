import assert from 'node:assert/strict';

import type { Connection, Consumer } from '../../../src/modem';
import { Log } from '../log';

/** Receives data and keeps it for each connection. */
export class Collector implements Consumer {
  readonly mode = 'auto';
  readonly failures: unknown[] = [];
  readonly missed = new Log<Connection>();
  readonly ended = new Log<Connection>();
  /** Paused connections. */
  readonly paused = new Set<number>();
  private readonly chunks = new Map<Connection, Buffer[]>();
  private readonly arrivals = new Log<number>();

  constructor(private readonly then: Consumer['take'] = () => undefined) {}

  covers(): boolean {
    return true;
  }

  isPaused({ socketId }: Connection): boolean {
    return this.paused.has(socketId);
  }

  take(connection: Connection, data: Buffer, from?: Parameters<Consumer['take']>[2]): void {
    assert.ok(!this.ended.all.includes(connection), 'data came after the end');
    this.chunks.set(connection, [...(this.chunks.get(connection) ?? []), data]);
    this.arrivals.push(connection.socketId);
    this.then(connection, data, from);
  }

  end(connection: Connection): void {
    this.ended.push(connection);
  }

  miss(connection: Connection): void {
    this.missed.push(connection);
  }

  /** Data of a socket id, of all its connections. */
  data(socketId: number): Buffer {
    return Buffer.concat(this.pieces(socketId));
  }

  dataOf(connection: Connection): Buffer {
    return Buffer.concat(this.chunks.get(connection) ?? []);
  }

  pieces(socketId: number): Buffer[] {
    return [...this.chunks].flatMap(([it, chunks]) => (it.socketId === socketId ? chunks : []));
  }

  connections(): Connection[] {
    return [...this.chunks.keys()];
  }

  /** Waits until so many bytes of a socket id were received. */
  async until(socketId: number, length: number): Promise<Buffer> {
    await this.arrivals.until(() => this.data(socketId).length >= length);
    return this.data(socketId);
  }

  /** Waits until the data of a socket id contains a text. */
  async untilText(socketId: number, text: string): Promise<void> {
    await this.arrivals.until(() => this.data(socketId).includes(text));
  }
}
