import type { Clock } from '../../at';
import type { Connection } from '../data/connection';
import type { DataPath } from '../data/data-path';
import { Signal } from '../data/signal';
import { toQfwdError } from '../errors';
import { ConnectionStream, type StreamHost } from './connection-stream';

export interface StreamsHost {
  readonly clock: Clock;
  readonly data: DataPath;
  /** Ends this connection in the module. Rejects with a `QfwdError`. */
  close(connection: Connection): Promise<void>;
}

/** Makes streams of connections, and closes connections whose stream has ended. */
export class Streams {
  /** To be closed, but the module is not there. */
  private readonly left = new Set<Connection>();
  private readonly back = new Signal();
  private readonly streamHost: StreamHost;

  constructor(private readonly host: StreamsHost) {
    const { clock, data } = host;
    this.streamHost = {
      clock,
      send: (connection, bytes) => this.send(connection, bytes),
      delivered: (connection) => data.delivery.confirmed(connection, Infinity),
      resume: (connection) => data.reader.resumeOne(connection),
      close: (connection) => this.close(connection),
    };
  }

  /** From now on, only the stream receives the data of the connection. */
  open(connection: Connection): ConnectionStream {
    const stream = new ConnectionStream(connection, this.streamHost);
    this.host.data.reader.notice(connection);
    return stream;
  }

  /** The module is back, and what it still has is known. */
  onListed(): void {
    for (const connection of [...this.left]) void this.close(connection);
    this.back.raise();
  }

  /** What certainly did not reach a module that was lost is sent once it is back. */
  private async send(connection: Connection, bytes: Buffer): Promise<void> {
    for (;;) {
      const back = this.back.next();
      try {
        await this.host.data.wire.send(connection, bytes, Infinity);
        return;
      } catch (error) {
        const { code, sent = 0 } = toQfwdError(error);
        if (code !== 'QFWD_OFFLINE' || sent > 0 || connection.state === 'closed') throw error;
      }
      await back;
    }
  }

  private async close(connection: Connection): Promise<void> {
    this.left.delete(connection);
    if (connection.state === 'closed') return;
    await this.host.close(connection).catch(() => {
      if (connection.state !== 'closed') this.left.add(connection);
    });
  }
}
