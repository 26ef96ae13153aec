/**
 * A modem as its user thinks of it: servers and clients that stay open, connections, data in and out. Whatever happens
 * to the port, the cable or the module, what was declared is compared with what is there, and made so.
 */
import { EventEmitter } from 'node:events';
import type { Profile } from '../sockets';
import type { Connection } from './data/connection';
import type { Sent } from './data/message';
import type { Consumer } from './data/reader';
import type { ClientSettings } from './endpoints/client';
import type { Endpoint } from './endpoints/endpoint';
import type { ServerSettings } from './endpoints/server';
import { noSuchSocket, orOffline, QfwdError } from './errors';
import type { Counters } from './link/counters';
import type { Journal } from './link/journal';
import type { LinkState } from './link/link-state';
import type { Session } from './link/session';
import type { ModemEnvironment, ModemEvents, ModemOptions } from './options';
import type { Declared, EndpointObserver } from './sockets/declared';
import type { Requests } from './sockets/requests';
import { Teardown } from './teardown';
import { type Parts, wire } from './wiring';

export class Modem extends EventEmitter<ModemEvents> {
  /** Questions and orders about single sockets, and commands as text. */
  readonly requests: Requests;
  readonly counters: Counters;
  readonly journal: Journal;
  private readonly parts: Parts;
  private readonly teardown: Teardown;

  constructor(
    readonly options: ModemOptions,
    private readonly environment: ModemEnvironment,
  ) {
    super();
    // Every node of a flow listens.
    this.setMaxListeners(0);
    this.parts = wire(options, environment, this);
    this.teardown = new Teardown(this.parts, environment.clock, environment.memory, this);
    this.requests = this.parts.requests;
    this.counters = this.parts.counters;
    this.journal = this.parts.journal;
  }

  /** Tells it from other modems. */
  get id(): string {
    return this.environment.id ?? '';
  }

  get state(): LinkState {
    return this.parts.lifecycle.state;
  }

  /** Whether its sockets are known and can be used, whatever is in the way to the mobile network. */
  get isOnline(): boolean {
    return this.parts.current.dataSession !== undefined;
  }

  /** Why it is offline, or what is in the way. */
  get reason(): Error | undefined {
    return this.parts.lifecycle.reason;
  }

  /** What is known of the firmware, while there is a session. */
  get dialect(): Profile['dialect'] | undefined {
    return this.parts.current.session?.commands.dialect;
  }

  /** The same in words. */
  get description(): string | undefined {
    return this.parts.current.session?.commands.description;
  }

  /** What was measured of the firmware that is there, if anything. */
  get profile(): Profile | undefined {
    return this.parts.calibrator.current;
  }

  /** What was measured last, be it of another firmware, and the version that is there now, if it is known. */
  get measured(): { readonly profile: Profile; readonly firmware: string | undefined } | undefined {
    const { stored, firmware } = this.parts.calibrator;
    return stored && { profile: stored, firmware };
  }

  /** Bytes that wait to be sent. */
  get waiting(): number {
    return this.data.budget.waiting;
  }

  /** Servers and clients that are declared. */
  endpoints(): readonly Declared[] {
    return this.parts.declarations.all();
  }

  start(): void {
    this.parts.ports.start();
    this.parts.watch.start();
  }

  /**
   * Those who took data and sent it are gone, and may be back in a moment: resolves when what they began has ended, so that
   * nothing is lost if they are not. Goes on being open.
   */
  settle(): Promise<void> {
    return this.teardown.settle();
  }

  /**
   * Takes nothing more out of the module, sends what waits, lets the command on the line end, closes what was taken away
   * just now, then the port; all of it within some 9 s. What is still declared stays open in the module,
   * unless it is to be closed, too. What is not sent by then fails, and is told as a warning.
   */
  stop({ closesSockets = false } = {}): Promise<void> {
    return this.teardown.stop(closesSockets);
  }

  /**
   * Keeps a server open. The owner is whoever declares it, under the same name after a restart.
   * @param autoOpen whether it is opened by itself
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
   * Nobody declares this server or client any more.
   * @param forGood closes it now, with its connections; otherwise it waits a little for its owner to come back
   */
  release(owner: string, forGood: boolean): void {
    this.parts.endpoints.release(owner, forGood);
  }

  /** Connections that data can go through now. */
  connections(): readonly Connection[] {
    return this.parts.connections.table.all();
  }

  /** The connection that has a socket id now, with or without a session. */
  occupant(socketId: number): Connection | undefined {
    return this.parts.connections.table.get(socketId);
  }

  /** @throws {QfwdError} `QFWD_OFFLINE` or `QFWD_CLOSED` */
  connection(socketId: number): Connection {
    this.readySession();
    const { connections, declarations } = this.parts;
    const connection = connections.table.get(socketId);
    if (connection) return connection;
    const isServer = declarations.claimants(socketId).some(({ name }) => name === 'server');
    if (!isServer) throw noSuchSocket(socketId);
    throw new QfwdError('QFWD_CLOSED', `socket ${socketId} is a server: name one of its connections`);
  }

  /**
   * Resolves when the module has taken all of it.
   * @param target a socket id stands for the connection that has it now
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async send(target: Connection | number, data: Buffer, timeout: number): Promise<Sent> {
    if (!this.parts.current.dataSession) await this.data.line.awaitFailover();
    return this.data.sender.send(this.resolve(target), data, timeout);
  }

  /**
   * Resolves when the module says that nothing of what it took is left to be sent.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async awaitDelivery(target: Connection | number, timeout: number): Promise<void> {
    await this.data.delivery.confirmed(this.resolve(target), timeout);
  }

  /**
   * Reads what there is, at most `length` bytes, or 1 MiB; nothing when there is nothing.
   * @param onLost told when data behind what is given may have been lost
   * @throws {QfwdError}
   */
  async read(
    socketId: number,
    length?: number,
    onLost: (error: QfwdError) => void = () => undefined,
  ): Promise<Buffer> {
    const connection = this.connection(socketId);
    return this.data.requestReader.read(this.readySession(), connection, length, onLost);
  }

  /**
   * Closes a socket. Whoever declared it is told, and leaves it closed.
   * @param withAccepted closes the connections of a server, too
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

  /** Closes this very connection, if it is not closed yet. @throws {QfwdError} */
  async closeConnection(connection: Connection): Promise<void> {
    if (connection.state !== 'closed') await this.parts.connections.close(this.readySession(), connection);
  }

  /**
   * Measures what the manual leaves open, over sockets of its own that the module connects to itself, beside whatever
   * else goes on. Takes some seconds. The profile is in use from then on.
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

  /** A consumer holds back other connections than before. */
  resumeReading(): void {
    this.data.reader.resume();
  }

  private get data() {
    return this.parts.connections.data;
  }

  private resolve(target: Connection | number): Connection {
    return typeof target === 'number' ? this.connection(target) : target;
  }

  private readySession(): Session {
    return orOffline(this.parts.current.dataSession);
  }
}
