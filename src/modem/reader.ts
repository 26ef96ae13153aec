/**
 * Data on its way out of the module. `client/read` is only a hint that may be lost, and comes once until all is read.
 * So a connection is read until a read comes back short (a datagram always does, so until nothing is left), and looked
 * at again a little later. It is read only while somebody wants its data and nobody holds it back; what is not read
 * stays in the module, whose full buffer slows the peer down.
 */
import type { AtError, Clock } from '../at';
import { MAX_LENGTH } from '../qfwd';
import type { Connection } from './connection';
import { isRejection } from './errors';
import type { Session } from './session';

/** Somebody who takes data as it arrives. */
export interface Consumer {
  /** Whether the data of this connection is for this consumer. */
  covers(connection: Connection): boolean;
  /** `onRequest`: it asks for data itself, by {@link Reader.read}. */
  readonly mode: 'auto' | 'onRequest';
  /** Whether it holds this connection back. Then nobody gets its data: every consumer gets every byte. */
  isPaused(connection: Connection): boolean;
  take(connection: Connection, data: Buffer): void;
  /** The connection is closed; nothing more will come. */
  end(connection: Connection): void;
  /** An answer was lost, and with it perhaps data. */
  miss(connection: Connection, error: AtError): void;
}

export interface ReaderOptions {
  readonly clock: Clock;
  session(): Session | undefined;
  /** So much waits to be sent that nothing more should come in. */
  isThrottled(): boolean;
  /** A connection whose peer has closed holds nothing more that anybody wants. */
  onDrained(connection: Connection): void;
  /** The module refused to read; the connection may be gone. */
  onRefused(connection: Connection): void;
}

const LOOK_AGAIN_AFTER_READ = 50;
const LOOK_AGAIN_UNREPORTED = 1000;

interface Progress {
  /** There may be something to read. */
  mayHaveData: boolean;
  isReading: boolean;
  cancelLook?: (() => void) | undefined;
}

export class Reader {
  private readonly consumers = new Set<Consumer>();
  private readonly progress = new Map<Connection, Progress>();

  constructor(private readonly options: ReaderOptions) {}

  addConsumer(consumer: Consumer): void {
    this.consumers.add(consumer);
    this.resume();
  }

  removeConsumer(consumer: Consumer): void {
    this.consumers.delete(consumer);
    this.resume();
  }

  /** A connection was made, or there may be something to read on it, or its peer has closed. */
  notice(connection: Connection): void {
    this.of(connection).mayHaveData = true;
    void this.drain(connection);
  }

  /** Something was sent, or a connection was made: what comes back will be reported, unless the report is lost. */
  noticeLater(connection: Connection): void {
    if (connection.state === 'open') this.lookAgain(connection, LOOK_AGAIN_UNREPORTED);
  }

  /** Reads `length` bytes, or what there is if that is less, or all there is. Rejects with an {@link AtError}. */
  async read(session: Session, connection: Connection, length = Infinity): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const wanted = Math.min(missing, MAX_LENGTH);
      const { socketId } = connection;
      const piece = await session
        .receive(socketId, wanted, { lane: `receive ${socketId}` })
        .catch((error: unknown) => {
          // Nothing to read is ERROR on some firmware; with something read, whatever failed will fail again.
          if (isRejection(error) || pieces.length > 0) return Buffer.alloc(0);
          throw error;
        });
      pieces.push(piece);
      missing -= piece.length;
      // A datagram ends the message that asked for it.
      if (piece.length < wanted || connection.protocol === 'udp') break;
    }
    if (missing > 0 && connection.state === 'ending') this.options.onDrained(connection);
    return Buffer.concat(pieces);
  }

  /** What held reading back may have gone. */
  resume(): void {
    for (const connection of this.progress.keys()) void this.drain(connection);
  }

  /** The connection is closed. */
  forget(connection: Connection): void {
    this.progress.get(connection)?.cancelLook?.();
    this.progress.delete(connection);
    for (const consumer of this.consumers) if (consumer.covers(connection)) consumer.end(connection);
  }

  /** Connections that somebody wants to read, in no order. */
  wanted(): Connection[] {
    return [...this.progress.keys()].filter((connection) => this.isWanted(connection));
  }

  private of(connection: Connection): Progress {
    const known = this.progress.get(connection);
    if (known) return known;
    const fresh = { mayHaveData: false, isReading: false };
    this.progress.set(connection, fresh);
    return fresh;
  }

  private isWanted(connection: Connection): boolean {
    if (this.options.isThrottled()) return false;
    const covering = [...this.consumers]
      .filter(({ mode }) => mode === 'auto')
      .filter((it) => it.covers(connection));
    return covering.length > 0 && !covering.some((consumer) => consumer.isPaused(connection));
  }

  private isCovered(connection: Connection): boolean {
    return [...this.consumers].some((consumer) => consumer.covers(connection));
  }

  private async drain(connection: Connection): Promise<void> {
    const progress = this.of(connection);
    if (progress.isReading) return;
    progress.isReading = true;
    try {
      while (progress.mayHaveData && connection.state !== 'closed' && this.isWanted(connection)) {
        const session = this.options.session();
        if (!session) return;
        progress.mayHaveData = false;
        const data = await this.readOnce(session, connection, progress);
        if (data === 'gone') return;
        if (data.length > 0) this.deliver(connection, data);
        // Short is not empty where every read ends at a datagram, or where no further report will come.
        const untilEmpty = connection.protocol === 'udp' || connection.state === 'ending';
        if (data.length === MAX_LENGTH || (data.length > 0 && untilEmpty)) progress.mayHaveData = true;
        else if (data.length > 0) this.lookAgain(connection, LOOK_AGAIN_AFTER_READ);
      }
    } finally {
      progress.isReading = false;
    }
    this.finish(connection, progress);
  }

  private async readOnce(session: Session, connection: Connection, progress: Progress): Promise<Buffer | 'gone'> {
    const { socketId } = connection;
    const turn = {
      lane: `receive ${socketId}`,
      isWanted: () => connection.state !== 'closed' && this.isWanted(connection),
    };
    try {
      return await session.receive(socketId, MAX_LENGTH, turn);
    } catch (error) {
      if (isRejection(error)) {
        if (connection.state === 'open') this.options.onRefused(connection);
        return Buffer.alloc(0);
      }
      progress.mayHaveData = true;
      const { failure, mayHaveHappened } = error as AtError;
      // Held back before its turn came, which may be over by now.
      if (failure === 'cancelled') return Buffer.alloc(0);
      if (mayHaveHappened) this.miss(connection, error as AtError);
      if (failure !== 'lost') this.lookAgain(connection, LOOK_AGAIN_AFTER_READ);
      return 'gone';
    }
  }

  private deliver(connection: Connection, data: Buffer): void {
    connection.hasSpoken = true;
    for (const consumer of this.consumers) if (consumer.covers(connection)) consumer.take(connection, data);
  }

  private miss(connection: Connection, error: AtError): void {
    for (const consumer of this.consumers) if (consumer.covers(connection)) consumer.miss(connection, error);
  }

  private finish(connection: Connection, progress: Progress): void {
    if (connection.state !== 'ending') return;
    if (!progress.mayHaveData || !this.isCovered(connection)) this.options.onDrained(connection);
  }

  private lookAgain(connection: Connection, delay: number): void {
    const progress = this.of(connection);
    progress.cancelLook ??= this.options.clock.after(delay, () => {
      progress.cancelLook = undefined;
      this.notice(connection);
    });
  }
}
