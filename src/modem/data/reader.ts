/**
 * Reads data from the module as it arrives. The `client/read` URC may be lost, and is not repeated until all data is
 * read. So a connection is read until a read is short (UDP: until it is empty, as every datagram may be short), and
 * polled again later. It is read only while a consumer needs its data and no consumer pauses it. Unread data stays in
 * the module, whose full buffer slows the peer down.
 */
import { type AtError, type Clock, MOST_PER_LINE } from '../../at';
import type { Connection } from './connection';
import type { Consumer } from './consumer';
import type { Consumers } from './consumers';
import type { DataOwner } from './data-owner';
import { doubtfulData, type QfwdError, readFailure } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';
import { type Read, ReadBurst, type ReadBurstHost } from './read-burst';
import { AFTER_DATA, AFTER_SEND, ReadProgress } from './read-progress';
import type { SendBudget } from './send-budget';
import { Signal } from './signal';
import type { Unread } from './unread';

export interface ReaderOptions {
  readonly clock: Clock;
  readonly unread: Unread;
  readonly current: CurrentLink;
  readonly budget: SendBudget;
  readonly consumers: Consumers;
  readonly owner: DataOwner;
}

export class Reader {
  private readonly progress = new Map<Connection, ReadProgress>();
  private readonly burstHost: ReadBurstHost;
  /** The reads of a connection have ended. */
  private readonly end = new Signal();
  /** Reading is suspended because the send queue is too full. */
  private isHeldBack = false;
  /** The modem is being stopped. */
  private isHalted = false;

  constructor(private readonly options: ReaderOptions) {
    const { budget, consumers, current, owner } = options;
    this.burstHost = {
      current,
      budget,
      consumers,
      owner,
      isWanted: (connection) => this.isWanted(connection),
      doubt: (connection, bytes) => void this.doubt(connection, bytes),
      onFailed: (connection, error) => this.onFailed(connection, error),
    };
  }

  addConsumer(consumer: Consumer): void {
    this.options.consumers.add(consumer);
    this.resume();
  }

  removeConsumer(consumer: Consumer): void {
    this.options.consumers.remove(consumer, () => this.resume());
    this.resume();
  }

  /** Whether any read is in progress. */
  get isReading(): boolean {
    return [...this.progress.values()].some(({ isReading }) => isReading);
  }

  /** Stops reading permanently. */
  halt(): void {
    this.isHalted = true;
  }

  /** A connection was opened, may have data, or was closed by its peer. */
  notice(connection: Connection): void {
    this.tryReading(connection, { isReported: true });
  }

  /**
   * A URC has announced data.
   * @param length how much, if the URC says so
   */
  noteReport(connection: Connection, length?: number): void {
    const isEmptyDatagramDue = length === 0 && connection.protocol === 'udp';
    this.tryReading(connection, { isReported: true, isAnnounced: true, isLikely: true, isEmptyDatagramDue });
  }

  /** Whether a URC has announced data since the last read. */
  isAnnounced(connection: Connection): boolean {
    return this.progress.get(connection)?.isAnnounced === true;
  }

  /** A request has read the connection. */
  noteRequested(connection: Connection): void {
    const progress = this.progress.get(connection);
    if (progress) progress.isAnnounced = false;
  }

  /** Polls for data without a URC; usually there is none. */
  look(connection: Connection): void {
    this.tryReading(connection, { isShortDoubtful: true });
  }

  /** Payload left the send queue: schedules a poll, in case the URC for the peer's reply is lost. */
  noteSent(connection: Connection): void {
    this.noticeLater(connection);
    if (!this.isHeldBack || this.options.budget.isThrottling) return;
    this.isHeldBack = false;
    this.resume();
  }

  /** Schedules a poll, in case the URC for the next data is lost. */
  noticeLater(connection: Connection): void {
    if (connection.state === 'open') this.of(connection).lookAgain(AFTER_SEND);
  }

  /** The reason to suspend reading may be gone. */
  resume(): void {
    for (const [connection, progress] of this.progress) {
      connection.clear?.update();
      void this.drain(connection, progress);
    }
  }

  /** Asks the module for data; resolves when what it had was passed on. */
  async poll(connection: Connection): Promise<void> {
    this.look(connection);
    while (this.isBusy(connection)) await this.end.next();
  }

  /** Resolves when no read is in progress. */
  async ended(): Promise<void> {
    while (this.isReading) await this.end.next();
  }

  /** The receiver of this connection may be read again. */
  resumeOne(connection: Connection): void {
    const progress = this.progress.get(connection);
    if (progress) void this.drain(connection, progress);
  }

  /** The connection is closed. */
  forget(connection: Connection): void {
    this.progress.get(connection)?.cancel();
    this.progress.delete(connection);
    this.end.raise();
  }

  /** Whether a read of the connection is in progress. */
  isBusy(connection: Connection): boolean {
    return this.progress.get(connection)?.isReading === true;
  }

  /** Data may belong to this connection or to the next one with its socket id: informs the consumers of both. */
  doubt(connection: Connection, bytes: number): QfwdError {
    const { consumers, owner } = this.options;
    const error = doubtfulData(connection.socketId, bytes);
    const occupant = owner.occupant(connection.socketId);
    consumers.tellAny(occupant ? [connection, occupant] : [connection], error);
    if (occupant) this.notice(occupant);
    return error;
  }

  /** Connections that currently should be read, in no particular order. */
  wanted(): Connection[] {
    return [...this.progress.keys()].filter((connection) => this.isWanted(connection));
  }

  /** Whether flows want data, which their receiver may have to decode. */
  isWantedByConsumers(connection: Connection): boolean {
    const { budget, consumers } = this.options;
    if (budget.isThrottling) return false;
    const takers = consumers.of(connection).filter(({ mode }) => mode === 'auto');
    return takers.length > 0 && !takers.some((consumer) => consumer.isPaused(connection));
  }

  /** @param connection not a closed one, which is forgotten */
  private of(connection: Connection): ReadProgress {
    const known = this.progress.get(connection);
    if (known) return known;
    const fresh = new ReadProgress(connection, this.options.clock, () => this.look(connection));
    this.progress.set(connection, fresh);
    return fresh;
  }

  private tryReading(connection: Connection, why: Partial<ReadProgress>): void {
    if (connection.state === 'closed') return;
    const progress = this.of(connection);
    Object.assign(progress, { mayHaveData: true, isEmptinessUnknown: true, ...why });
    void this.drain(connection, progress);
  }

  private isWanted(connection: Connection): boolean {
    if (this.isHalted) return false;
    // What a stream receives does not enter the send queue.
    if (connection.receiver) return !connection.receiver.isPaused(connection);
    return this.isWantedByConsumers(connection);
  }

  private isReadable(connection: Connection): boolean {
    return connection.isReadable && this.isWanted(connection);
  }

  private async drain(connection: Connection, progress: ReadProgress): Promise<void> {
    const { budget, consumers, current } = this.options;
    if (progress.isReading) return;
    progress.isReading = true;
    try {
      if (this.isReadable(connection)) consumers.flush(connection);
      while (progress.mayHaveData && this.isReadable(connection) && !progress.isResting) {
        const session = current.dataSession;
        if (!session) return;
        progress.mayHaveData = false;
        const hasFailed = !(await this.readSome(session, connection, progress));
        if (hasFailed) return;
      }
      if (!progress.mayHaveData) progress.isReported = false;
    } finally {
      progress.isReading = false;
      this.end.raise();
      if (budget.isThrottling) this.isHeldBack = true;
    }
    await this.finish(connection, progress);
  }

  /** @returns whether no read has failed */
  private async readSome(session: Session, connection: Connection, progress: ReadProgress): Promise<boolean> {
    const { isAnnounced, isLikely, isEmptyDatagramDue } = progress;
    const { receiveLength } = session.commands.limits;
    progress.isEmptyDatagramDue = false;
    progress.isLikely = false;
    const isIdKept = connection.isExclusive || session.commands.limits.keepsIds === true;
    const mayBeMany = progress.reads > 1 && (isLikely || isAnnounced) && !isEmptyDatagramDue;
    const count = mayBeMany
      ? await session.reads
          .atOnce(connection.socketId, receiveLength, progress.reads, isIdKept)
          .catch(() => 1)
      : 1;
    const burst = new ReadBurst(session, connection, this.burstHost, isEmptyDatagramDue);
    const looksAhead = count > 1 && !isIdKept;
    const reads = await burst.run(
      count,
      isAnnounced ? 'announced' : isLikely ? 'likely' : 'poll',
      looksAhead,
    );
    if (burst.hasAnswer) progress.failures = 0;
    if (burst.failure || burst.wasSuspended) progress.mayHaveData = true;
    if (burst.failure) this.retryLater(session, progress, burst.failure);
    else if (burst.wasSuspended && !burst.hasAnswer) progress.noteNotRead({ isLikely, isEmptyDatagramDue });
    else this.noteReads(connection, progress, reads, looksAhead);
    return !burst.failure;
  }

  /** Decides whether and when to read again. */
  private noteReads(
    connection: Connection,
    progress: ReadProgress,
    reads: readonly Read[],
    areCounted: boolean,
  ): void {
    const withData = reads.filter(({ hasData }) => hasData).length;
    const hasData = withData > 0;
    const last = reads.at(-1);
    const isLastData = last?.hasData === true;
    if (hasData && !progress.isReported) this.options.owner.onUnreported(connection);
    // A short read may leave data if every read ends at a datagram, or if no further URC will come.
    const untilEmpty =
      progress.isShortDoubtful || connection.protocol === 'udp' || connection.state === 'ending';
    // The module may announce data before it can be read, or not announce what is behind an empty datagram.
    if (hasData || progress.isAnnounced) progress.step = AFTER_DATA;
    if (!hasData) progress.isShortDoubtful = false;
    progress.isAnnounced = false;
    const isFull = last?.isFull === true;
    const isLikely = isFull || (isLastData && connection.protocol === 'udp');
    // As much is likely to follow. Where reads are counted, the last one is short even if more follows.
    const following = areCounted ? 2 * withData : withData;
    progress.reads = Math.min(Math.max(1, isLikely ? 2 * progress.reads : following), MOST_PER_LINE);
    if (isLikely) progress.isLikely = true;
    if (isFull || (isLastData && untilEmpty)) progress.mayHaveData = true;
    else progress.lookAgain(progress.step);
  }

  private onFailed(connection: Connection, error: AtError): void {
    const isTold = error.failure === 'malformed' && (this.progress.get(connection)?.failures ?? 0) > 0;
    if (!error.mayHaveHappened || isTold) return;
    this.options.consumers.tell(connection, readFailure(connection.socketId, error));
  }

  private retryLater(session: Session, progress: ReadProgress, { failure }: AtError): void {
    progress.reads = 1;
    // The session continues if only the second port is lost.
    if (failure !== 'lost' || session === this.options.current.dataSession) progress.retryLater();
  }

  /** Checks whether a connection that its peer has closed has been read completely. */
  private async finish(connection: Connection, progress: ReadProgress): Promise<void> {
    const { consumers, owner, unread } = this.options;
    if (connection.state !== 'ending') return;
    if (consumers.isCovered(connection)) {
      if (unread.has(connection)) return;
      if (progress.mayHaveData && !(await this.isEmpty(connection, progress))) return;
      owner.onDrained(connection, true);
    } else {
      owner.onDrained(connection, !progress.mayHaveData);
    }
  }

  /** Whether the module reports no data for a connection that is paused or read on request. */
  private async isEmpty({ socketId }: Connection, progress: ReadProgress): Promise<boolean> {
    const session = this.options.current.dataSession;
    if (!session || !progress.isEmptinessUnknown) return false;
    progress.isEmptinessUnknown = false;
    const figures = await session.queues(socketId).catch(() => undefined);
    return figures?.recvUsed === 0;
  }
}
