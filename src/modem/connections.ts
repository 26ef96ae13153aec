/** The life of connections: from the URC or list that shows one to its last byte, and who is told. */
import { AtError, type Timers, type Transport } from '../at';
import { type Ends, endsOf, listClients, type Urc } from '../qfwd';
import type { Connection } from './connection';
import { ConnectionTable } from './connection-table';
import type { Counters } from './counters';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import { isRejection, QfwdError, toQfwdError } from './errors';
import type { ModuleCloser } from './module-closer';
import type { Reader } from './reader';
import type { Sender } from './sender';
import type { Session } from './session';
import type { Unread } from './unread';

export interface ConnectionsHost {
  readonly counters: Counters;
  readonly declarations: Declarations;
  readonly closer: ModuleCloser;
  readonly timers: Timers;
  readonly reader: Reader;
  readonly sender: Sender;
  readonly unread: Unread;
  session(): Session | undefined;
  /** The module has something that is not known. */
  reconcile(): void;
  /** Looks whether the module has the connection still. */
  isAlive(connection: Connection): Promise<boolean>;
}

/** How long after its last data a connection whose peer has closed can still be answered. */
const LAST_WORDS = 100;

export class Connections {
  readonly table: ConnectionTable;
  /** Accepted connections that were turned away and may still be reported. */
  private readonly refused = new Set<number>();
  /** Connections that wait for {@link LAST_WORDS}. */
  private readonly ending = new Set<Connection>();

  constructor(private readonly host: ConnectionsHost) {
    this.table = new ConnectionTable(host.counters);
  }

  /** @param port to which it came */
  hear(urc: Urc, port: Transport): void {
    if (urc.event === 'client/open') {
      this.onClientOpen(urc.socketId, urc.result);
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/incoming') {
      this.accept(urc.socketId, urc.serverId, endsOf(urc));
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/read') {
      const connection = this.noteReport(urc.socketId, port);
      if (connection) this.notice(connection);
      else if (!this.isUnwanted(urc.socketId)) this.host.reconcile();
    } else if (urc.event === 'client/close') {
      const connection = this.noteReport(urc.socketId, port);
      // Two ports may overtake each other: this may be the end of whoever had the socket id before.
      if (connection && connection.reportedTo !== port) this.host.reconcile();
      else if (connection) this.end(connection);
    }
  }

  private noteReport(socketId: number, port: Transport): Connection | undefined {
    const connection = this.table.get(socketId);
    if (connection) connection.reportedTo ??= port;
    return connection;
  }

  /** An endpoint is open, by its own doing or because it was found open. */
  async onOpened(endpoint: Declared, socketId: number): Promise<void> {
    const { owner, protocol, name } = endpoint;
    if (name === 'server') {
      // One socket id may stand for all peers of a UDP server.
      if (protocol === 'udp' && admitsNameless(endpoint) && !this.table.get(socketId))
        this.table.add({ socketId, protocol, owner, isShared: true });
      return;
    }
    const listed = await this.host
      .session()
      ?.execute(listClients())
      .catch(() => []);
    if (endpoint.heldId !== socketId) return;
    const row = listed?.find((client) => client.socketId === socketId);
    const known = this.table.get(socketId);
    const isKnown = known && (!row || known.isSame(row));
    if (known && !isKnown) this.finish(known);
    const connection = isKnown ? known : this.table.add({ socketId, protocol, owner });
    if (row) connection.ends = endsOf(row);
    // Later, so that its opening is told before its data and its end.
    this.host.timers.after(0, () => this.host.reader.notice(connection));
  }

  /** There may be something to read, which waits until the opening was told; see onOpened. */
  notice(connection: Connection): void {
    if (this.clientOf(connection)?.state !== 'opening') this.host.reader.notice(connection);
  }

  /** From here on there can be data, and an end, though OK may be still to come. */
  private onClientOpen(socketId: number, result: number): void {
    const [client] = this.host.declarations.claimants(socketId);
    const before = this.table.get(socketId);
    if (result !== 0) {
      if (before) this.finish(before);
    } else if (client?.heldId === undefined && client?.name === 'client') {
      if (before) this.drop(before);
      this.table.add({ socketId, protocol: client.protocol, owner: client.owner });
    }
  }

  /**
   * A server of the module has accepted a connection.
   * @param adopted it did so before this session
   */
  accept(socketId: number, serverId: number, ends: Ends, adopted = false): void {
    const before = this.table.get(socketId);
    // A list may have shown it before.
    if (before?.state === 'open' && before.ends && before.isSame(ends)) return;
    if (before) this.finish(before);
    const server = this.host.declarations.claimants(serverId).find(({ name }) => name === 'server');
    // A server that is being closed has nobody any more who would say whom it admits.
    if (server ? !this.admits(server, ends) : this.host.closer.isClosing(serverId)) {
      this.refuse(socketId);
      return;
    }
    const connection = this.table.add({
      socketId,
      serverId,
      ends,
      protocol: server?.protocol ?? 'tcp',
      owner: server?.owner,
    });
    const event = { event: 'client/incoming', serverId, socketId, ...ends } as const;
    server?.tell(adopted ? { ...event, adopted } : event);
    this.host.reader.noticeLater(connection);
  }

  /**
   * Tells an endpoint that was taken over of the connections that it had before, and turns away those that a server
   * would not have taken. Those that became known after `stamp` were told already.
   */
  announce(endpoint: Declared, stamp: number): void {
    const { name, heldId } = endpoint;
    if (heldId === undefined) return;
    if (name === 'server') {
      this.announceAccepted(endpoint, heldId, stamp);
      return;
    }
    const { ends } = this.table.get(heldId) ?? {};
    endpoint.tell({ event: 'client/incoming', socketId: heldId, ...ends, adopted: true });
  }

  private announceAccepted(server: Declared, serverId: number, stamp: number): void {
    const { owner } = server;
    for (const connection of this.table.all()) {
      const isTold = connection.owner === owner && connection.stamp > stamp;
      if (connection.serverId !== serverId || isTold) continue;
      const { socketId, ends } = connection;
      // Those that it has had already are no more than it takes, but their addresses may not be allowed any longer.
      const isHad = connection.owner === owner;
      const isAdmitted = !ends || (isHad ? server.admits(ends.ip, 0) : this.admits(server, ends, connection));
      if (!isAdmitted) {
        this.finish(connection);
        this.refuse(socketId);
        continue;
      }
      connection.owner = owner;
      server.tell({ event: 'client/incoming', serverId, socketId, ...ends, adopted: true });
    }
  }

  isRefused(socketId: number): boolean {
    return this.refused.has(socketId);
  }

  /** The peer has closed. What it sent before is read first, if anybody wants it. */
  end(connection: Connection): void {
    if (connection.state !== 'open') return;
    connection.state = 'ending';
    this.notice(connection);
  }

  /**
   * Everything was read. A peer that ends its side after a question, as `echo … | nc` does, may still listen for the
   * answer, so the flow gets a moment to send it.
   */
  finishSoon(connection: Connection): void {
    if (!connection.hasReceived) {
      this.finish(connection);
    } else if (!this.ending.has(connection)) {
      this.ending.add(connection);
      this.host.timers.after(LAST_WORDS, () => {
        this.ending.delete(connection);
        if (this.host.sender.isBusy(connection)) this.finishSoon(connection);
        else this.finish(connection);
      });
    }
  }

  /** Closes this very connection. @throws {QfwdError} */
  async close(session: Session, connection: Connection): Promise<void> {
    const { socketId } = connection;
    try {
      // Told before anything else is sent, which could reach another connection under the same id.
      await session.close(socketId, {
        isWanted: () => connection.state !== 'closed',
        onAnswer: () => this.finish(connection),
      });
    } catch (error) {
      if (error instanceof AtError && error.failure === 'cancelled') return;
      const isGone = isRejection(error) && !(await this.host.isAlive(connection).catch(() => true));
      throw isGone
        ? new QfwdError('QFWD_CLOSED', `socket ${socketId} was closed already`)
        : toQfwdError(error);
    }
  }

  /** The connection is over, and its owner is told. */
  finish(connection: Connection): void {
    if (connection.state === 'closed') return;
    const { socketId, serverId, owner = '', ends } = connection;
    const endpoint = this.host.declarations.of(owner);
    const client = this.clientOf(connection);
    // Its opening is told first; see onOpened.
    if (client && client.heldId === undefined) return;
    this.drop(connection);
    this.host.unread.forget(connection);
    endpoint?.tell({ event: 'client/close', socketId, ...(serverId !== undefined && { serverId }), ...ends });
    client?.lost();
  }

  /** The connection is over, and nobody needs to be told. */
  drop(connection: Connection): void {
    connection.state = 'closed';
    this.table.remove(connection);
    this.host.reader.forget(connection);
    this.host.sender.forget(connection);
  }

  /** The client whose connection it is, or is about to be. */
  private clientOf({ socketId, owner = '' }: Connection): Declared | undefined {
    const endpoint = this.host.declarations.of(owner);
    return endpoint?.name === 'client' && endpoint.claimedId === socketId ? endpoint : undefined;
  }

  /** Whether it is known why there is no such connection. */
  private isUnwanted(socketId: number): boolean {
    const [claimant] = this.host.declarations.claimants(socketId);
    const isTurnedAway =
      claimant?.name === 'server' && claimant.protocol === 'udp' && !admitsNameless(claimant);
    return isTurnedAway || this.refused.has(socketId);
  }

  private admits(server: Declared, { ip }: Ends, connection?: Connection): boolean {
    const others = this.table
      .all()
      .filter((it) => it !== connection && it.serverId === server.claimedId && it.state === 'open');
    return server.admits(ip, others.length);
  }

  private refuse(socketId: number): void {
    this.refused.add(socketId);
    this.host.closer.close(socketId, () => {
      this.refused.delete(socketId);
      this.table.noteClosed(socketId);
    });
  }
}

/** Peers that share one socket id have no names here, so either all may come or none. */
function admitsNameless(server: Declared): boolean {
  return server.admits('', 0);
}
