/**
 * Asks, slowly, for what the module may have failed to say: a report that was lost, a restart that nobody heard of. What
 * comes to light speaks for more of the kind, so it is then asked for more often, for a while.
 */
import type { Clock, Timers } from '../at';
import { endsOf, listClients, listServers } from '../qfwd';
import type { Connection } from './connection';
import type { Connections } from './connections';
import type { Declarations } from './declarations';
import { isRejection } from './errors';
import type { Reader } from './reader';
import type { Session } from './session';

export interface WatchHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly reader: Reader;
  session(): Session | undefined;
  /** Whether reports are known to be lost: then everything is asked for often. */
  areReportsLost(): boolean;
  /** The module has something else than is known. */
  reconcile(): void;
}

/** One question in so many ms is what an idle modem can afford. */
const SLOW = 10_000;
const FAST = 1000;

export class Watch {
  private interval = SLOW;
  private cancel: () => void = () => undefined;
  private alarmedAt = -Infinity;
  private isListsTurn = false;
  private isServersTurn = false;
  private toRead: Connection[] = [];

  constructor(private readonly host: WatchHost) {}

  start(): void {
    this.cancel = this.host.timers.after(this.interval, () => {
      const areLost = this.host.areReportsLost();
      this.interval = areLost ? FAST : Math.min(SLOW, 2 * this.interval);
      this.start();
      if (areLost) for (const connection of this.host.reader.wanted()) this.host.reader.look(connection);
      void this.look();
    });
  }

  /** Reports are lost from now on. */
  hurry(): void {
    this.interval = FAST;
    this.cancel();
    this.start();
  }

  /**
   * Something came to light that the module should have reported.
   * @param source which needs no look any more
   */
  alarm(source?: Connection): void {
    const { clock, reader } = this.host;
    this.interval = FAST;
    this.host.session()?.noteSilence();
    if (clock.now() - this.alarmedAt < FAST) return;
    this.alarmedAt = clock.now();
    for (const connection of reader.wanted()) if (connection !== source) reader.look(connection);
  }

  /** In turns: reads a connection, or compares the list of clients or of servers with what is known. */
  private async look(): Promise<void> {
    const session = this.host.session();
    if (!session) return;
    this.isListsTurn = !this.isListsTurn;
    if (!this.isListsTurn && this.readNext()) return;
    this.isServersTurn = !this.isServersTurn;
    const isNews = await (this.isServersTurn ? this.hasServerNews(session) : this.hasClientNews(session));
    if (!isNews) return;
    this.alarm();
    this.host.reconcile();
  }

  private readNext(): boolean {
    const { reader } = this.host;
    const wanted = reader.wanted();
    this.toRead = this.toRead.filter((connection) => wanted.includes(connection));
    if (this.toRead.length === 0) this.toRead = wanted;
    const connection = this.toRead.shift();
    if (connection) reader.look(connection);
    return connection !== undefined;
  }

  private async hasClientNews(session: Session): Promise<boolean> {
    const { connections, declarations } = this.host;
    const { table } = connections;
    const stamp = table.stamp();
    const listed = await session.execute(listClients()).catch(noneIfRejected);
    if (!listed) return false;
    const sockets = new Map(listed.map((row) => [row.socketId, { ...row, ends: endsOf(row) }]));
    const isUnknown = ({ socketId }: { socketId: number }) =>
      !connections.isRefused(socketId) &&
      !declarations.isReserved(socketId) &&
      declarations.claimants(socketId).length === 0;
    return table.missing(sockets, stamp).length > 0 || table.unknown(sockets, stamp).some(isUnknown);
  }

  private async hasServerNews(session: Session): Promise<boolean> {
    const { declarations } = this.host;
    const before = this.heldServers();
    const listed = await session.execute(listServers(session.dialect)).catch(noneIfRejected);
    if (!listed) return false;
    const ids = new Set(listed.map(({ socketId }) => socketId));
    const isMissing = this.heldServers().some((id) => before.includes(id) && !ids.has(id));
    return isMissing || [...ids].some((id) => declarations.isStray(id));
  }

  private heldServers(): number[] {
    return this.host.declarations
      .all()
      .flatMap(({ name, heldId }) => (name === 'server' && heldId !== undefined ? [heldId] : []));
  }
}

/** ERROR may be how a firmware says that there is nothing; without any answer, nothing is known. */
function noneIfRejected(error: unknown): [] | undefined {
  return isRejection(error) ? [] : undefined;
}
