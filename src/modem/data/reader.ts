/**
 * Data on its way out of the module, as it arrives. `client/read` is only a hint that may be lost, and comes once until
 * all is read. So a connection is read until a read comes back short (a datagram always does, so until nothing is left),
 * and looked at again a little later. It is read only while somebody wants its data and nobody holds it back; what is
 * not read stays in the module, whose full buffer slows the peer down.
 */
import { type AtError, type Clock, isRejection, type Timers } from '../../at';
import type { Received } from '../../sockets';
import type { Connection } from './connection';
import type { DataOwner } from './data-owner';
import { type QfwdError, readFailure } from '../errors';
import type { CurrentLink } from '../link/current-link';
import { laneOf } from '../link/lines';
import type { Session } from '../link/session';
import type { SendBudget } from './send-budget';
import type { Unread } from './unread';

/** Somebody who takes data as it arrives. */
export interface Consumer {
  /** Whether the data of this connection is for this consumer. */
  covers(connection: Connection): boolean;
  /** `onRequest`: it asks for data itself, see {@link RequestReader}. */
  readonly mode: 'auto' | 'onRequest';
  /** Whether it holds this connection back. Then nobody gets its data: every consumer gets every byte. */
  isPaused(connection: Connection): boolean;
  take(connection: Connection, data: Buffer): void;
  /** The connection is closed; nothing more will come. */
  end(connection: Connection): void;
  /** An answer was lost, and with it perhaps data. */
  miss(connection: Connection, error: QfwdError): void;
}

export interface ReaderOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly unread: Unread;
  readonly current: CurrentLink;
  readonly budget: SendBudget;
  readonly owner: DataOwner;
}

/**
 * After data was read, it is looked for more, ever later, in ms: at once, as data may come while the report of what is
 * being read still holds back the next one; and later, where a report is most likely to be missed.
 */
const LOOKS = [50, 1000, 8000] as const;
const AFTER_DATA = 0;
const AFTER_SEND = 1;

/** A deploy takes a consumer away and brings it back: for so many ms its data is kept for it. */
const GRACE = 5000;

const NOTHING = Buffer.alloc(0);

interface Progress {
  /** There may be something to read. */
  mayHaveData: boolean;
  /** Not asked since the last read. */
  isEmptinessUnknown: boolean;
  isReading: boolean;
  /** The module has said that there is something to read. */
  isReported: boolean;
  /** A short read may not have been the last: what a look finds is more than the module has said. */
  isShortDoubtful: boolean;
  /** Of {@link LOOKS}, the next one. */
  step: number;
  look?: { readonly at: number; readonly cancel: () => void } | undefined;
}

export class Reader {
  private readonly consumers = new Set<Consumer>();
  /** Consumers that went a moment ago. */
  private readonly departed = new Set<Consumer>();
  private readonly progress = new Map<Connection, Progress>();
  /** Reading was put off because too much waits to be sent. */
  private isHeldBack = false;
  /** The modem is being stopped. */
  private isHalted = false;

  constructor(private readonly options: ReaderOptions) {}

  addConsumer(consumer: Consumer): void {
    this.consumers.add(consumer);
    this.resume();
  }

  removeConsumer(consumer: Consumer): void {
    this.consumers.delete(consumer);
    this.departed.add(consumer);
    this.options.timers.after(GRACE, () => {
      this.departed.delete(consumer);
      this.resume();
    });
    this.resume();
  }

  /** Whether the answer to a read is due. */
  get isReading(): boolean {
    return [...this.progress.values()].some(({ isReading }) => isReading);
  }

  /** Takes nothing more out of the module, for good. */
  halt(): void {
    this.isHalted = true;
  }

  /** A connection was made, or there may be something to read on it, or its peer has closed. */
  notice(connection: Connection): void {
    this.tryReading(connection, { isReported: true });
  }

  /** Reads without being told to: there should be nothing. */
  look(connection: Connection): void {
    this.tryReading(connection, { isShortDoubtful: true });
  }

  /** Payload left the queue: what the peer answers will be reported, unless the report is lost. */
  noteSent(connection: Connection): void {
    this.noticeLater(connection);
    if (!this.isHeldBack || this.options.budget.isThrottling) return;
    this.isHeldBack = false;
    this.resume();
  }

  /** What comes back from the peer will be reported, unless the report is lost. */
  noticeLater(connection: Connection): void {
    if (connection.state !== 'open') return;
    this.lookAgain(connection, this.of(connection), AFTER_SEND);
  }

  /** What held reading back may have gone. */
  resume(): void {
    for (const connection of this.progress.keys()) void this.drain(connection);
  }

  /** The connection is closed. */
  forget(connection: Connection): void {
    this.progress.get(connection)?.look?.cancel();
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
    const fresh = {
      mayHaveData: false,
      isEmptinessUnknown: false,
      isReading: false,
      isReported: false,
      isShortDoubtful: false,
      step: LOOKS.length,
    };
    this.progress.set(connection, fresh);
    return fresh;
  }

  private tryReading(connection: Connection, why: Partial<Progress>): void {
    if (connection.state === 'closed') return;
    Object.assign(this.of(connection), { mayHaveData: true, isEmptinessUnknown: true, ...why });
    void this.drain(connection);
  }

  private isWanted(connection: Connection): boolean {
    if (this.isHalted || this.options.budget.isThrottling) return false;
    const covering = [...this.consumers].filter((it) => it.mode === 'auto' && it.covers(connection));
    return covering.length > 0 && !covering.some((consumer) => consumer.isPaused(connection));
  }

  private isReadable(connection: Connection): boolean {
    return connection.state !== 'closed' && connection.isAdmitted && this.isWanted(connection);
  }

  private isCovered(connection: Connection): boolean {
    return [...this.consumers, ...this.departed].some((consumer) => consumer.covers(connection));
  }

  private async drain(connection: Connection): Promise<void> {
    const progress = this.of(connection);
    if (progress.isReading) return;
    progress.isReading = true;
    try {
      if (this.isReadable(connection))
        for (const data of this.options.unread.take(connection)) this.hand(connection, data);
      while (progress.mayHaveData && this.isReadable(connection)) {
        const session = this.options.current.readSession;
        if (!session) return;
        progress.mayHaveData = false;
        const data = await this.readOnce(session, connection, progress);
        if (data === 'gone') return;
        if (data.length > 0 && !progress.isReported) this.options.owner.onUnreported(connection);
        // Short is not empty where every read ends at a datagram, or where no further report will come.
        const untilEmpty =
          progress.isShortDoubtful || connection.protocol === 'udp' || connection.state === 'ending';
        if (data.length > 0) progress.step = AFTER_DATA;
        else progress.isShortDoubtful = false;
        if (data.length === session.commands.limits.receiveLength || (data.length > 0 && untilEmpty))
          progress.mayHaveData = true;
        else this.lookAgain(connection, progress, progress.step);
      }
      if (!progress.mayHaveData) progress.isReported = false;
    } finally {
      progress.isReading = false;
      if (this.options.budget.isThrottling) this.isHeldBack = true;
    }
    await this.finish(connection, progress);
  }

  /** A connection that got the socket id before the answer to a read came is the one that was read. */
  private reassign({ socketId }: Connection, data: Buffer): void {
    const owner = [...this.progress.keys()].find((other) => other.socketId === socketId);
    if (!owner) return;
    if (data.length > 0) this.deliver(owner, data);
    this.notice(owner);
  }

  private async readOnce(
    session: Session,
    connection: Connection,
    progress: Progress,
  ): Promise<Buffer | 'gone'> {
    const { socketId } = connection;
    const turn = {
      lane: laneOf('receive', socketId),
      isWanted: () => this.isReadable(connection),
      // At once, as what follows the answer may be the end of this connection and the beginning of another.
      onAnswer: ({ data }: Received) => {
        if (connection.state === 'closed') this.reassign(connection, data);
        else if (data.length > 0) this.deliver(connection, data);
      },
    };
    try {
      const { data } = await session.receive(socketId, session.commands.limits.receiveLength, turn);
      return data;
    } catch (error) {
      if (isRejection(error)) {
        if (connection.state === 'open') void this.learnEmptyRead(session, connection);
        return NOTHING;
      }
      progress.mayHaveData = true;
      const { failure, mayHaveHappened } = error as AtError;
      // Held back before its turn came, which may be over by now.
      if (failure === 'cancelled') return NOTHING;
      if (mayHaveHappened) this.miss(connection, readFailure(connection.socketId, error as AtError));
      // A session outlives the loss of a second port.
      if (failure !== 'lost' || session === this.options.current.readSession)
        this.lookAgain(connection, progress, AFTER_DATA);
      return 'gone';
    }
  }

  /** ERROR to a read can mean that there is nothing, or no such socket. What it means here is found out once. */
  private async learnEmptyRead({ commands }: Session, connection: Connection): Promise<void> {
    if (commands.emptyRead === 'error' || connection.isShared) return;
    const isAlive = await this.options.owner.isAlive(connection).catch(() => false);
    if (isAlive && commands.emptyRead !== 'silent') commands.emptyRead = 'error';
  }

  private deliver(connection: Connection, data: Buffer): void {
    connection.noteReceived(data.length);
    this.hand(connection, data);
  }

  private hand(connection: Connection, data: Buffer): void {
    const covering = [...this.consumers].filter((consumer) => consumer.covers(connection));
    if (covering.some(({ mode }) => mode === 'auto')) for (const it of covering) it.take(connection, data);
    else this.options.unread.add(connection, data);
  }

  private miss(connection: Connection, error: QfwdError): void {
    for (const consumer of this.consumers) if (consumer.covers(connection)) consumer.miss(connection, error);
  }

  /** A connection whose peer has closed may be done with. */
  private async finish(connection: Connection, progress: Progress): Promise<void> {
    if (connection.state !== 'ending') return;
    if (this.isCovered(connection)) {
      if (this.options.unread.has(connection)) return;
      if (progress.mayHaveData && !(await this.isEmpty(connection, progress))) return;
    }
    this.options.owner.onDrained(connection);
  }

  /** Whether the module says that there is nothing for whoever holds the data back, or reads it on request. */
  private async isEmpty({ socketId }: Connection, progress: Progress): Promise<boolean> {
    const session = this.options.current.readSession;
    if (!session || !progress.isEmptinessUnknown) return false;
    progress.isEmptinessUnknown = false;
    const figures = await session.queues(socketId).catch(() => undefined);
    return figures?.recvUsed === 0;
  }

  /** @param step of {@link LOOKS} */
  private lookAgain(connection: Connection, progress: Progress, step: number): void {
    const delay = LOOKS[step];
    if (delay === undefined || connection.state === 'closed') return;
    const at = this.options.clock.now() + delay;
    if (progress.look && progress.look.at <= at) return;
    progress.look?.cancel();
    const cancel = this.options.clock.after(delay, () => {
      progress.look = undefined;
      progress.step = step + 1;
      // What comes right behind other data may not have been reported yet.
      if (step === AFTER_DATA) progress.isReported = true;
      this.look(connection);
    });
    progress.look = { at, cancel };
  }
}
