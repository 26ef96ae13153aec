/**
 * A connection of the module with itself: a server and a client of the driver's own, whose socket ids are reserved, so
 * that nobody else gets to see them or their data. All its commands but those that open and close wait in a lane of
 * their own, and take turns with everybody's.
 */
import { AtError, type Command } from '../at';
import {
  closeSocket,
  type Facts,
  listClients,
  listConnections,
  MAX_LENGTH,
  openClient,
  type Piece,
  type Protocol,
  receive,
  send,
  type Urc,
  type UrcPort,
} from '../qfwd';
import { AllowList } from './allow-list';
import type { Declarations } from './declarations';
import { isRejection, QfwdError } from './errors';
import { openSocket } from './opening';
import { serverKind } from './server';
import type { Session } from './session';
import { allocateSocketId } from './socket-id';
import { isListed, survey } from './survey';

export interface LoopbackOptions {
  readonly session: Session;
  readonly declarations: Declarations;
  readonly urcPort: UrcPort;
  /** When it ends, nothing more is sent but what closes the sockets. */
  readonly signal: AbortSignal;
  random(): number;
}

/** Both ends of the connection. */
export interface Pair {
  /** Sends … */
  readonly near: number;
  /** … and receives. A UDP server may have none but its own. */
  readonly far: number;
  readonly server: number;
  readonly port: number;
  readonly openOrder: Facts['openOrder'];
}

const LANE = 'calibration';
const LOCALHOST = '127.0.0.1';
/** Above the ports that Linux gives to clients. */
const FIRST_PORT = 61_000;
const PORT_COUNT = 4000;
const PORT_TRIES = 5;
/** On its own loopback, a module connects at once or not at all. In ms. */
const OPEN_LIMIT = 5000;
const ACCEPT_LIMIT = 3000;
/** Data that has not come after this will not. */
const ARRIVAL_LIMIT = 2000;
const POLL = 50;
/** A firmware that takes too little at a time is not waited for. */
const MOST_COMMANDS = 40;

export class Loopback {
  private readonly ids = new Set<number>();
  private readonly heard: Urc[] = [];

  constructor(private readonly options: LoopbackOptions) {}

  get session(): Session {
    return this.options.session;
  }

  /** Whether this is about a socket of its own, and nobody else's business. */
  hear(urc: Urc): boolean {
    if (urc.event === 'other') return false;
    if (urc.event === 'client/incoming') {
      // The module gives the id of a connection that is closed to another one.
      if (this.ids.has(urc.serverId)) this.reserve(urc.socketId);
      else this.free(urc.socketId);
    }
    if (!this.ids.has(urc.socketId)) return false;
    this.heard.push(urc);
    return true;
  }

  /** The reports that there is something to read. */
  reports(socketId: number): Extract<Urc, { event: 'client/read' }>[] {
    return this.heard.filter((urc) => urc.event === 'client/read').filter((urc) => urc.socketId === socketId);
  }

  /** @throws {AtError|QfwdError} when the module does not do it */
  async open(protocol: Protocol): Promise<Pair> {
    const { server, port } = await this.openServer(protocol);
    const near = await this.allocate('calibrating client');
    const openOrder = await this.openClient(near, protocol, port);
    const far = await this.findFar(protocol, server, near);
    if (far === undefined) throw new QfwdError('QFWD_TIMEOUT', 'the server has not accepted the client');
    return { near, far, server, port, openOrder };
  }

  /** `result` of connecting to where nobody listens; `undefined` when somebody does. */
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

  /** Closes all that is open, connections first. Does not mind what the module says to it. */
  async close(): Promise<void> {
    // Until the server is closed, it may accept still more.
    while (this.ids.size > 0) {
      const [id = 0] = [...this.ids].reverse();

      const command = closeSocket(this.session.dialect, id);
      await this.session.execute(command, { onAnswer: () => this.free(id) }).catch(() => this.free(id));
    }
    this.heard.length = 0;
  }

  /** Executes a command of its own, when its turn has come. Rejects with an {@link AtError}. */
  execute<T>(command: Command<T>): Promise<T> {
    return this.session.execute(command, this.turn());
  }

  /** The same, with the time from writing to the final result, in ms. */
  async timed<T>(command: Command<T>): Promise<{ value: T; ms: number }> {
    const { clock } = this.session;
    let written = 0;
    let ms = 0;
    const isWanted = (): boolean => {
      written = clock.now();
      return !this.options.signal.aborted;
    };
    const onAnswer = (): void => void (ms = clock.now() - written);
    return { value: await this.session.execute(command, { lane: LANE, isWanted, onAnswer }), ms };
  }

  /**
   * Sends all of it and gives what arrives; `undefined` when the module takes so little at a time that it would be long.
   * @param perByte what `actual_send_len` counts for each byte
   */
  async transfer({ near, far }: Pair, { bytes, ...form }: Piece, perByte = 1): Promise<Buffer | undefined> {
    const arrived: Buffer[] = [];
    let sent = 0;
    for (let commands = 0; sent < bytes.length && commands < MOST_COMMANDS; commands++) {
      const taken = (await this.execute(send(near, { bytes: bytes.subarray(sent), ...form }))) / perByte;
      sent += taken;
      arrived.push(await this.receive(far, taken));
    }
    return sent < bytes.length ? undefined : Buffer.concat(arrived);
  }

  /** Reads what arrives, until it is so many bytes or nothing more comes. */
  async receive(socketId: number, length: number): Promise<Buffer> {
    const { clock } = this.session;
    const pieces: Buffer[] = [];
    let missing = length;
    let deadline = clock.now() + ARRIVAL_LIMIT;
    while (missing > 0 && clock.now() < deadline) {
      const piece = await this.read(socketId);
      pieces.push(piece);
      missing -= piece.length;
      if (piece.length > 0) deadline = clock.now() + ARRIVAL_LIMIT;
      else await this.pause(POLL);
    }
    return Buffer.concat(pieces);
  }

  /** Reads until there is nothing. */
  async drain(socketId: number): Promise<void> {
    while ((await this.read(socketId)).length > 0);
  }

  /** The answer to a read that finds nothing. */
  async readNothing(socketId: number): Promise<Facts['emptyRead']> {
    try {
      const { length } = await this.execute(receive(this.session.dialect, socketId, MAX_LENGTH));
      return length === 0 ? 'zero' : undefined;
    } catch (error) {
      if (isRejection(error)) return 'error';
      throw error;
    }
  }

  /** How a UDP server shows the datagram that it was sent, if it has come. */
  async findUdp(server: number): Promise<Facts['udpServer']> {
    const isReported = this.heard.some((urc) => urc.event === 'client/incoming' && urc.serverId === server);
    if (isReported) return 'per-peer';
    if (this.reports(server).length > 0) return 'shared';
    const listed = await this.execute(listConnections(this.session.dialect, server)).catch(noneIfRejected);
    listed.forEach(({ socketId }) => this.reserve(socketId));
    if (listed.length > 0) return 'per-peer';
    return (await this.read(server)).length > 0 ? 'shared' : undefined;
  }

  /** Waits, unless it is ended. */
  pause(ms: number): Promise<void> {
    const { signal } = this.options;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        cancel();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.session.clock.after(ms, wake);
      signal.addEventListener('abort', wake);
    });
  }

  private async read(socketId: number): Promise<Buffer> {
    try {
      return await this.session.receive(socketId, MAX_LENGTH, this.turn());
    } catch (error) {
      if (isRejection(error)) return Buffer.alloc(0);
      throw error;
    }
  }

  private turn() {
    return { lane: LANE, isWanted: () => !this.options.signal.aborted };
  }

  private async openServer(protocol: Protocol): Promise<{ server: number; port: number }> {
    const { urcPort } = this.options;
    const kind = serverKind(OPEN_LIMIT);
    const first = Math.floor(this.options.random() * PORT_COUNT);
    for (let tries = 1; ; tries++) {
      const server = await this.allocate('calibrating server');
      const port = FIRST_PORT + ((first + tries) % PORT_COUNT);
      const settings = { pdpCid: 0, ipVersion: 'IP', protocol, port, backlog: 1, idleTimeout: 60 } as const;
      try {
        await kind.open(this.session, server, {
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

  private async openClient(socketId: number, protocol: Protocol, port: number): Promise<Facts['openOrder']> {
    const { urcPort } = this.options;
    const isReported = (): boolean =>
      this.heard.some((urc) => urc.event === 'client/open' && urc.socketId === socketId);
    let openOrder: Facts['openOrder'];
    const command = openClient({
      socketId,
      pdpCid: 0,
      ipVersion: 'IP',
      protocol,
      host: LOCALHOST,
      port,
      urcPort,
    });
    await openSocket(this.session, {
      socketId,
      command: {
        ...command,
        decode: () => void (openOrder = isReported() ? 'urc-first' : 'ok-first'),
      },
      timeout: OPEN_LIMIT,
      patience: OPEN_LIMIT / 2,
      isListed: () => this.session.hasClient(socketId),
    });
    return isReported() ? openOrder : undefined;
  }

  /** The socket id of the server's end of the connection. */
  private async findFar(protocol: Protocol, server: number, near: number): Promise<number | undefined> {
    if (protocol === 'udp') return server;
    const { clock, dialect } = this.session;
    const listed = await this.execute(listClients()).catch(noneIfRejected);
    const port = listed.find(({ socketId }) => socketId === near)?.localPort;
    // A stranger may have found the server, too.
    const isPeer = (peer: { readonly port: number }): boolean => port === undefined || peer.port === port;
    const deadline = clock.now() + ACCEPT_LIMIT;
    while (clock.now() < deadline && !this.options.signal.aborted) {
      const incoming = this.heard.filter((urc) => urc.event === 'client/incoming');
      const reported = incoming.find((urc) => urc.serverId === server && isPeer(urc));
      if (reported) return reported.socketId;
      const accepted = await this.execute(listConnections(dialect, server)).catch(noneIfRejected);
      accepted.forEach(({ socketId }) => this.reserve(socketId));
      const found = accepted.find(isPeer);
      if (found) return found.socketId;
      await this.pause(POLL);
    }
    return undefined;
  }

  private async allocate(owner: string): Promise<number> {
    const listed = await survey(this.session);
    if (this.options.signal.aborted) throw new AtError('cancelled', 'calibration was ended');
    const { declarations } = this.options;
    const socketId = allocateSocketId(
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

function noneIfRejected(error: unknown): [] {
  if (isRejection(error)) return [];
  throw error;
}
