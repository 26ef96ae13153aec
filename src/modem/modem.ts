/**
 * The modem: servers and clients that stay open, connections, data in and out. After any fault of the port, the cable
 * or the module, declarations are compared with the module and restored.
 */
import { EventEmitter } from 'node:events';
import type { Clock } from '../at';
import type { Peer, Profile, Received, SocketFamily } from '../sockets';
import type { Connection } from './data/connection';
import type { Sent } from './data/message';
import type { Consumer } from './data/reader';
import type { ClientSettings } from './endpoints/client';
import type { Endpoint } from './endpoints/endpoint';
import type { ServerSettings } from './endpoints/server';
import { connectionClosed, noSuchSocket, orOffline, QfwdError } from './errors';
import type { Trouble } from './lifecycle';
import { Handover } from './handover';
import type { Counters } from './link/counters';
import type { Journal } from './link/journal';
import type { LinkState } from './link/link-state';
import type { SecondPort } from './link/ports';
import type { Session } from './link/session';
import type { ModemEnvironment, ModemEvents, ModemOptions } from './options';
import type { Declared, EndpointObserver } from './sockets/declared';
import type { Requests } from './sockets/requests';
import { checkSocketId } from './sockets/socket-id';
import type { ModuleStatus } from './status/status';
import { Teardown } from './teardown';
import { type Parts, wire } from './wiring';

/** What a dashboard shows of a modem. What is unknown is missing. */
export interface ModemStatus extends ModuleStatus {
  readonly state: LinkState;
  /** Why it is offline, or what the obstacle is. */
  readonly reason?: string;
  /** The family of socket commands. */
  readonly commands?: string;
  /** The dialect of the firmware as text. */
  readonly dialect?: string;
  /** Number of connections. */
  readonly sockets: number;
  /** Bytes queued for sending. */
  readonly waiting: number;
  readonly counters: Readonly<Counters>;
}

export class Modem extends EventEmitter<ModemEvents> {
  /** Queries and commands for single sockets, and commands as text. */
  readonly requests: Requests;
  readonly counters: Counters;
  readonly journal: Journal;
  private readonly parts: Parts;
  private readonly handover: Handover;
  private readonly teardown: Teardown;

  constructor(
    readonly options: ModemOptions,
    private readonly environment: ModemEnvironment,
  ) {
    super();
    // Every node of a flow adds listeners.
    this.setMaxListeners(0);
    this.parts = wire(options, environment, this);
    this.handover = new Handover(this.parts, environment.memory);
    this.teardown = new Teardown(this.parts, environment.clock, this.handover, this);
    this.requests = this.parts.requests;
    this.counters = this.parts.counters;
    this.journal = this.parts.journal;
  }

  /** Identifies the modem. */
  get id(): string {
    return this.environment.id ?? '';
  }

  get clock(): Clock {
    return this.environment.clock;
  }

  get state(): LinkState {
    return this.parts.lifecycle.state;
  }

  /** Whether its sockets are known and usable, even without the mobile network. */
  get isOnline(): boolean {
    return this.parts.current.dataSession !== undefined;
  }

  /** Why it is offline, or what the obstacle is. */
  get reason(): Error | undefined {
    return this.parts.lifecycle.reason;
  }

  /** The last thing that went wrong with the link, also if it works again. */
  get lastTrouble(): Trouble | undefined {
    return this.parts.lifecycle.lastTrouble;
  }

  /** The command families that it may use, in order of preference. */
  get families(): readonly SocketFamily[] {
    return this.environment.families;
  }

  /** The name of the family in use, while there is a session. */
  get family(): string | undefined {
    return this.parts.current.session?.commands.family;
  }

  /** The dialect of the firmware, while there is a session. */
  get dialect(): Profile['dialect'] | undefined {
    return this.parts.current.session?.commands.dialect;
  }

  /** The same as text. */
  get description(): string | undefined {
    return this.parts.current.session?.commands.description;
  }

  /** The measured profile of the current firmware, if any. */
  get profile(): Profile | undefined {
    return this.parts.calibrator.current;
  }

  /** The last measured profile, possibly of another firmware, and the current firmware version, if known. */
  get measured(): { readonly profile: Profile; readonly firmware: string | undefined } | undefined {
    const { stored, firmware } = this.parts.calibrator;
    return stored && { profile: stored, firmware };
  }

  /** How many answers in a row were garbled. */
  get garbledInARow(): number {
    return this.parts.current.channel?.garbledInARow ?? 0;
  }

  /** The second port, if there is one. */
  get secondPort(): SecondPort | undefined {
    return this.parts.ports.second;
  }

  /** Bytes queued for sending. */
  get waiting(): number {
    return this.data.budget.waiting;
  }

  /**
   * The state of the modem, of its module and of the mobile network. The module is asked at most once a second, and only
   * while it answers. Never rejects.
   */
  async status(): Promise<ModemStatus> {
    const found = await this.parts.status.read();
    const { counters, description, reason, state, waiting } = this;
    const commands = this.parts.current.session?.commands.family;
    return {
      state,
      ...(reason && { reason: reason.message }),
      ...(commands && { commands }),
      ...(description && { dialect: description }),
      ...found,
      sockets: this.connections().length,
      waiting,
      counters: { ...counters },
    };
  }

  /** Declared servers and clients. */
  endpoints(): readonly Declared[] {
    return this.parts.declarations.all();
  }

  start(): void {
    this.handover.inherit();
    this.parts.ports.start();
    this.parts.watch.start();
    this.parts.idleTimeout.start();
  }

  /**
   * The nodes that receive and send data are gone, and may return shortly: resolves when their pending operations have
   * ended, so that no data is lost. The modem stays open.
   */
  settle(): Promise<void> {
    return this.teardown.settle();
  }

  /**
   * Stops reading, sends queued data, waits for the current command, closes sockets released just now, then the port;
   * all within about 9 s. Declared sockets stay open in the module unless `closesSockets` is set. Data still unsent by
   * then fails with a warning.
   */
  stop({ closesSockets = false } = {}): Promise<void> {
    return this.teardown.stop(closesSockets);
  }

  /**
   * Keeps a server open. The owner identifies the declaring node, with the same name after a restart.
   * @param autoOpen whether to open it automatically
   */
  declareServer(
    owner: string,
    settings: ServerSettings,
    autoOpen: boolean,
    observer: EndpointObserver,
  ): Endpoint<ServerSettings> {
    return this.parts.endpoints.declareServer(owner, settings, autoOpen, observer);
  }

  /** Keeps a client connected. See {@link declareServer}. */
  declareClient(
    owner: string,
    settings: ClientSettings,
    autoOpen: boolean,
    observer: EndpointObserver,
  ): Endpoint<ClientSettings> {
    return this.parts.endpoints.declareClient(owner, settings, autoOpen, observer);
  }

  /**
   * Ends the declaration of a server or client.
   * @param forGood closes it now, with its connections; otherwise it stays open briefly for its owner to return
   */
  release(owner: string, forGood: boolean): void {
    this.parts.endpoints.release(owner, forGood);
  }

  /** Connections that can transfer data now. */
  connections(): readonly Connection[] {
    return this.parts.connections.table.all();
  }

  /** The connection that has the socket id now, with or without a session. */
  occupant(socketId: number): Connection | undefined {
    return this.parts.connections.table.get(socketId);
  }

  /** @throws {QfwdError} `QFWD_OFFLINE` or `QFWD_CLOSED` */
  connection(socketId: number): Connection {
    checkSocketId(this.readySession().commands.limits, socketId);
    const { connections, declarations } = this.parts;
    const connection = connections.table.get(socketId);
    if (connection) return connection;
    const isServer = declarations.claimants(socketId).some(({ name }) => name === 'server');
    const former = connections.table.former(socketId);
    if (!isServer) throw former ? connectionClosed(socketId, former.ends) : noSuchSocket(socketId);
    throw new QfwdError('QFWD_CLOSED', `socket ${socketId} is a server: name one of its connections`);
  }

  /**
   * Resolves when the module has accepted all data.
   * @param target a socket id means the connection that has it now
   * @param timeout in ms
   * @param to the peer, for the socket of a UDP server that is one for all of them
   * @throws {QfwdError}
   */
  async send(target: Connection | number, data: Buffer, timeout: number, to?: Peer): Promise<Sent> {
    if (!this.parts.current.dataSession) await this.data.line.awaitFailover();
    return this.data.sender.send(this.resolve(target), data, timeout, to);
  }

  /**
   * Resolves when the module reports that all accepted data has been delivered.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async awaitDelivery(target: Connection | number, timeout: number): Promise<void> {
    await this.data.delivery.confirmed(this.resolve(target), timeout);
  }

  /**
   * Reads available data, at most `length` bytes or 1 MiB; empty when there is none.
   * @param onLost called when the returned bytes may be damaged, or data after them lost
   * @throws {QfwdError}
   */
  async read(
    socketId: number,
    length?: number,
    onLost: (error: QfwdError) => void = () => undefined,
  ): Promise<Received> {
    const connection = this.connection(socketId);
    return this.data.requestReader.read(this.readySession(), this.resolve(connection), length, onLost);
  }

  /**
   * Closes a socket. Its owner is notified and keeps it closed.
   * @param withAccepted also closes the connections of a server
   * @throws {QfwdError}
   */
  async close(socketId: number, withAccepted = false): Promise<void> {
    this.readySession();
    const accepted = this.connections().filter(({ serverId }) => serverId === socketId);
    const { connections, declarations } = this.parts;
    const [endpoint] = declarations.claimants(socketId);
    if (endpoint) await endpoint.closeAndTell();
    else if (connections.table.get(socketId)) await this.closeConnection(this.connection(socketId));
    else await this.requests.close(socketId);
    if (withAccepted) await Promise.all(accepted.map((connection) => this.closeConnection(connection)));
  }

  /** Closes this connection only, if it is still open. @throws {QfwdError} */
  async closeConnection(connection: Connection): Promise<void> {
    if (connection.state !== 'closed') await this.parts.connections.close(this.readySession(), connection);
  }

  /**
   * Measures what the manual leaves open, over a loopback connection of the module, in parallel with other operations.
   * Takes some seconds. The profile is in use from then on.
   * @param signal ends it early
   * @throws {QfwdError}
   */
  async calibrate(signal?: AbortSignal): Promise<Profile> {
    return this.parts.calibrator.run(this.readySession(), signal);
  }

  addConsumer(consumer: Consumer): void {
    this.data.reader.addConsumer(consumer);
  }

  removeConsumer(consumer: Consumer): void {
    this.data.reader.removeConsumer(consumer);
  }

  /** The set of connections paused by consumers has changed. */
  resumeReading(): void {
    this.data.reader.resume();
  }

  private get data() {
    return this.parts.connections.data;
  }

  private resolve(target: Connection | number): Connection {
    const connection = typeof target === 'number' ? this.connection(target) : target;
    if (!connection.receiver || connection.clear) return connection;
    throw new QfwdError(
      'QFWD_INVALID',
      `socket ${connection.socketId} is forwarded: its data is not for flows`,
    );
  }

  private readySession(): Session {
    return orOffline(this.parts.current.dataSession);
  }
}
