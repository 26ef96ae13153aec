import { type AtError, isRejection } from '../../at';
import type { Received } from '../../sockets';
import type { CurrentLink } from '../link/current-link';
import type { ReadReason } from '../link/reads';
import type { Session } from '../link/session';
import type { Connection } from './connection';
import type { Consumers } from './consumers';
import type { DataOwner } from './data-owner';
import { ReadTurn } from './read-turn';
import type { SendBudget } from './send-budget';

export interface ReadBurstHost {
  readonly current: CurrentLink;
  readonly budget: SendBudget;
  readonly consumers: Consumers;
  readonly owner: Pick<DataOwner, 'isAlive' | 'prove'>;
  /** Whether the connection should still be read; asked before each read. */
  isWanted(connection: Connection): boolean;
  /** Called with the length of data that may belong to another connection. */
  doubt(connection: Connection, bytes: number): void;
  /** Called at once, for the first read that fails. */
  onFailed(connection: Connection, error: AtError): void;
}

/** The result of one read; an empty datagram counts as data. */
export interface Read {
  /** It has returned as much as it may. */
  readonly isFull: boolean;
  readonly hasData: boolean;
}

const NOTHING: Read = { isFull: false, hasData: false };

/** Reads of one connection that are queued at the same time, so that they may share a command line. */
export class ReadBurst {
  /** Why the first read failed that did. */
  failure: AtError | undefined;
  /** A read was answered, even if with ERROR. */
  hasAnswer = false;
  /** Reading was suspended before a read was executed. */
  wasSuspended = false;
  /** A read was short or failed, so those behind it are not needed. */
  private isOver = false;
  /** Reads that were written, whose data may be about to enter the send queue. */
  private written = 0;
  /** Data of one read waits for proof, so that of those behind it has to wait, too. */
  private isUnproved = false;
  /** Resolves when all data that waits is settled. */
  private settled: Promise<void> = Promise.resolve();
  private readonly length: number;

  constructor(
    private readonly session: Session,
    private readonly connection: Connection,
    private readonly host: ReadBurstHost,
    /** An empty datagram was reported: the first empty response is that datagram. */
    private readonly isEmptyDatagramDue: boolean,
  ) {
    this.length = session.commands.limits.receiveLength;
  }

  /**
   * @param reason why there may be data for the first read
   * @param looksAhead whether to query on the same line how much is unread behind them
   * @returns what each read that was executed has returned, in order
   */
  async run(count: number, reason: ReadReason, looksAhead: boolean): Promise<readonly Read[]> {
    const { connection, session } = this;
    const reads = Array.from({ length: count }, (_, index) => this.read(index === 0 ? reason : 'likely'));
    const looking = looksAhead ? session.reads.lookAhead(connection.socketId) : undefined;
    const results = await Promise.all(reads);
    await looking;
    this.forgetExpected();
    return results.filter((read) => read !== undefined);
  }

  /** `undefined` when it was not needed, or has failed. */
  private async read(reason: ReadReason): Promise<Read | undefined> {
    const { connection, session } = this;
    const turn = this.newTurn();
    try {
      const received = await session.reads.receive(connection.socketId, this.length, turn, reason);
      this.hasAnswer = true;
      if (turn.attribution !== 'its') {
        this.settled = this.settled.then(() => this.settle(received, turn));
        await this.settled;
      }
      return { isFull: received.data.length === this.length, hasData: turn.hasData };
    } catch (error) {
      return this.onError(error as AtError);
    }
  }

  private newTurn(): ReadTurn {
    const { connection, host } = this;
    const { budget, consumers, current } = host;
    let isExpected = false;
    return new ReadTurn(connection, {
      current,
      consumers,
      isEmptyDatagramDue: this.isEmptyDatagramDue,
      mayJoin: () => connection.receiver !== undefined || budget.hasRoomForReads,
      onWritten: () => {
        // What a stream receives does not enter the send queue, and a rejected line is written again.
        if (isExpected || connection.receiver) return;
        isExpected = true;
        this.written++;
        budget.expect(1, this.length);
      },
      isWanted: () => !this.isOver && host.isWanted(connection),
      isOutOfTurn: () => this.isUnproved,
      onUnproved: () => (this.isUnproved = true),
      onLength: (bytes) => (this.isOver ||= this.isShort(bytes)),
    });
  }

  private onError(error: AtError): Read | undefined {
    const isCancelled = error.failure === 'cancelled';
    if (isCancelled && this.isOver) return undefined;
    this.isOver = true;
    if (isRejection(error)) {
      this.hasAnswer = true;
      if (this.connection.state === 'open') void this.learnEmptyRead();
      return NOTHING;
    }
    if (isCancelled) {
      this.wasSuspended = true;
      return NOTHING;
    }
    if (!this.failure) this.host.onFailed(this.connection, error);
    this.failure ??= error;
    return undefined;
  }

  /** Whether no data is left: a datagram is a read of its own, so only an empty read shows that. */
  private isShort(bytes: number): boolean {
    return this.connection.protocol === 'udp' ? bytes === 0 : bytes < this.length;
  }

  /** Determines the connection of data that was not delivered at once. */
  private async settle(received: Received, { attribution }: ReadTurn): Promise<void> {
    const { connection, host } = this;
    const isIts = attribution === 'unproved' && (await host.owner.prove(connection));
    if (isIts) host.consumers.deliver(connection, received);
    else host.doubt(connection, received.data.length);
  }

  /** ERROR to a read may mean that there is no data, or no such socket. Finds out once which one applies. */
  private async learnEmptyRead(): Promise<void> {
    const { connection, host } = this;
    const { commands } = this.session;
    if (commands.emptyRead === 'error' || connection.isShared) return;
    const isAlive = await host.owner.isAlive(connection).catch(() => false);
    if (isAlive && commands.emptyRead !== 'silent') commands.emptyRead = 'error';
  }

  /** Flows get their messages, and queue the answers, only now. */
  private forgetExpected(): void {
    const { length, written } = this;
    if (written === 0) return;
    setImmediate(() => {
      this.host.budget.expect(-written, -written * length);
    });
  }
}
