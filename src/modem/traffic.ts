import type { Timers } from '../at';
import type { Facts, PayloadMode } from '../qfwd';
import type { Connection } from './connection';
import type { Counters } from './counters';
import { DataLine, type DataLineHost } from './data-line';
import { Delivery } from './delivery';
import { type QfwdError, toQfwdError } from './errors';
import type { Sent } from './message';
import { Polling } from './polling';
import { Reader } from './reader';
import { RequestReader } from './request-reader';
import { Sender } from './sender';
import type { Session } from './session';
import { Unread } from './unread';

export interface TrafficHost extends DataLineHost {
  readonly timers: Timers;
  readonly counters: Counters;
  readonly payloadMode: PayloadMode;
  /** Bytes that may wait to be sent. */
  readonly queueLimit: number;
  /** See {@link Unread}. */
  readonly unread: Map<string, Buffer[]>;
  /** Whether it has to be found out first who has which socket id now. */
  isInDoubt(): boolean;
  /** What was measured of the firmware. */
  facts(): Facts;
  /** Looks whether the module still has the connection. */
  isAlive(connection: Connection): Promise<boolean>;
  /** See `ReaderOptions`. */
  onDrained(connection: Connection): void;
  onUnreported(connection: Connection): void;
}

/**
 * The data of connections, out and in, and what one has to do with the other: what is sent may soon be answered, and
 * while much waits to be sent, nothing more is read.
 */
export class Traffic {
  readonly unread: Unread;
  readonly line: DataLine;
  readonly sender: Sender;
  readonly reader: Reader;
  private readonly delivery: Delivery;
  private readonly requestReader: RequestReader;
  /** Reading was held back because too much waits to be sent. */
  private isHeldBack = false;

  constructor(private readonly host: TrafficHost) {
    const { clock, payloadMode, queueLimit: limit, timers } = host;
    const unread = new Unread(host.unread);
    const polling = new Polling(clock);
    const isAlive = (connection: Connection) => host.isAlive(connection);
    const onDrained = (connection: Connection) => host.onDrained(connection);
    const line = new DataLine(host);
    this.unread = unread;
    this.line = line;
    this.delivery = new Delivery({ clock, timers, polling, line, isAlive });
    this.sender = new Sender({
      clock,
      timers,
      polling,
      payloadMode,
      limit,
      line,
      facts: () => host.facts(),
      isAlive,
      onProgress: (connection) => this.onProgress(connection),
    });
    this.requestReader = new RequestReader(unread, onDrained);
    this.reader = new Reader({
      clock,
      timers,
      unread,
      session: () => (host.isInDoubt() ? undefined : host.session()),
      isThrottled: () => this.holdBack(),
      onDrained,
      onRefused: (connection) => void this.onReadRefused(connection),
      onUnreported: (connection) => host.onUnreported(connection),
    });
  }

  /** See `Modem.send`. */
  async send(connection: Connection, data: Buffer, timeout: number): Promise<Sent> {
    return this.sender.send(connection, data, timeout).catch((error: unknown) => {
      if (toQfwdError(error).code === 'QFWD_UNKNOWN_OUTCOME') this.host.counters.unknownOutcomes++;
      throw error;
    });
  }

  /** See `Modem.awaitDelivery`. */
  awaitDelivery(connection: Connection, timeout: number): Promise<void> {
    return this.delivery.confirmed(connection, timeout);
  }

  /** See `Modem.read`. */
  read(
    session: Session,
    connection: Connection,
    length: number | undefined,
    onLost: (error: QfwdError) => void,
  ): Promise<Buffer> {
    return this.requestReader.read(session, connection, length, onLost);
  }

  private isThrottled(): boolean {
    return this.sender.waiting > this.host.queueLimit / 2;
  }

  private holdBack(): boolean {
    const isThrottled = this.isThrottled();
    this.isHeldBack ||= isThrottled;
    return isThrottled;
  }

  private onProgress(connection: Connection): void {
    this.reader.noticeLater(connection);
    if (!this.isHeldBack || this.isThrottled()) return;
    this.isHeldBack = false;
    this.reader.resume();
  }

  /** ERROR to a read can mean that there is nothing, or no such socket. What it means here is found out once. */
  private async onReadRefused(connection: Connection): Promise<void> {
    const session = this.host.session();
    if (!session || session.isEmptyReadError || connection.isShared) return;
    session.isEmptyReadError = await this.host.isAlive(connection).catch(() => false);
  }
}
