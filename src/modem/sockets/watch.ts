/**
 * Polls slowly for events without a URC: a lost URC, an undetected restart. A finding makes more of them likely, so the
 * polling is faster for a while.
 */
import { type Clock, isRejection, type Timers } from '../../at';
import type { Connection } from '../data/connection';
import type { Reader } from '../data/reader';
import type { Connections } from './connections';
import type { Declarations } from './declarations';
import type { Reconciler } from './reconciler';
import type { Reports } from './reports';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';

export interface WatchHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly reports: Reports;
  readonly reconciler: Reconciler;
}

/** Interval for an idle modem, in ms. */
const SLOW = 10_000;
const FAST = 1000;

export class Watch {
  private interval = SLOW;
  private cancel: () => void = () => undefined;
  private alarmedAt = -Infinity;
  private isListsTurn = false;
  private isServersTurn = false;
  private toRead: Connection[] = [];

  constructor(private readonly host: WatchHost) {
    host.connections.on('unreported', (connection) => this.alarm(connection));
  }

  start(): void {
    this.cancel = this.host.timers.after(this.interval, () => {
      const { areLost } = this.host.reports;
      this.interval = areLost ? FAST : Math.min(SLOW, 2 * this.interval);
      this.start();
      const { reader } = this;
      if (areLost) for (const connection of reader.wanted()) reader.look(connection);
      void this.look();
    });
  }

  /** URCs may be lost from now on. */
  hurry(): void {
    this.interval = FAST;
    this.cancel();
    this.start();
  }

  /**
   * A missing URC was detected.
   * @param source the connection concerned, which needs no polling now
   */
  alarm(source?: Connection): void {
    const { reader } = this;
    const { clock, current } = this.host;
    this.interval = FAST;
    current.session?.noteSilence();
    if (clock.now() - this.alarmedAt < FAST) return;
    this.alarmedAt = clock.now();
    for (const connection of reader.wanted()) if (connection !== source) reader.look(connection);
  }

  /** One step in rotation: reads a connection, or compares the client or server list. */
  private async look(): Promise<void> {
    const { session } = this.host.current;
    if (!session) return;
    this.isListsTurn = !this.isListsTurn;
    if (!this.isListsTurn && this.readNext()) return;
    this.isServersTurn = !this.isServersTurn;
    const isNews = await (this.isServersTurn ? this.hasServerNews(session) : this.hasClientNews(session));
    if (!isNews) return;
    this.alarm();
    this.host.reconciler.reconcile();
  }

  private readNext(): boolean {
    const { reader } = this;
    const wanted = reader.wanted();
    const isWanted = new Set(wanted);
    this.toRead = this.toRead.filter((connection) => isWanted.has(connection));
    if (this.toRead.length === 0) this.toRead = wanted;
    const connection = this.toRead.shift();
    if (connection) reader.look(connection);
    return connection !== undefined;
  }

  private async hasClientNews(session: Session): Promise<boolean> {
    const { connections, declarations } = this.host;
    const { table } = connections;
    const stamp = table.stamp();
    const listed = await session.sockets().catch(noneIfRejected);
    if (!listed) return false;
    const sockets = new Map(listed.map((row) => [row.socketId, row]));
    const isUnknown = ({ socketId }: { socketId: number }) =>
      !connections.admission.isRefused(socketId) &&
      !declarations.isReserved(socketId) &&
      declarations.claimants(socketId).length === 0;
    const isMore = !table.isFull && table.unknown(sockets, stamp).some(isUnknown);
    const hasEnded = table
      .all()
      .some(({ socketId, state }) => state === 'open' && sockets.get(socketId)?.hasEnded);
    return isMore || hasEnded || table.missing(sockets, stamp).length > 0;
  }

  private async hasServerNews(session: Session): Promise<boolean> {
    const { declarations } = this.host;
    const before = this.heldServers();
    const listed = await session.servers().catch(noneIfRejected);
    if (!listed) return false;
    const ids = new Set(listed.map(({ socketId }) => socketId));
    const isMissing = this.heldServers().some((id) => before.includes(id) && !ids.has(id));
    return isMissing || [...ids].some((id) => declarations.isStray(id, session.commands.limits));
  }

  private get reader(): Reader {
    return this.host.connections.data.reader;
  }

  private heldServers(): number[] {
    return this.host.declarations
      .all()
      .flatMap(({ kind, heldId }) => (kind === 'server' && heldId !== undefined ? [heldId] : []));
  }
}

/** ERROR may mean an empty list; without an answer, nothing is known. */
function noneIfRejected(error: unknown): [] | undefined {
  return isRejection(error) ? [] : undefined;
}
