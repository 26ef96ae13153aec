/**
 * Reads data from the module as it arrives. The `client/read` URC may be lost, and is not repeated until all data is
 * read. So a connection is read until a read is short (UDP: until it is empty, as every datagram may be short), and
 * polled again later. It is read only while a consumer needs its data and no consumer pauses it. Unread data stays in
 * the module, whose full buffer slows the peer down.
 */
import { type AtError, type Clock, isRejection, MOST_PER_LINE, type Timers } from '../../at';
import type { Received } from '../../sockets';
import type { Connection } from './connection';
import type { Consumer } from './consumer';
import type { DataOwner } from './data-owner';
import { doubtfulData, type QfwdError, readFailure } from '../errors';
import type { Counters } from '../link/counters';
import type { CurrentLink } from '../link/current-link';
import type { ReadReason, Session } from '../link/session';
import { ReadTurn } from './read-turn';
import type { SendBudget } from './send-budget';
import type { Unread } from './unread';

export interface ReaderOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly unread: Unread;
  readonly current: CurrentLink;
  readonly budget: SendBudget;
  readonly owner: DataOwner;
}

/**
 * Delays of the polls after a read, in ms. The first is short, because the module sends no further URC for data that
 * arrives during a read; the later ones find data whose URC was lost.
 */
const LOOKS = [50, 1000, 8000] as const;
/** Polls that are not urgent are made at multiples of this, in ms, so that those of several sockets share a command line. */
const COMMON = 500;
const AFTER_DATA = 0;
const AFTER_SEND = 1;

/** Delays before a failed read is retried, in ms; doubled each time, as each failed read may destroy data. */
const RETRY = { first: 50, most: 10_000 } as const;

/** How long data is kept for a consumer that was removed, in ms: a deploy removes it and adds it again. */
const GRACE = 5000;

/** The result of one read; an empty datagram counts as data. */
interface Read {
  readonly length: number;
  readonly hasData: boolean;
}

const NOTHING: Read = { length: 0, hasData: false };

/** Reads that are queued at the same time. */
interface Burst {
  /** One of them was short, so those behind it are not needed. */
  isOver: boolean;
  hasFailed: boolean;
  /** Reads that were written, whose data may be about to enter the send queue. */
  written: number;
  /** Data of one of them waits for proof, so that of those behind it waits, too. Resolves when it is settled. */
  unproved: Promise<void> | undefined;
}

interface ReadOptions {
  readonly burst: Burst;
  readonly isEmptyDatagramDue: boolean;
  readonly reason: ReadReason;
}

interface Progress {
  /** There may be something to read. */
  mayHaveData: boolean;
  /** The queue figures were not queried since the last read. */
  isEmptinessUnknown: boolean;
  isReading: boolean;
  /** Data need not have a URC any more: there was one, or it follows other data directly. */
  isReported: boolean;
  /** There is data for sure: a `client/read` URC was received, or a read was full, since the last read. */
  isLikely: boolean;
  /** A URC has announced data that was not found yet … */
  isAnnounced: boolean;
  /** … namely an empty datagram. */
  isEmptyDatagramDue: boolean;
  /** A short read may not be the last one: a poll may find data without a URC. */
  isShortDoubtful: boolean;
  /** Number of reads to queue at the same time: doubled while all of them are full. */
  reads: number;
  /** Number of failed reads since the last successful one. */
  failures: number;
  /** Index of the next delay in {@link LOOKS}. */
  step: number;
  look?: { readonly at: number; readonly cancel: () => void } | undefined;
}

export class Reader {
  private readonly consumers = new Set<Consumer>();
  /** Consumers that were removed less than {@link GRACE} ago. */
  private readonly departed = new Set<Consumer>();
  private readonly progress = new Map<Connection, Progress>();
  /** Reading is suspended because the send queue is too full. */
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
    if (connection.state !== 'open') return;
    this.lookAgain(connection, this.of(connection), AFTER_SEND);
  }

  /** The reason to suspend reading may be gone. */
  resume(): void {
    for (const connection of this.progress.keys()) {
      connection.clear?.update();
      void this.drain(connection);
    }
  }

  /** Asks the module for data; resolves when what it had was passed on. */
  async poll(connection: Connection): Promise<void> {
    this.look(connection);
    while (this.isBusy(connection)) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The receiver of this connection may be read again. */
  resumeOne(connection: Connection): void {
    if (this.progress.has(connection)) void this.drain(connection);
  }

  /** The connection is closed. */
  forget(connection: Connection): void {
    this.progress.get(connection)?.look?.cancel();
    this.progress.delete(connection);
    for (const consumer of this.covering(connection)) consumer.end(connection);
  }

  /** Passes the unread data of a closing connection to its consumers, even if paused. */
  flush(connection: Connection): void {
    for (const received of this.options.unread.take(connection)) this.hand(connection, received);
  }

  /** Whether a read of the connection is in progress. */
  isBusy(connection: Connection): boolean {
    return this.progress.get(connection)?.isReading === true;
  }

  /** Data may belong to this connection or to the next one with its socket id: informs the consumers of both. */
  doubt(connection: Connection, bytes: number): QfwdError {
    const { counters, owner } = this.options;
    const error = doubtfulData(connection.socketId, bytes);
    const occupant = owner.occupant(connection.socketId);
    const both = occupant ? [connection, occupant] : [connection];
    const concerned = new Set(both.flatMap((it) => this.covering(it)));
    for (const consumer of concerned) {
      const its = both.find((it) => this.covering(it).includes(consumer));
      if (its) consumer.miss(its, error);
    }
    if (concerned.size > 0 || this.noteUntold(both, error)) counters.unknownOutcomes++;
    if (occupant) this.notice(occupant);
    return error;
  }

  /** Connections that currently should be read, in no particular order. */
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
      isLikely: false,
      isAnnounced: false,
      isEmptyDatagramDue: false,
      isShortDoubtful: false,
      reads: 1,
      failures: 0,
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
    if (this.isHalted) return false;
    // What a stream receives does not enter the send queue.
    if (connection.receiver) return !connection.receiver.isPaused(connection);
    return this.isWantedByConsumers(connection);
  }

  /** Whether flows want data, which their receiver may have to decode. */
  isWantedByConsumers(connection: Connection): boolean {
    if (this.options.budget.isThrottling) return false;
    const covering = this.consumersOf(connection).filter(({ mode }) => mode === 'auto');
    return covering.length > 0 && !covering.some((consumer) => consumer.isPaused(connection));
  }

  /** Who is told of what happens to the connection. */
  private covering(connection: Connection): readonly Consumer[] {
    const { receiver, clear } = connection;
    if (receiver && !clear) return [receiver];
    return [...(receiver ? [receiver] : []), ...this.consumersOf(connection)];
  }

  private consumersOf(connection: Connection): readonly Consumer[] {
    return [...this.consumers].filter((consumer) => consumer.covers(connection));
  }

  private isReadable(connection: Connection): boolean {
    return connection.isReadable && this.isWanted(connection);
  }

  /** Whether there is someone to whom its data can be passed, now or soon. */
  isCovered(connection: Connection): boolean {
    if (connection.receiver && !connection.clear) return true;
    return [...this.consumers, ...this.departed].some((consumer) => consumer.covers(connection));
  }

  private async drain(connection: Connection): Promise<void> {
    const progress = this.of(connection);
    if (progress.isReading) return;
    progress.isReading = true;
    try {
      if (this.isReadable(connection))
        for (const received of this.options.unread.take(connection)) this.hand(connection, received);
      while (progress.mayHaveData && this.isReadable(connection) && !isResting(progress)) {
        const session = this.options.current.dataSession;
        if (!session) return;
        progress.mayHaveData = false;
        const reads = await this.readSome(session, connection, progress);
        if (reads === 'gone') return;
        const hasData = reads.some((read) => read.hasData);
        const last = reads.at(-1) ?? NOTHING;
        if (hasData && !progress.isReported) this.options.owner.onUnreported(connection);
        // A short read may leave data if every read ends at a datagram, or if no further URC will come.
        const untilEmpty =
          progress.isShortDoubtful || connection.protocol === 'udp' || connection.state === 'ending';
        // The module may announce data before it can be read, or not announce what is behind an empty datagram.
        if (hasData || progress.isAnnounced) progress.step = AFTER_DATA;
        if (!hasData) progress.isShortDoubtful = false;
        progress.isAnnounced = false;
        const isFull = last.length === session.commands.limits.receiveLength;
        const isLikely = isFull || (last.hasData && connection.protocol === 'udp');
        progress.reads = isLikely ? Math.min(2 * progress.reads, MOST_PER_LINE) : 1;
        if (isLikely) progress.isLikely = true;
        if (isFull || (last.hasData && untilEmpty)) progress.mayHaveData = true;
        else this.lookAgain(connection, progress, progress.step);
      }
      if (!progress.mayHaveData) progress.isReported = false;
    } finally {
      progress.isReading = false;
      if (this.options.budget.isThrottling) this.isHeldBack = true;
    }
    await this.finish(connection, progress);
  }

  /** @returns what each read that was executed has returned, in order */
  private async readSome(
    session: Session,
    connection: Connection,
    progress: Progress,
  ): Promise<readonly Read[] | 'gone'> {
    const { isAnnounced, isLikely, isEmptyDatagramDue } = progress;
    progress.isEmptyDatagramDue = false;
    progress.isLikely = false;
    const reason = isAnnounced ? 'announced' : isLikely ? 'likely' : 'poll';
    const isBurst = progress.reads > 1 && isLikely && !isEmptyDatagramDue;
    const { socketId } = connection;
    const { receiveLength } = session.commands.limits;
    const count = isBurst
      ? await session.readsAtOnce(socketId, receiveLength, progress.reads).catch(() => 1)
      : 1;
    const burst: Burst = { isOver: false, hasFailed: false, written: 0, unproved: undefined };
    const read = (index: number): Promise<Read | 'gone' | undefined> =>
      this.readOnce(session, connection, progress, {
        burst,
        isEmptyDatagramDue,
        reason: index === 0 ? reason : 'likely',
      });
    const reads = await Promise.all(Array.from({ length: count }, (_, index) => read(index)));
    this.forgetExpected(burst.written, receiveLength);
    if (reads.includes('gone')) return 'gone';
    return reads.filter((it) => it !== undefined && it !== 'gone');
  }

  /** Flows get their messages, and queue the answers, only now. */
  private forgetExpected(reads: number, receiveLength: number): void {
    if (reads === 0) return;
    setImmediate(() => {
      this.options.budget.expect(-reads, -reads * receiveLength);
    });
  }

  /** `undefined` when it was not executed. */
  private async readOnce(
    session: Session,
    connection: Connection,
    progress: Progress,
    { burst, isEmptyDatagramDue, reason }: ReadOptions,
  ): Promise<Read | 'gone' | undefined> {
    const { receiveLength } = session.commands.limits;
    let isExpected = false;
    const turn = new ReadTurn(connection, {
      current: this.options.current,
      isEmptyDatagramDue,
      mayJoin: () => connection.receiver !== undefined || this.options.budget.hasRoomForReads,
      onWritten: () => {
        // What a stream receives does not enter the send queue, and a rejected line is written again.
        if (isExpected || connection.receiver) return;
        isExpected = true;
        burst.written++;
        this.options.budget.expect(1, receiveLength);
      },
      isWanted: () => !burst.isOver && this.isWanted(connection),
      isOutOfTurn: () => burst.unproved !== undefined,
      onLength: (bytes) => (burst.isOver ||= isShort(connection, bytes, receiveLength)),
      deliver: (received) => this.deliver(connection, received),
    });
    try {
      const received = await session.receive(connection.socketId, receiveLength, turn, reason);
      progress.failures = 0;
      if (turn.attribution !== 'its') {
        burst.unproved = (burst.unproved ?? Promise.resolve()).then(() =>
          this.settle(connection, received, turn),
        );
        await burst.unproved;
      }
      return { length: received.data.length, hasData: turn.hasData };
    } catch (error) {
      const isCancelled = (error as AtError).failure === 'cancelled';
      if (isCancelled && burst.isOver) return undefined;
      burst.isOver = true;
      if (isRejection(error)) {
        progress.failures = 0;
        if (connection.state === 'open') void this.learnEmptyRead(session, connection);
        return NOTHING;
      }
      progress.mayHaveData = true;
      // Reading was suspended before the command ran; it may have resumed meanwhile.
      if (isCancelled) return NOTHING;
      progress.reads = 1;
      if (!burst.hasFailed) this.onReadFailed(session, connection, progress, error as AtError);
      burst.hasFailed = true;
      return 'gone';
    }
  }

  /** Determines the connection of data that was not delivered at once. */
  private async settle(connection: Connection, received: Received, { attribution }: ReadTurn): Promise<void> {
    const isIts = attribution === 'unproved' && (await this.options.owner.prove(connection));
    if (isIts) this.deliver(connection, received);
    else this.doubt(connection, received.data.length);
  }

  private onReadFailed(session: Session, connection: Connection, progress: Progress, error: AtError): void {
    const { failure, mayHaveHappened } = error;
    const isTold = failure === 'malformed' && progress.failures > 0;
    if (mayHaveHappened && !isTold) this.tell(connection, readFailure(connection.socketId, error));
    if (failure === 'lost' && session !== this.options.current.dataSession) return;
    // The session continues if only the second port is lost.
    const delay = Math.min(RETRY.first * 2 ** progress.failures, RETRY.most);
    progress.failures++;
    progress.look?.cancel();
    progress.look = undefined;
    this.lookAfter(delay, connection, progress, AFTER_DATA);
  }

  /** ERROR to a read may mean that there is no data, or no such socket. Finds out once which one applies. */
  private async learnEmptyRead({ commands }: Session, connection: Connection): Promise<void> {
    if (commands.emptyRead === 'error' || connection.isShared) return;
    const isAlive = await this.options.owner.isAlive(connection).catch(() => false);
    if (isAlive && commands.emptyRead !== 'silent') commands.emptyRead = 'error';
  }

  private deliver(connection: Connection, received: Received): void {
    const { data, from } = received;
    if (!this.options.owner.admits(connection, from)) return;
    if (!connection.clear) connection.noteReceived(data.length);
    this.hand(connection, received);
  }

  /** Passes decoded data to the flows. */
  pass(connection: Connection, data: Buffer): void {
    for (const consumer of this.consumersOf(connection)) consumer.take(connection, data);
  }

  private hand(connection: Connection, received: Received): void {
    const { data, from } = received;
    const { receiver } = connection;
    const covering = receiver ? [receiver] : this.consumersOf(connection);
    if (covering.some(({ mode }) => mode === 'auto'))
      for (const it of covering) it.take(connection, data, from);
    else this.options.unread.add(connection, received);
  }

  /** Data of the connection may be lost: informs its consumers. */
  tell(connection: Connection, error: QfwdError): void {
    this.options.counters.unknownOutcomes++;
    const concerned = this.covering(connection);
    for (const consumer of concerned) consumer.miss(connection, error);
    if (concerned.length === 0) this.noteUntold([connection], error);
  }

  /** @returns whether those who were to have the data have just gone */
  private noteUntold(connections: readonly Connection[], error: QfwdError): boolean {
    const isMissed = [...this.departed].some((consumer) => connections.some((it) => consumer.covers(it)));
    if (isMissed) this.options.owner.onUntold(error);
    return isMissed;
  }

  /** Checks whether a connection that its peer has closed has been read completely. */
  private async finish(connection: Connection, progress: Progress): Promise<void> {
    if (connection.state !== 'ending') return;
    if (this.isCovered(connection)) {
      if (this.options.unread.has(connection)) return;
      if (progress.mayHaveData && !(await this.isEmpty(connection, progress))) return;
      this.options.owner.onDrained(connection, true);
    } else {
      this.options.owner.onDrained(connection, !progress.mayHaveData);
    }
  }

  /** Whether the module reports no data for a connection that is paused or read on request. */
  private async isEmpty({ socketId }: Connection, progress: Progress): Promise<boolean> {
    const session = this.options.current.dataSession;
    if (!session || !progress.isEmptinessUnknown) return false;
    progress.isEmptinessUnknown = false;
    const figures = await session.queues(socketId).catch(() => undefined);
    return figures?.recvUsed === 0;
  }

  /** @param step index in {@link LOOKS} */
  private lookAgain(connection: Connection, progress: Progress, step: number): void {
    const delay = LOOKS[step];
    if (delay !== undefined && !isResting(progress)) this.lookAfter(delay, connection, progress, step);
  }

  private lookAfter(delay: number, connection: Connection, progress: Progress, step: number): void {
    if (connection.state === 'closed') return;
    const now = this.options.clock.now();
    const at = delay < COMMON ? now + delay : Math.ceil((now + delay) / COMMON) * COMMON;
    if (progress.look && progress.look.at <= at) return;
    progress.look?.cancel();
    const cancel = this.options.clock.after(at - now, () => {
      progress.look = undefined;
      progress.step = step + 1;
      // Data that follows directly on other data may not have its URC yet.
      if (step === AFTER_DATA) progress.isReported = true;
      this.look(connection);
    });
    progress.look = { at, cancel };
  }
}

/** After a failure, nothing is read until the scheduled retry. */
function isResting({ failures, look }: Progress): boolean {
  return failures > 0 && look !== undefined;
}

/** Whether no data is left: a datagram is a read of its own, so only an empty read shows that. */
function isShort({ protocol }: Connection, bytes: number, receiveLength: number): boolean {
  return protocol === 'udp' ? bytes === 0 : bytes < receiveLength;
}
