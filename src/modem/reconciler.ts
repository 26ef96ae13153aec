/**
 * Desired against actual: what was declared is compared with what the module lists, and made so. Start, redeploy, cable
 * pull, restart of the module and crash of the host are one path.
 */
import type { Timers } from '../at';
import type { Connection } from './connection';
import type { Connections } from './connections';
import type { Declarations } from './declarations';
import type { ModuleCloser } from './module-closer';
import type { Reports } from './reports';
import type { Session } from './session';
import { survey, type Survey } from './survey';

export interface ReconcilerHost {
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly closer: ModuleCloser;
  readonly timers: Timers;
  readonly reports: Reports;
  session(): Session | undefined;
  /** The sockets of a new session are known. */
  onSurveyed(): void;
}

/** How long after a list could not be had it is asked for again. */
const RETRY = 1000;

export class Reconciler {
  private isRunning = false;
  /** What is there was not compared with what was declared since something happened. */
  private isOutOfDate = false;
  /** The session whose sockets are known: before, a socket id may stand for another connection than it did. */
  surveyed: Session | undefined;
  /** The same may be so again: what was reported is not known. */
  isInDoubt = false;

  constructor(private readonly host: ReconcilerHost) {}

  /** One run at a time; a call during one asks for another after it. */
  reconcile(): void {
    this.isOutOfDate = true;
    if (!this.isRunning) void this.catchUp();
  }

  /** Reports were lost. Until what is there is known, nothing is to be read. */
  doubt(): void {
    this.isInDoubt = true;
    this.reconcile();
  }

  /** Whether the module has the connection still. What a list shows otherwise is acted upon. */
  async isAlive(connection: Connection): Promise<boolean> {
    const session = this.host.session();
    if (!session || connection.isShared) return true;
    const { table } = this.host.connections;
    const stamp = table.stamp();
    const { sockets } = await survey(session);
    if (!table.missing(sockets, stamp).includes(connection)) return connection.state !== 'closed';
    this.miss(connection, sockets);
    return false;
  }

  /** Closes what its owner did not come back for; without a session, in the next one. */
  closeDue(): void {
    const { connections, closer, declarations } = this.host;
    if (!this.host.session()) return;
    for (const { name, socketId } of declarations.takeDue()) {
      for (const connection of connections.table.all()) {
        if (connection.socketId !== socketId && connection.serverId !== socketId) continue;
        connections.drop(connection);
        closer.close(connection.socketId);
      }
      if (name === 'server') closer.close(socketId);
    }
  }

  private async catchUp(): Promise<void> {
    this.isRunning = true;
    for (let session = this.host.session(); session && this.isOutOfDate; session = this.host.session()) {
      this.isOutOfDate = false;
      try {
        await this.run(session);
      } catch {
        if (session === this.host.session()) this.host.timers.after(RETRY, () => this.reconcile());
      }
    }
    this.isRunning = false;
  }

  private async run(session: Session): Promise<void> {
    const { connections, declarations } = this.host;
    const { table } = connections;
    const stamp = table.stamp();
    const found = await survey(session);
    for (const connection of table.missing(found.sockets, stamp)) this.miss(connection, found.sockets);
    const isFirst = this.surveyed !== session;
    this.surveyed = session;
    this.isInDoubt = false;
    if (isFirst) this.host.onSurveyed();
    // Whoever is declared while this goes on has a run of its own.
    const declared = declarations.all();
    for (const endpoint of declared) {
      if (await endpoint.adopt(found, stamp)) connections.announce(endpoint, stamp);
      if (session !== this.host.session()) return;
    }
    declarations.reviewOrphans(declared);
    const due = declarations.takeDue().map(({ socketId }) => socketId);
    const strays = this.closeStrays(found, due, stamp);
    for (const { socketId, serverId, ends, protocol, direction } of table.unknown(found.sockets, stamp)) {
      const isKnown = strays.has(socketId) || connections.isRefused(socketId);
      if (declarations.isReserved(socketId) || declarations.isReserved(serverId ?? 0)) continue;
      if (isKnown || declarations.claimants(socketId).length > 0) continue;
      if (direction === 'active') table.add({ socketId, protocol, ends });
      else if (serverId !== undefined) connections.accept(socketId, serverId, ends, isFirst);
    }
    await this.host.reports.adjust(session, found);
    for (const connection of table.all()) connections.notice(connection);
    for (const endpoint of declared) endpoint.openIfMissing();
  }

  /** The module does not list it. */
  private miss(connection: Connection, listed: Survey['sockets']): void {
    const { connections } = this.host;
    if (!listed.has(connection.socketId)) {
      connections.end(connection);
      return;
    }
    // Its socket id is another connection by now, whose data must not be taken for its own.
    connections.finish(connection);
    this.reconcile();
  }

  /** Closes what nobody came back for, and what an earlier run of ours opened, with the connections of servers. */
  private closeStrays({ servers, sockets }: Survey, due: readonly number[], stamp: number): Set<number> {
    const { declarations, connections, closer } = this.host;
    const isStray = (socketId: number) =>
      declarations.isStray(socketId) && !connections.table.isClosedSince(socketId, stamp);
    const strays = new Set(due);
    for (const { socketId } of servers) if (isStray(socketId)) strays.add(socketId);
    for (const { socketId, serverId = -1, direction } of sockets.values()) {
      if (strays.has(serverId) || (direction === 'active' && isStray(socketId))) strays.add(socketId);
    }
    for (const socketId of strays) {
      const connection = connections.table.get(socketId);
      if (connection) connections.finish(connection);
      closer.close(socketId);
    }
    return strays;
  }
}
