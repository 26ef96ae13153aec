/**
 * Finds sockets that no list shows, and closes them: their peers have gone while nobody heard of it, and what they sent
 * keeps their places in the module taken for good.
 */
import { EventEmitter } from 'node:events';
import { type AtError, isRejection, plainCommand, type Timers } from '../../at';
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
  /** Sockets were found and closed. */
  swept: [text: string];
  /** So they were, with data that nobody had read. */
  discarded: [error: QfwdError];
}

/** Takes turns with those that read and send. */
const LANE = 'sweep';
/** In ms: what is open comes first. */
const DELAY = 1000;
/** How far from the highest id that the module gave out they are looked for … */
const RANGE = 512;
/** … and above it, only until so many in a row are free. */
const FREE_IN_A_ROW = 16;
/** Results of an open URC that say that there is no socket left: the errno of Linux, or the codes of AT+QIOPEN. */
const EXHAUSTED = [12, 23, 24, 105, 553, 554];

export class Sweep extends EventEmitter<SweepEvents> {
  private isRunning = false;
  /** Whether the firmware tells how much waits in a socket, once it was asked. */
  private readonly hasFigures = new WeakMap<SocketCommands, boolean>();

  constructor(private readonly host: SweepHost) {
    super();
    host.reconciler.on('listed', (_session, { servers }) => {
      // Without a server nothing was accepted.
      if (servers.length > 0) host.timers.after(DELAY, () => void this.run());
    });
    host.connections.on('abandoned', (connection) => void this.free(connection));
  }

  onUrc(urc: SocketUrc): void {
    const isOpening = urc.event === 'client/open' || urc.event === 'server/open';
    if (isOpening && EXHAUSTED.includes(urc.result)) void this.run();
  }

  /** What a socket id holds is nobody's any more: whose it is cannot be known, or nobody wants it. */
  private async free(connection: Connection): Promise<void> {
    const { socketId } = connection;
    const { session } = this.host.current;
    if (!session) return;
    const unread = await this.probe(session, socketId).catch(() => undefined);
    // What is held by nothing may be given to another connection at any moment.
    if (!unread || this.isKnown(socketId)) return;
    this.host.connections.data.reader.doubt(connection, unread);
    await this.close(socketId);
  }

  private async run(): Promise<void> {
    const { session } = this.host.current;
    if (!session || this.isRunning) return;
    this.isRunning = true;
    try {
      const found = await this.find(session);
      if (found.size > 0) await this.clear(session, found);
    } catch {
      // The next session has a sweep of its own.
    } finally {
      this.isRunning = false;
    }
  }

  /** Sockets that are not known, and how many bytes wait in them. Rejects with an {@link AtError}. */
  private async find(session: Session): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    const [first, last] = session.commands.limits.socketIds;
    const { highestAccepted } = this.host.connections.table;
    const most = Math.min(last, highestAccepted + RANGE);
    let free = 0;
    for (let id = Math.max(first, highestAccepted - RANGE); id <= most && free < FREE_IN_A_ROW; id++) {
      const unread = this.isKnown(id) ? undefined : await this.probe(session, id);
      if (unread !== undefined) found.set(id, unread);
      free = unread === undefined && id > highestAccepted ? free + 1 : 0;
    }
    return found;
  }

  /** Bytes that wait in a socket; `undefined` when there is none. Rejects with an {@link AtError}. */
  private async probe(session: Session, socketId: number): Promise<number | undefined> {
    const { commands } = session;
    const known = this.hasFigures.get(commands) ?? (await hasFigures(session, socketId));
    this.hasFigures.set(commands, known);
    return known ? figures(session, socketId) : this.read(session, socketId);
  }

  /** Where there are no figures. What is read by this is lost. */
  private async read(session: Session, socketId: number): Promise<number | undefined> {
    const { receiveLength } = session.commands.limits;
    const turn = { lane: LANE, isWanted: () => !this.isKnown(socketId) };
    let bytes: number | undefined;
    for (;;) {
      const { data } = await session.receive(socketId, receiveLength, turn).catch(nothingUnlessLost);
      if (data) bytes = (bytes ?? 0) + data.length;
      if (!data || data.length === 0) return bytes;
    }
  }

  /** @param found with how many bytes wait in each */
  private async clear(session: Session, found: ReadonlyMap<number, number>): Promise<void> {
    // What has been accepted a moment ago may be reported only now.
    const list = await session.list();
    const unknown = [...found].filter(([id]) => !isListed(list, id) && !this.isKnown(id));
    if (unknown.length === 0) return;
    // One after the other, so that everybody else has a turn in between.
    for (const [id] of unknown) await this.close(id);
    const bytes = unknown.reduce((sum, [, unread]) => sum + unread, 0);
    const text =
      `the module had ${unknown.length} connections that had come and gone while it was not heard: ` +
      `they were closed, with ${bytes} bytes that nobody has read`;
    if (bytes === 0) this.emit('swept', text);
    else this.emit('discarded', new QfwdError('QFWD_UNKNOWN_OUTCOME', text));
  }

  private close(socketId: number): Promise<void> {
    const isWanted = (): boolean => this.host.connections.table.get(socketId) === undefined;
    return new Promise((onDone) => this.host.closer.close(socketId, { isWanted, onDone }));
  }

  /** Whether it belongs to somebody, or is being closed. */
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

/** Whether the firmware tells how much waits in a socket; ERROR to one may only say that there is no such socket. */
async function hasFigures(session: Session, socketId: number): Promise<boolean> {
  try {
    await session.queues(socketId, { lane: LANE });
    return true;
  } catch (error) {
    if (!isRejection(error)) throw error;
    const test = plainCommand(`${commandName(error)}=?`);
    return session.lines.execute(test, { lane: LANE }).then(
      () => true,
      (second: unknown) => !isRejection(second),
    );
  }
}

/** Whatever is answered about a socket that there is not, or is not asked any more. */
function nothingUnlessLost(error: unknown): { recvUsed?: undefined; data?: undefined } {
  const isNothing = ['rejected', 'malformed', 'cancelled'].includes((error as AtError).failure);
  if (isNothing) return {};
  throw error;
}
