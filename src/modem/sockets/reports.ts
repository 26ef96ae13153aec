/**
 * URC ports: which of two ports the module reports to. When that port is lost, all sockets, open and new, are switched
 * to the other one (AT+QFWDCFG="urc", 2.8) until it is back.
 */
import { isRejection, type Transport } from '../../at';
import { type ListedSocket, type SocketList, type SocketUrc, URC_PORTS, type UrcPort } from '../../sockets';
import type { Declarations } from './declarations';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';
import type { UrcRoutes } from '../link/supervisor';
import type { Connections } from './connections';

export interface ReportsHost {
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
}

interface Diversion {
  readonly from: UrcPort;
  readonly to: UrcPort;
}

interface Row {
  readonly socketId: number;
  readonly urcPort: string;
  /** The URC port in the settings of its owner. */
  readonly wanted: UrcPort | undefined;
}

/** The other AT port of a module on USB. */
const OTHER = new Map<UrcPort, UrcPort>([
  ['usbat', 'usbmodem'],
  ['usbmodem', 'usbat'],
]);

export class Reports implements UrcRoutes {
  private latest: Transport | undefined;
  /** The port that received a server's URCs. */
  private readonly servers = new Map<number, Transport>();
  /** The transport of each URC port, as far as known. */
  private readonly names = new Map<UrcPort, Transport>();
  private diversion: Diversion | undefined;
  /** The module refuses to change the URC port. */
  private isRefused = false;
  private isMissed = false;

  constructor(private readonly host: ReportsHost) {}

  /** @param port the port that received the URC */
  onUrc(urc: SocketUrc, port: Transport): void {
    if (urc.event === 'other') return;
    this.latest = port;
    this.host.current.noteReport(port);
    if (urc.event === 'server/open') this.servers.set(urc.socketId, port);
    else if (urc.event === 'client/incoming') this.servers.set(urc.serverId, port);
  }

  /** The URC port of the socket is unknown, because a user has changed it. */
  forget(socketId: number): void {
    this.servers.delete(socketId);
    const connection = this.host.connections.table.get(socketId);
    if (connection) connection.reportedTo = undefined;
  }

  /** Events have occurred without a URC. */
  noteSilence(): void {
    this.isMissed = true;
  }

  portOf(socketId: number): Transport | undefined {
    return this.host.connections.table.get(socketId)?.reportedTo ?? this.latest;
  }

  /** Whether any open socket reports to this port. */
  isFor(port: Transport): boolean {
    return (
      this.latest === port || this.host.connections.table.all().some(({ reportedTo }) => reportedTo === port)
    );
  }

  /** Whether URCs go to a port that is lost. */
  get areLost(): boolean {
    const { lostPort, port } = this.host.current;
    return lostPort !== undefined && (this.isRefused || this.latest !== port);
  }

  get areDiverted(): boolean {
    return this.diversion !== undefined;
  }

  /** URC port to request for a socket set to `wanted`; its stand-in while that port is lost. */
  destination(wanted: UrcPort): UrcPort {
    return wanted === this.diversion?.from ? this.diversion.to : wanted;
  }

  /**
   * Switches sockets to a URC port that is available. Rejects with an `AtError` when the module does not answer.
   * @returns whether any socket was switched
   */
  async adjust(session: Session, found: SocketList): Promise<boolean> {
    const rows = this.rowsOf(found);
    this.learn(rows);
    const lost = this.host.current.lostPort;
    if (lost) {
      this.diversion = this.around(lost) ?? this.diversion;
      const { diversion } = this;
      if (!diversion || this.isRefused) return false;
      return this.move(
        session,
        rows.filter(({ urcPort, wanted }) => wanted && urcPort === diversion.from),
        diversion.to,
      );
    } else if (this.diversion) {
      const { from, to } = this.diversion;
      this.diversion = undefined;
      this.isRefused = false;
      return this.move(
        session,
        rows.filter(({ urcPort, wanted }) => wanted === from && urcPort === to),
        from,
      );
    }
    return false;
  }

  private around(lost: Transport): Diversion | undefined {
    const nameOf = (port: Transport) => URC_PORTS.find((name) => this.names.get(name) === port);
    const from = nameOf(lost);
    const to = nameOf(this.host.current.port) ?? (from && OTHER.get(from));
    return from && to && { from, to };
  }

  private learn(rows: readonly Row[]): void {
    const { table } = this.host.connections;
    for (const { socketId, urcPort } of rows) {
      const connection = table.get(socketId);
      // An accepted connection reports to the port of its server.
      if (connection?.serverId !== undefined) connection.reportedTo ??= this.servers.get(connection.serverId);
      const name = URC_PORTS.find((known) => known === urcPort);
      const isMissed = this.isMissed && this.latest === undefined;
      const port =
        this.servers.get(socketId) ??
        connection?.reportedTo ??
        (isMissed ? this.host.current.lostPort : undefined);
      if (name && port) this.names.set(name, port);
    }
  }

  private async move({ commands, lines }: Session, rows: readonly Row[], to: UrcPort): Promise<boolean> {
    const { set } = commands.urcPort;
    if (!set) return false;
    const { connections } = this.host;
    const port = this.names.get(to) ?? this.host.current.port;
    const moving = rows.map(async ({ socketId }) => {
      const onAnswer = (): void => {
        this.latest = port;
        const connection = connections.table.get(socketId);
        if (!connection) return void this.servers.set(socketId, port);
        connection.reportedTo = port;
        // Earlier events may have been lost.
        connection.doubtedAt = connections.table.mark();
      };
      try {
        await lines.change(socketId, set(socketId, to), { onAnswer });
        return true;
      } catch (error) {
        if (!isRejection(error)) throw error;
        return false;
      }
    });
    const moved = await Promise.all(moving);
    if (moved.length > 0) this.isRefused = !moved.includes(true);
    return moved.includes(true);
  }

  private rowsOf({ servers, sockets }: SocketList): Row[] {
    const { declarations } = this.host;
    const wantedOf = (socketId: number) => declarations.claimants(socketId)[0]?.urcPort;
    const row = ({ socketId, urcPort, serverId }: Partial<ListedSocket> & Omit<Row, 'wanted'>): Row => ({
      socketId,
      urcPort,
      wanted: wantedOf(socketId) ?? (serverId === undefined ? undefined : wantedOf(serverId)),
    });
    return [...servers.map(row), ...[...sockets.values()].map(row)];
  }
}
