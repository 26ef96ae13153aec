/**
 * Finds and closes sockets that no list shows: their peers have closed without a URC, and their unread data occupies
 * sockets of the module permanently.
 */
import { EventEmitter } from 'node:events';
import { type AtError, isRejection, testCommand, type Timers } from '../../at';
import { isListed, type SocketCommands, type SocketUrc } from '../../sockets';
import type { Connection } from '../data/connection';
import { commandName, QfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';
import type { Connections } from './connections';
import type { Declarations } from './declarations';
import type { Reconciler } from './reconciler';
import type { SocketCloser } from './socket-closer';

export interface SweepHost {
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly closer: SocketCloser;
  readonly reconciler: Reconciler;
}

export interface SweepEvents {
  /** Unlisted sockets were found and closed. */
  swept: [text: string];
  /** They held unread data, which is lost. */
  discarded: [error: QfwdError];
}

/** Queue lane; alternates with reads and sends. */
const LANE = 'sweep';
/** Delay in ms: open sockets take precedence. */
const DELAY = 1000;
/** How long a search because of lost URCs waits at least, in ms, … */
const LEAST_PAUSE = 10_000;
/** … for each id that the last one has checked, … */
const PAUSE_PER_ID = 500;
/** … and where it reads what it finds. */
const PAUSE_BETWEEN_READS = 300_000;
/** Number of ids checked on each side of the highest id that the module assigned … */
const RANGE = 512;
/** … above it, only until this many ids in a row are free. */
const FREE_IN_A_ROW = 16;
/** Results of an open URC that mean that no socket is left: errno of Linux, or codes of AT+QIOPEN. */
const EXHAUSTED = [12, 23, 24, 105, 553, 554];

export class Sweep extends EventEmitter<SweepEvents> {
  private isRunning = false;
  /** The last id that was checked in this session, until the first connection is accepted. */
  private checkedTo: number | undefined;
  /** How long the next search because of lost URCs has to wait, in ms. */
  private pause = LEAST_PAUSE;
  /** A search is scheduled. */
  private isDue = false;
  /** Whether the firmware reports queue figures, once asked. */
  private readonly hasFigures = new WeakMap<SocketCommands, boolean>();

  constructor(private readonly host: SweepHost) {
    super();
    host.reconciler.on('listed', (_session, { servers }) => {
      // Without a server, no connection was accepted.
      if (servers.length > 0) host.timers.after(DELAY, () => void this.run());
    });
    host.connections.on('abandoned', (connection) => void this.free(connection));
    host.connections.on('outdated', () => this.search());
    host.connections.on('unreported', () => this.search());
  }

  /** URCs may have been lost, of connections that have come and gone since. */
  search(): void {
    if (this.isDue) return;
    this.isDue = true;
    this.host.timers.after(this.pause, () => {
      this.isDue = false;
      void this.run();
    });
  }

  onUrc(urc: SocketUrc): void {
    if (urc.event === 'client/incoming') this.onIncoming(urc.socketId);
    const isOpening = urc.event === 'client/open' || urc.event === 'server/open';
    if (isOpening && EXHAUSTED.includes(urc.result)) void this.run();
  }

  /** The first connection shows which ids the module uses now. */
  private onIncoming(socketId: number): void {
    const isBeyond = this.checkedTo !== undefined && socketId > this.checkedTo;
    this.checkedTo = undefined;
    if (isBeyond) this.host.timers.after(DELAY, () => void this.run());
  }

  /** Frees a socket id whose data has no known owner or no receiver. */
  private async free(connection: Connection): Promise<void> {
    const { socketId } = connection;
    const { session } = this.host.current;
    if (!session) return;
    const unread = await this.probe(session, socketId).catch(() => undefined);
    // Unless it keeps its id, the module may assign an empty socket to another connection at any time.
    const isLeft = unread !== undefined && (unread > 0 || session.commands.limits.keepsIds === true);
    if (!isLeft || this.isKnown(socketId)) return;
    if (unread > 0) this.host.connections.data.reader.doubt(connection, unread);
    await this.close(socketId);
  }

  private async run(): Promise<void> {
    const { session } = this.host.current;
    // Where a socket keeps its id until it is closed, the lists show all.
    if (!session || session.commands.limits.keepsIds || this.isRunning) return;
    this.isRunning = true;
    try {
      const found = await this.find(session);
      if (found.size > 0) await this.clear(session, found);
    } catch {
      // The next session runs its own sweep.
    } finally {
      this.isRunning = false;
    }
  }

  /** Unknown sockets and their unread bytes. Rejects with an {@link AtError}. */
  private async find(session: Session): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    const [first, last] = session.commands.limits.socketIds;
    const { highestAccepted } = this.host.connections.table;
    const most = Math.min(last, highestAccepted + RANGE);
    let free = 0;
    const from = Math.max(first, highestAccepted - RANGE);
    let id = from;
    for (; id <= most && free < FREE_IN_A_ROW; id++) {
      const unread = this.isKnown(id) ? undefined : await this.probe(session, id);
      if (unread !== undefined) found.set(id, unread);
      free = unread === undefined && id > highestAccepted ? free + 1 : 0;
    }
    this.checkedTo = id - 1;
    const isRead = this.hasFigures.get(session.commands) === false;
    this.pause = isRead ? PAUSE_BETWEEN_READS : Math.max(LEAST_PAUSE, (id - from) * PAUSE_PER_ID);
    return found;
  }

  /** Unread bytes of a socket; `undefined` when there is none. Rejects with an {@link AtError}. */
  private async probe(session: Session, socketId: number): Promise<number | undefined> {
    const { commands } = session;
    const known = this.hasFigures.get(commands) ?? (await hasFigures(session, socketId));
    this.hasFigures.set(commands, known);
    return known ? figures(session, socketId) : this.read(session, socketId);
  }

  /** For firmware without figures. The data read is lost. */
  private async read(session: Session, socketId: number): Promise<number | undefined> {
    const { receiveLength } = session.commands.limits;
    const turn = { lane: LANE, isWanted: () => !this.isKnown(socketId) };
    let bytes: number | undefined;
    for (;;) {
      const { data } = await session.reads.receive(socketId, receiveLength, turn).catch(nothingUnlessLost);
      if (data) bytes = (bytes ?? 0) + data.length;
      if (!data || data.length === 0) return bytes;
    }
  }

  /** @param found unread bytes by socket id */
  private async clear(session: Session, found: ReadonlyMap<number, number>): Promise<void> {
    // The URC of a connection just accepted may still be pending.
    const list = await session.list();
    const unknown = [...found].filter(([id]) => !isListed(list, id) && !this.isKnown(id));
    if (!this.hasFigures.get(session.commands)) this.tellRead(found);
    if (unknown.length === 0) return;
    // One at a time, so that other commands get their turn.
    for (const [id] of unknown) await this.close(id);
    const bytes = unknown.reduce((sum, [, unread]) => sum + unread, 0);
    const text =
      `the module had ${unknown.length} connections that it had not reported: ` +
      `they were closed, and ${bytes} bytes that were not read are lost`;
    if (bytes === 0) this.emit('swept', text);
    else this.emit('discarded', new QfwdError('QFWD_UNKNOWN_OUTCOME', text));
  }

  /** Without figures, the data was read, perhaps of a connection that was accepted just before. */
  private tellRead(found: ReadonlyMap<number, number>): void {
    const { data, table } = this.host.connections;
    for (const [id, bytes] of found) {
      const connection = table.get(id);
      if (connection && bytes > 0) data.reader.doubt(connection, bytes);
    }
  }

  private close(socketId: number): Promise<void> {
    const isWanted = (): boolean => this.host.connections.table.get(socketId) === undefined;
    return new Promise((onDone) => this.host.closer.close(socketId, { isWanted, onDone }));
  }

  /** Whether the socket has an owner, or is being closed. */
  private isKnown(socketId: number): boolean {
    const { closer, connections, declarations } = this.host;
    return (
      connections.table.get(socketId) !== undefined ||
      closer.closing(socketId) !== undefined ||
      declarations.isAwaited(socketId) ||
      declarations.claimants(socketId).length > 0
    );
  }
}

async function figures(session: Session, socketId: number): Promise<number | undefined> {
  const { recvUsed } = await session.queues(socketId, { lane: LANE }).catch(nothingUnlessLost);
  return recvUsed;
}

/** Whether the firmware reports figures; ERROR for one socket may only mean that the socket does not exist. */
async function hasFigures(session: Session, socketId: number): Promise<boolean> {
  try {
    await session.queues(socketId, { lane: LANE });
    return true;
  } catch (error) {
    if (!isRejection(error)) throw error;
    return session.lines.execute(testCommand(commandName(error)), { lane: LANE }).then(
      () => true,
      (second: unknown) => !isRejection(second),
    );
  }
}

/** Treats any failure except a lost module as "no such socket". */
function nothingUnlessLost(error: unknown): { recvUsed?: undefined; data?: undefined } {
  const isNothing = ['rejected', 'malformed', 'cancelled'].includes((error as AtError).failure);
  if (isNothing) return {};
  throw error;
}
