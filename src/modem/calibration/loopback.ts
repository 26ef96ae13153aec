/**
 * A connection of the module to itself: a server and a client of the driver, whose socket ids are reserved and hidden
 * from users.
 */
import { AtError } from '../../at';
import {
  type AcceptedSocket,
  type CommonFacts,
  type Execute,
  isListed,
  type LoopbackPair,
  type Protocol,
  type SocketUrc,
  type UrcPort,
} from '../../sockets';
import { AllowList } from '../endpoints/allow-list';
import { openSocket } from '../endpoints/opening';
import { serverTraits } from '../endpoints/server';
import { QfwdError } from '../errors';
import type { Session } from '../link/session';
import type { Declarations } from '../sockets/declarations';
import { allocateSocketId } from '../sockets/socket-id';
import type { CalibrationLine } from './calibration-line';
import { noneIfRejected } from './failures';

export interface LoopbackOptions {
  /** When it is over, only commands that close the sockets are sent. */
  readonly line: CalibrationLine;
  readonly declarations: Declarations;
  readonly urcPort: UrcPort;
  random(): number;
}

/** Both ends of the connection. The receiving end of a UDP server may be the server itself. */
export interface Pair extends LoopbackPair {
  readonly server: number;
  readonly port: number;
  readonly openOrder: CommonFacts['openOrder'];
}

const LOCALHOST = '127.0.0.1';
/** Above the ephemeral ports of Linux. */
const FIRST_PORT = 61_000;
const PORT_COUNT = 4000;
const PORT_TRIES = 5;
/** On its own loopback, a module connects at once or not at all. In ms. */
const OPEN_LIMIT = 5000;
const ACCEPT_LIMIT = 3000;
const POLL = 50;

export class Loopback {
  private readonly ids = new Set<number>();
  private readonly heard: SocketUrc[] = [];

  constructor(private readonly options: LoopbackOptions) {}

  get session(): Session {
    return this.line.session;
  }

  private readonly execute: Execute = (command) => this.line.execute(command);

  private get line(): CalibrationLine {
    return this.options.line;
  }

  /** Whether the URC is about a socket of the calibration. */
  onUrc(urc: SocketUrc): boolean {
    if (!('socketId' in urc)) return false;
    if (urc.event === 'client/incoming') {
      // The module reuses the id of a closed connection for another one.
      if (this.ids.has(urc.serverId)) this.reserve(urc.socketId);
      else this.free(urc.socketId);
    }
    if (!this.ids.has(urc.socketId)) return false;
    this.heard.push(urc);
    return true;
  }

  /** The URCs for readable data. */
  reports(socketId: number): Extract<SocketUrc, { event: 'client/read' }>[] {
    return this.heard.filter((urc) => urc.event === 'client/read').filter((urc) => urc.socketId === socketId);
  }

  /** @throws {AtError|QfwdError} when the module fails to open it */
  async open(protocol: Protocol): Promise<Pair> {
    const { server, port } = await this.openServer(protocol);
    const near = await this.allocate('calibrating client');
    const openOrder = await this.openClient(near, protocol, port);
    const far = await this.findFar(protocol, server, near);
    if (far === undefined) throw new QfwdError('QFWD_TIMEOUT', 'the server has not accepted the client');
    return { near, far, server, port, openOrder };
  }

  /** `result` of connecting to a port without a listener; `undefined` when there is a listener. */
  async openNowhere(port: number): Promise<number | undefined> {
    const socketId = await this.allocate('calibrating client');
    try {
      await this.openClient(socketId, 'tcp', port);
      return undefined;
    } catch (error) {
      if (error instanceof QfwdError) return error.result;
      throw error;
    }
  }

  /** Closes all its sockets, connections first. Ignores rejections. */
  async close(): Promise<void> {
    // Until the server is closed, it may accept further connections.
    while (this.ids.size > 0) {
      const [id = 0] = [...this.ids].reverse();
      const { commands, lines } = this.session;
      const onAnswer = (): void => this.free(id);
      await lines.execute(commands.close(id), { onAnswer }).catch(onAnswer);
    }
    this.heard.length = 0;
  }

  /** How a UDP server presents a received datagram, if it has arrived. */
  async findUdp(server: number): Promise<CommonFacts['udpServer']> {
    const isReported = this.heard.some((urc) => urc.event === 'client/incoming' && urc.serverId === server);
    if (isReported) return 'per-peer';
    if (this.reports(server).length > 0) return 'shared';
    const listed = await this.accepted(server);
    listed.forEach(({ socketId }) => this.reserve(socketId));
    if (listed.length > 0) return 'per-peer';
    return (await this.line.read(server)).length > 0 ? 'shared' : undefined;
  }

  private async openServer(protocol: Protocol): Promise<{ server: number; port: number }> {
    const { urcPort } = this.options;
    const traits = serverTraits(OPEN_LIMIT);
    const first = Math.floor(this.options.random() * PORT_COUNT);
    for (let tries = 1; ; tries++) {
      const server = await this.allocate('calibrating server');
      const port = FIRST_PORT + ((first + tries) % PORT_COUNT);
      const settings = { pdpCid: 0, ipVersion: 'IP', protocol, port, backlog: 1, idleTimeout: 60 } as const;
      try {
        await traits.open(this.session, server, {
          ...settings,
          urcPort,
          allow: new AllowList(),
          maxClients: 0,
        });
        return { server, port };
      } catch (error) {
        const isPortTaken = error instanceof QfwdError && error.code === 'QFWD_OPEN_FAILED';
        if (!isPortTaken || tries === PORT_TRIES) throw error;
        this.free(server);
      }
    }
  }

  private async openClient(
    socketId: number,
    protocol: Protocol,
    port: number,
  ): Promise<CommonFacts['openOrder']> {
    const { urcPort } = this.options;
    const isReported = (): boolean =>
      this.heard.some((urc) => urc.event === 'client/open' && urc.socketId === socketId);
    let openOrder: CommonFacts['openOrder'];
    const socket = {
      socketId,
      pdpCid: 0,
      ipVersion: 'IP',
      protocol,
      host: LOCALHOST,
      port,
      urcPort,
    } as const;
    const command = this.session.commands.openClient(socket);
    await openSocket(this.session, {
      socket,
      command: {
        ...command,
        decode: () => void (openOrder = isReported() ? 'urc-first' : 'ok-first'),
      },
      timeout: OPEN_LIMIT,
      patience: OPEN_LIMIT / 2,
      isListed: () => this.session.hasSocket(socketId),
    });
    return isReported() ? openOrder : undefined;
  }

  /** The socket id of the server's end of the connection. */
  private async findFar(protocol: Protocol, server: number, near: number): Promise<number | undefined> {
    if (protocol === 'udp') return server;
    const { clock } = this.session;
    const listed = await this.session.commands.listSockets(this.execute).catch(noneIfRejected);
    const port = listed.find(({ socketId }) => socketId === near)?.ends.localPort;
    // An unrelated peer may have connected to the server, too. Some firmware lists the local port of a client as 0.
    const isPeer = (peer: { readonly port: number }): boolean => !port || peer.port === port;
    const deadline = clock.now() + ACCEPT_LIMIT;
    while (clock.now() < deadline && !this.line.isOver) {
      const incoming = this.heard.filter((urc) => urc.event === 'client/incoming');
      const reported = incoming.find((urc) => urc.serverId === server && isPeer(urc));
      if (reported) return reported.socketId;
      const accepted = await this.accepted(server);
      accepted.forEach(({ socketId }) => this.reserve(socketId));
      const found = accepted.find(isPeer);
      if (found) return found.socketId;
      await this.line.pause(POLL);
    }
    return undefined;
  }

  private accepted(server: number): Promise<readonly AcceptedSocket[]> {
    return this.session.commands.listAccepted(this.execute, server).catch(noneIfRejected);
  }

  private async allocate(owner: string): Promise<number> {
    const listed = await this.session.list();
    if (this.line.isOver) throw new AtError('cancelled', 'calibration was ended');
    const { declarations } = this.options;
    const socketId = allocateSocketId(
      listed.limits,
      owner,
      '',
      (id) => this.ids.has(id) || isListed(listed, id) || !declarations.isFree(id, owner),
    );
    this.reserve(socketId);
    return socketId;
  }

  private reserve(socketId: number): void {
    this.ids.add(socketId);
    this.options.declarations.reserve(socketId);
  }

  private free(socketId: number): void {
    this.ids.delete(socketId);
    this.options.declarations.free(socketId);
  }
}
