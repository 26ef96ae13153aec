/**
 * Compares declarations with the module's lists, and opens, adopts or closes sockets until both agree. Start, redeploy,
 * cable pull, module restart and host crash all take this path.
 */
import { EventEmitter } from 'node:events';
import type { Timers, Transport } from '../../at';
import type { Connection } from '../data/connection';
import type { Connections } from './connections';
import type { Declarations } from './declarations';
import type { LeftBehind } from './left-behind';
import type { SocketCloser } from './socket-closer';
import type { Reports } from './reports';
import type { CurrentLink } from '../link/current-link';
import type { Session, Survey } from '../link/session';

export interface ReconcilerHost {
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly closer: SocketCloser;
  readonly timers: Timers;
  readonly reports: Reports;
  readonly leftBehind: LeftBehind;
}

export interface ReconcilerEvents {
  /** All open sockets of a new session are known. */
  listed: [session: Session, found: Survey];
}

/** Delay before a failed list is requested again, in ms. */
const RETRY = 1000;

export class Reconciler extends EventEmitter<ReconcilerEvents> {
  private isRunning = false;
  /** Something has changed since the last comparison. */
  private isOutOfDate = false;

  constructor(private readonly host: ReconcilerHost) {
    super();
    host.connections.on('outdated', () => this.reconcile());
  }

  /** One run at a time; a call during a run requests another one. */
  reconcile(): void {
    this.isOutOfDate = true;
    if (!this.isRunning) void this.catchUp();
  }

  /** URCs of a port were lost. Until the next list, sockets that report to it are not read. */
  doubt(port: Transport): void {
    if (this.host.connections.table.doubt(port)) this.reconcile();
  }

  /** Closes overdue orphans; without a session, in the next one. */
  closeDue(): void {
    const { connections, closer, declarations } = this.host;
    if (!this.session) return;
    for (const { kind, socketId } of declarations.takeDue()) {
      const its = connections.table
        .all()
        .filter((it) => it.socketId === socketId || it.serverId === socketId);
      const after = this.discardAll(its);
      if (kind === 'server') closer.close(socketId, { after });
    }
  }

  /** @returns resolves when peers that speak TLS were told the end: some firmware closes connections with their server */
  private discardAll(connections: readonly Connection[]): Promise<unknown> | undefined {
    const { disconnection } = this.host.connections;
    const partings = connections.map((it) => disconnection.discard(it)).filter((it) => it !== undefined);
    return partings.length > 0 ? Promise.all(partings) : undefined;
  }

  private async catchUp(): Promise<void> {
    this.isRunning = true;
    while (this.session && this.isOutOfDate) {
      const { session } = this;
      this.isOutOfDate = false;
      try {
        await this.run(session);
      } catch {
        if (session === this.session) this.host.timers.after(RETRY, () => this.reconcile());
      }
    }
    this.isRunning = false;
  }

  private async run(session: Session): Promise<void> {
    const { connections, declarations } = this.host;
    const { table } = connections;
    const stamp = table.stamp();
    const found = await session.list();
    connections.verification.compare(found, stamp, !this.host.current.isListed(session));
    const isFirst = this.host.current.noteListed(session);
    if (isFirst) this.emit('listed', session, found);
    // An endpoint declared during this run gets a run of its own.
    const declared = declarations.all();
    for (const endpoint of declared) {
      if (await endpoint.adopt(found, stamp)) connections.announce(endpoint, stamp);
      if (session !== this.session) return;
    }
    declarations.reviewOrphans(declared);
    const due = declarations.takeDue().map(({ socketId }) => socketId);
    due.push(...this.host.leftBehind.take(found));
    const strays = this.closeStrays(found, due, stamp);
    for (const row of table.unknown(found.sockets, stamp)) {
      const { socketId, serverId, ends, direction } = row;
      const isKnown = strays.has(socketId) || connections.admission.isRefused(socketId);
      if ([socketId, serverId].some((id) => id !== undefined && declarations.isReserved(id))) continue;
      if (isKnown || declarations.claimants(socketId).length > 0) continue;
      if (direction === 'active') connections.clients.addForeign(row);
      else if (serverId !== undefined) connections.acceptance.accept(socketId, serverId, ends, isFirst);
    }
    connections.verification.endListed(found.sockets);
    connections.settle();
    // Events of a connection before its URC port was changed show only in a list.
    if (await this.host.reports.adjust(session, found)) this.isOutOfDate = true;
    for (const connection of table.all()) connections.notices.notice(connection);
    for (const endpoint of declared) endpoint.openIfMissing();
  }

  private get session(): Session | undefined {
    return this.host.current.session;
  }

  /**
   * Closes sockets of the driver's id range without an owner, such as those of an earlier run, with their connections.
   */
  private closeStrays(
    { servers, sockets, limits }: Survey,
    due: readonly number[],
    stamp: number,
  ): Set<number> {
    const { declarations, connections, closer } = this.host;
    const isStray = (socketId: number) =>
      declarations.isStray(socketId, limits) && !connections.table.isClosedSince(socketId, stamp);
    const strays = new Set(due);
    for (const { socketId } of servers) if (isStray(socketId)) strays.add(socketId);
    for (const { socketId, serverId = -1, direction } of sockets.values()) {
      if (strays.has(serverId) || (direction === 'active' && isStray(socketId))) strays.add(socketId);
    }
    const its = connections.table.all().filter(({ isShared, socketId }) => strays.has(socketId) && !isShared);
    const after = this.discardAll(its);
    const closed = new Set(its.map(({ socketId }) => socketId));
    for (const socketId of strays) if (!closed.has(socketId)) closer.close(socketId, { after });
    return strays;
  }
}
