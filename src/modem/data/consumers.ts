import type { Timers } from '../../at';
import type { Received } from '../../sockets';
import type { QfwdError } from '../errors';
import type { Counters } from '../link/counters';
import type { Connection } from './connection';
import type { Consumer } from './consumer';
import type { DataOwner } from './data-owner';
import type { Unread } from './unread';

export interface ConsumersOptions {
  readonly timers: Timers;
  readonly counters: Counters;
  readonly unread: Unread;
  readonly owner: Pick<DataOwner, 'admits' | 'onUntold'>;
}

/** How long data is kept for a consumer that was removed, in ms: a deploy removes it and adds it again. */
const GRACE = 5000;

/** Those who receive the data of connections, and are told when some of it may be lost. */
export class Consumers {
  private readonly present = new Set<Consumer>();
  /** Consumers that were removed less than {@link GRACE} ago. */
  private readonly departed = new Set<Consumer>();

  constructor(private readonly options: ConsumersOptions) {}

  add(consumer: Consumer): void {
    this.present.add(consumer);
  }

  /** @param onForgotten called when data is no longer kept for it */
  remove(consumer: Consumer, onForgotten: () => void): void {
    this.present.delete(consumer);
    this.departed.add(consumer);
    this.options.timers.after(GRACE, () => {
      this.departed.delete(consumer);
      onForgotten();
    });
  }

  /** The flows that the connection is for, whether a receiver takes its data or not. */
  of(connection: Connection): readonly Consumer[] {
    return [...this.present].filter((consumer) => consumer.covers(connection));
  }

  /** Whether there is someone to whom its data can be passed, now or soon. */
  isCovered(connection: Connection): boolean {
    if (connection.receiver && !connection.clear) return true;
    return [...this.present, ...this.departed].some((consumer) => consumer.covers(connection));
  }

  /** Data was read from the module. */
  deliver(connection: Connection, received: Received): void {
    const { data, from } = received;
    if (!this.options.owner.admits(connection, from)) return;
    if (!connection.clear) connection.noteReceived(data.length);
    this.hand(connection, received);
  }

  /** Passes what was read while there was no consumer. */
  flush(connection: Connection): void {
    for (const received of this.options.unread.take(connection)) this.hand(connection, received);
  }

  /** Passes data to the flows that a receiver has decoded. */
  pass(connection: Connection, data: Buffer): void {
    for (const consumer of this.of(connection)) consumer.take(connection, data);
  }

  /** The connection is closed. */
  end(connection: Connection): void {
    for (const consumer of this.toldOf(connection)) consumer.end(connection);
  }

  /** Data of the connection may be lost. */
  tell(connection: Connection, error: QfwdError): void {
    this.options.counters.unknownOutcomes++;
    this.miss([connection], error);
  }

  /** Data may belong to any of these connections. */
  tellAny(connections: readonly Connection[], error: QfwdError): void {
    if (this.miss(connections, error)) this.options.counters.unknownOutcomes++;
  }

  /** @returns whether there was somebody to tell, now or a moment ago */
  private miss(connections: readonly Connection[], error: QfwdError): boolean {
    const concerned = new Map<Consumer, Connection>();
    for (const connection of connections) {
      for (const consumer of this.toldOf(connection))
        if (!concerned.has(consumer)) concerned.set(consumer, connection);
    }
    for (const [consumer, connection] of concerned) consumer.miss(connection, error);
    if (concerned.size > 0) return true;
    const isMissed = [...this.departed].some((consumer) => connections.some((it) => consumer.covers(it)));
    if (isMissed) this.options.owner.onUntold(error);
    return isMissed;
  }

  /** Who is told of what happens to the connection. */
  private toldOf(connection: Connection): readonly Consumer[] {
    const { receiver, clear } = connection;
    if (receiver && !clear) return [receiver];
    return [...(receiver ? [receiver] : []), ...this.of(connection)];
  }

  private hand(connection: Connection, received: Received): void {
    const { data, from } = received;
    const { receiver } = connection;
    const takers = receiver ? [receiver] : this.of(connection);
    if (takers.some(({ mode }) => mode === 'auto')) for (const it of takers) it.take(connection, data, from);
    else this.options.unread.add(connection, received);
  }
}
