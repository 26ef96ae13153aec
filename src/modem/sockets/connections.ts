/** Connections, from the URC or list that first shows one to its last byte, and the events to their owners. */
import { EventEmitter } from 'node:events';
import type { Transport } from '../../at';
import { endsOf, type Peer, type SocketUrc } from '../../sockets';
import type { Connection, ConnectionOrigin } from '../data/connection';
import type { DataOwner } from '../data/data-owner';
import { DataPath, type DataPathHost } from '../data/data-path';
import type { QfwdError } from '../errors';
import { Streams } from '../stream/streams';
import { Acceptance } from './acceptance';
import { Admission } from './admission';
import { Clients } from './clients';
import { ConnectionTable } from './connection-table';
import type { ConnectionsEvents } from './connections-events';
import { DataNotices } from './data-notices';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import { Disconnection } from './disconnection';
import { Establishment } from './establishment';
import { Proof } from './proof';
import type { SocketCloser } from './socket-closer';
import { Termination } from './termination';
import { Verification } from './verification';

export interface ConnectionsHost extends DataPathHost {
  readonly declarations: Declarations;
  readonly closer: SocketCloser;
}

export class Connections extends EventEmitter<ConnectionsEvents> implements DataOwner {
  readonly table: ConnectionTable;
  readonly data: DataPath;
  readonly notices: DataNotices;
  readonly termination: Termination;
  readonly verification: Verification;
  readonly disconnection: Disconnection;
  readonly streams: Streams;
  readonly admission: Admission;
  readonly acceptance: Acceptance;
  readonly clients: Clients;
  private readonly proof: Proof;

  constructor(private readonly host: ConnectionsHost) {
    super();
    const { clock, closer, counters, current, declarations, timers } = host;
    const table = new ConnectionTable(counters, clock);
    const data = new DataPath(host, this);
    const notices = new DataNotices(declarations, data.reader);
    const basis = { clock, timers, current, declarations, closer, table, data, notices, events: this };
    const termination = new Termination(basis);
    const verification = new Verification({ ...basis, termination });
    const disconnection = new Disconnection({ ...basis, termination, verification });
    const streams = new Streams({
      clock,
      data,
      close: (connection) => disconnection.closeStream(connection),
    });
    const establishment = new Establishment({ ...basis, streams, termination });
    const admission = new Admission(table, declarations, closer);
    const beginning = { ...basis, termination, verification, disconnection, establishment, admission };
    this.table = table;
    this.data = data;
    this.notices = notices;
    this.termination = termination;
    this.verification = verification;
    this.disconnection = disconnection;
    this.streams = streams;
    this.admission = admission;
    this.acceptance = new Acceptance(beginning);
    this.clients = new Clients(beginning);
    this.proof = new Proof(current);
  }

  /**
   * Takes over what the previous modem object knew.
   * @param known open when it stopped; adopted or reported as closed after the first list
   * @param highestAccepted see {@link ConnectionTable.highestAccepted}
   */
  inherit(known: readonly ConnectionOrigin[], highestAccepted: number): void {
    for (const origin of known) {
      this.table.add({ ...origin, isInherited: true, isAdmitted: origin.serverId === undefined });
    }
    this.table.doubt();
    this.table.highestAccepted = highestAccepted;
  }

  /** @param port the port that received the URC */
  onUrc(urc: SocketUrc, port: Transport): void {
    if (urc.event === 'client/open') {
      this.clients.onUrc(urc.socketId, urc.result);
      this.noteReport(urc.socketId, port);
    } else if (urc.event === 'client/incoming') {
      this.onIncoming(urc, port);
    } else if (urc.event === 'client/read') {
      const connection = this.noteReport(urc.socketId, port);
      if (connection && !connection.isIdFree) this.notices.noteReport(connection, urc.length);
      else if (!this.admission.isUnwanted(urc.socketId)) this.emit('outdated');
    } else if (urc.event === 'client/close') {
      const connection = this.noteReport(urc.socketId, port);
      // URCs of two ports can arrive out of order: this may be the end of the previous connection with this socket id.
      if (connection && connection.reportedTo !== port) this.emit('outdated');
      else if (connection) this.termination.end(connection);
    }
  }

  private onIncoming(urc: SocketUrc & { event: 'client/incoming' }, port: Transport): void {
    const { closer, current } = this.host;
    const { socketId, serverId } = urc;
    const before = this.table.get(socketId);
    // No URC reports that a command has closed a connection, such as one meant for the previous connection.
    if (before?.isAnnounced && closer.closing(socketId)) this.termination.replace(before);
    this.acceptance.accept(socketId, serverId, endsOf(urc));
    const connection = this.table.get(socketId);
    if (!connection) return;
    connection.isAnnounced = true;
    connection.reportedTo ??= port;
    // URCs from a port that is not yet in sync may be old, and URCs of two ports can arrive out of order.
    const isOld = port === current.port && !current.isInStep;
    const isCrossed = before?.reportedTo !== undefined && before.reportedTo !== port;
    if (!isOld && !isCrossed) return;
    connection.doubtedAt = this.table.mark();
    this.emit('outdated');
  }

  /** With two ports, a URC may refer to the previous connection with its socket id. */
  private noteReport(socketId: number, port: Transport): Connection | undefined {
    const connection = this.table.get(socketId);
    if (connection && !this.host.current.areReportsSplit) connection.reportedTo ??= port;
    return connection;
  }

  /** An endpoint is open, newly opened or adopted. @throws {QfwdError} see {@link Clients.onOpened} */
  async onOpened(endpoint: Declared, socketId: number): Promise<void> {
    if (endpoint.kind === 'server') this.acceptance.onOpened(endpoint, socketId);
    else await this.clients.onOpened(endpoint, socketId);
  }

  /** Reports to an adopted endpoint the connections it already had. Those found after `stamp` were already reported. */
  announce(endpoint: Declared, stamp: number): void {
    const { heldId, kind } = endpoint;
    if (heldId === undefined) return;
    if (kind === 'server') this.acceptance.announce(endpoint, heldId, stamp);
    else this.clients.announce(endpoint, heldId);
  }

  /** All open sockets are known, and declared endpoints have been compared with them. */
  settle(): void {
    this.streams.onListed();
    this.acceptance.settle();
  }

  occupant(socketId: number): Connection | undefined {
    return this.table.get(socketId);
  }

  isAlive(connection: Connection): Promise<boolean> {
    return this.verification.isAlive(connection);
  }

  prove(connection: Connection): Promise<boolean> {
    return this.proof.of(connection);
  }

  admits({ isShared, owner = '' }: Connection, sender?: Peer): boolean {
    const server = isShared ? this.host.declarations.of(owner) : undefined;
    // Where the module does not name the sender, it may be anybody.
    return server?.admits(sender?.ip ?? '', 0) ?? true;
  }

  onDrained(connection: Connection, isEmpty: boolean): void {
    this.disconnection.onDrained(connection, isEmpty);
  }

  onUnreported(connection: Connection): void {
    this.emit('unreported', connection);
  }

  onUntold(error: QfwdError): void {
    this.emit('discarded', error);
  }
}
