/**
 * A modem as its user thinks of it: servers and clients that stay open, connections, data in and out. Whatever happens
 * to the port, the cable or the module, what was declared is compared with what is there, and made so.
 */
import { EventEmitter } from 'node:events';
import { type Channel, Timers, type Transport, within } from '../at';
import type { Dialect, Profile, Urc } from '../qfwd';
import { Calibrator } from './calibrator';
import type { ClientSettings } from './client';
import type { Connection } from './connection';
import { Connections } from './connections';
import { newCounters } from './counters';
import { Declarations } from './declarations';
import type { Declared, EndpointObserver } from './declared';
import type { Endpoint } from './endpoint';
import { Endpoints } from './endpoints';
import { noSuchSocket, orOffline, QfwdError } from './errors';
import { Journal } from './journal';
import { LineTap } from './line-tap';
import type { LinkState } from './link-state';
import type { Sent } from './message';
import { ModuleCloser } from './module-closer';
import type { ModemEnvironment, ModemEvents, ModemOptions } from './options';
import { Ports } from './ports';
import type { Consumer } from './reader';
import { Reconciler } from './reconciler';
import { Reports } from './reports';
import { Requests } from './requests';
import type { ServerSettings } from './server';
import type { Session } from './session';
import type { SupervisorObserver } from './supervisor';
import { Traffic } from './traffic';
import { Watch } from './watch';

const SILENCE =
  'the module has not reported anything about its sockets: its reports (URCs) seem to go to another of its ports. ' +
  'Data is polled for, which is slow. Choose the port in use as URC port, give the other port as second path, or run ' +
  'AT+QURCCFG="urcport","usbat" once, with the name of the port in use';
/** How long closing may take before the port is closed all the same. */
const FAREWELL_LIMIT = 2000;

export class Modem extends EventEmitter<ModemEvents> {
  /** Questions and orders about single sockets, and commands as text. */
  readonly requests = new Requests(
    () => this.readySession(),
    () => this.openChannel(),
    () => this.reconciler.reconcile(),
    (socketId) => this.reports.forget(socketId),
  );
  readonly counters = newCounters();
  readonly journal: Journal;
  private readonly ports: Ports;
  private readonly declarations = new Declarations();
  private readonly timers: Timers;
  private readonly closer = new ModuleCloser(() => this.session);
  private readonly traffic: Traffic;
  private readonly sockets: Connections;
  private readonly reports: Reports;
  private readonly reconciler: Reconciler;
  private readonly declaring: Endpoints;
  private readonly watch: Watch;
  private readonly calibrator: Calibrator;
  private hasWorked = false;
  private link: LinkState = 'offline';
  private linkReason: Error | undefined;

  constructor(
    readonly options: ModemOptions,
    private readonly environment: ModemEnvironment,
  ) {
    super();
    // Every node of a flow listens.
    this.setMaxListeners(0);
    const { clock } = environment;
    const { declarations, closer, counters } = this;
    const timers = new Timers(clock);
    const tap = new LineTap();
    const session = () => this.session;
    const random = () => environment.random();
    const reconcile = () => this.reconciler.reconcile();
    const isAlive = (connection: Connection) => this.reconciler.isAlive(connection);
    this.timers = timers;
    const onProfile = (profile: Profile) => void this.emit('profile', profile);
    this.calibrator = new Calibrator({ options, declarations, tap, random, onProfile }, environment.profile);
    this.journal = new Journal(counters, () => clock.now(), environment.trace);
    this.ports = this.newPorts(tap);
    this.traffic = this.newTraffic(timers);
    const { reader, sender, unread } = this.traffic;
    const shared = { clock, counters, declarations, closer, timers, reader, sender, unread, session };
    this.sockets = new Connections({ ...shared, reconcile, isAlive });
    const connections = this.sockets;
    this.reports = new Reports({
      declarations,
      table: connections.table,
      here: () => this.ports.current,
      lost: () => this.ports.lost,
      onMoved: (connection) => connections.notice(connection),
    });
    const { reports } = this;
    const onSurveyed = () => this.onSurveyed();
    this.reconciler = new Reconciler({ ...shared, connections, reports, onSurveyed });
    this.declaring = new Endpoints({
      ...shared,
      connections,
      random,
      openTimeout: options.openTimeout,
      openedWith: environment.openedWith ?? new Map<string, string>(),
      reconciler: this.reconciler,
    });
    this.watch = new Watch({ ...shared, connections, reconcile, areReportsLost: () => reports.areLost });
  }

  /** Tells it from other modems. */
  get id(): string {
    return this.environment.id ?? '';
  }

  get state(): LinkState {
    return this.link;
  }

  /** Why it is offline. */
  get reason(): Error | undefined {
    return this.linkReason;
  }

  /** What is known of the firmware, while there is a session. */
  get dialect(): Dialect | undefined {
    return this.session?.dialect;
  }

  /** What was measured of the firmware that is there, if anything. */
  get profile(): Profile | undefined {
    return this.calibrator.current;
  }

  /** What was measured last, be it of another firmware, and the version that is there now, if it is known. */
  get measured(): { readonly profile: Profile; readonly firmware: string | undefined } | undefined {
    const { stored, firmware } = this.calibrator;
    return stored && { profile: stored, firmware };
  }

  /** Bytes that wait to be sent. */
  get waiting(): number {
    return this.traffic.sender.waiting;
  }

  /** Servers and clients that are declared. */
  endpoints(): readonly Declared[] {
    return this.declarations.all();
  }

  start(): void {
    this.ports.start();
    this.watch.start();
  }

  /** Closes what was taken away just now, then the port. What is still declared stays open in the module. */
  async stop(): Promise<void> {
    const { clock } = this.environment;
    await within(clock, FAREWELL_LIMIT, Promise.all([this.closer.settled(), this.calibrator.stop()]));
    // An answer that is due may bring data that the module has no longer, or tell what became of a payload.
    await within(clock, FAREWELL_LIMIT, this.session?.lines.finish() ?? Promise.resolve());
    for (const endpoint of this.declarations.all()) endpoint.retire();
    await this.ports.stop();
    for (const connection of this.sockets.table.all()) this.sockets.drop(connection);
    this.timers.clear();
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
    return this.declaring.declareServer(owner, settings, autoOpen, observer);
  }

  /** Keeps a client connected. See {@link declareServer}. */
  declareClient(
    owner: string,
    settings: ClientSettings,
    autoOpen: boolean,
    observer: EndpointObserver,
  ): Endpoint<ClientSettings> {
    return this.declaring.declareClient(owner, settings, autoOpen, observer);
  }

  /**
   * Nobody declares this server or client any more.
   * @param forGood closes it now, with its connections; otherwise it waits a little for its owner to come back
   */
  release(owner: string, forGood: boolean): void {
    this.declaring.release(owner, forGood);
  }

  /** Connections that data can go through now. */
  connections(): readonly Connection[] {
    return this.sockets.table.all();
  }

  /** @throws {QfwdError} `QFWD_OFFLINE` or `QFWD_CLOSED` */
  connection(socketId: number): Connection {
    this.readySession();
    const connection = this.sockets.table.get(socketId);
    if (connection) return connection;
    const isServer = this.declarations.claimants(socketId).some(({ name }) => name === 'server');
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
    if (!this.dataSession) await this.traffic.line.carriesOn();
    return this.traffic.send(this.resolve(target), data, timeout);
  }

  /**
   * Resolves when the module says that nothing of what it took is left to be sent.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async awaitDelivery(target: Connection | number, timeout: number): Promise<void> {
    await this.traffic.awaitDelivery(this.resolve(target), timeout);
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
    return this.traffic.read(this.readySession(), connection, length, onLost);
  }

  /**
   * Closes a socket. Whoever declared it is told, and leaves it closed.
   * @param withAccepted closes the connections of a server, too
   * @throws {QfwdError}
   */
  async close(socketId: number, withAccepted = false): Promise<void> {
    this.readySession();
    const accepted = this.connections().filter(({ serverId }) => serverId === socketId);
    const [endpoint] = this.declarations.claimants(socketId);
    if (endpoint) await endpoint.closeAndTell();
    else if (this.sockets.table.get(socketId)) await this.closeConnection(this.connection(socketId));
    else await this.requests.close(socketId);
    if (withAccepted) await Promise.all(accepted.map((connection) => this.closeConnection(connection)));
  }

  /** Closes this very connection, if it is not closed yet. @throws {QfwdError} */
  async closeConnection(connection: Connection): Promise<void> {
    if (connection.state !== 'closed') await this.sockets.close(this.readySession(), connection);
  }

  /**
   * Measures what the manual leaves open, over sockets of its own that the module connects to itself, beside whatever
   * else goes on. Takes some seconds. The profile is in use from then on.
   * @param signal ends it early
   * @throws {QfwdError}
   */
  async calibrate(signal?: AbortSignal): Promise<Profile> {
    return this.calibrator.run(this.readySession(), signal);
  }

  addConsumer(consumer: Consumer): void {
    this.traffic.reader.addConsumer(consumer);
  }

  removeConsumer(consumer: Consumer): void {
    this.traffic.reader.removeConsumer(consumer);
  }

  /** A consumer holds back other connections than before. */
  resumeReading(): void {
    this.traffic.reader.resume();
  }

  private newPorts(tap: LineTap): Ports {
    const { environment, journal, options } = this;
    return new Ports(
      {
        options,
        environment,
        tap,
        journal,
        reportsOf: (socketId) => this.reports.portOf(socketId),
        destination: (wanted) => this.reports.destination(wanted),
        onLost: (port) => this.onSecondLost(port),
        onBack: () => {
          if (this.reports.areDiverted) this.reconciler.reconcile();
        },
      },
      this.observer(),
    );
  }

  private newTraffic(timers: Timers): Traffic {
    const { counters, options } = this;
    const { clock, unread = new Map<string, Buffer[]>() } = this.environment;
    const { payloadMode, queueLimit } = options;
    return new Traffic({
      clock,
      timers,
      counters,
      payloadMode,
      queueLimit,
      unread,
      session: () => this.dataSession,
      isMoving: () => this.ports.isMoving,
      isInDoubt: () => this.reconciler.isInDoubt,
      facts: () => this.calibrator.facts,
      isAlive: (connection) => this.reconciler.isAlive(connection),
      onDrained: (connection) => this.sockets.finishSoon(connection),
      onUnreported: (connection) => this.watch.alarm(connection),
    });
  }

  /** What the ports have to say. */
  private observer(): SupervisorObserver {
    return {
      onState: (state, reason) => {
        // Only a modem whose sockets are known can do what it is asked for.
        if (state !== 'ready') this.enter(state, reason);
      },
      onSession: () => this.reconciler.reconcile(),
      onSessionEnd: () => this.declarations.all().forEach((endpoint) => endpoint.suspend()),
      onRestart: () => this.onRestart(),
      onUrc: (urc, line, port) => this.onUrc(urc, line, port),
      onResync: () => this.onResync(),
      onSilence: () => this.onSilence(),
      onWarning: (text) => this.emit('warning', text),
      onProblem: (error) => this.emit('problem', error),
      onPinRefused: () => this.emit('pinRefused'),
    };
  }

  private get session(): Session | undefined {
    return this.ports.session;
  }

  /** For data: its socket ids mean what they are taken for. */
  private get dataSession(): Session | undefined {
    return this.reconciler.surveyed === this.session ? this.session : undefined;
  }

  private resolve(target: Connection | number): Connection {
    return typeof target === 'number' ? this.connection(target) : target;
  }

  private readySession(): Session {
    return orOffline(this.dataSession);
  }

  /** Raw commands work as soon as there is a module that answers, be it one without socket forwarding. */
  private openChannel(): Channel {
    return orOffline(this.ports.channel);
  }

  private enter(state: LinkState, reason?: Error): void {
    if (state === 'connecting' && this.hasWorked) this.counters.reconnects++;
    this.hasWorked ||= state === 'ready';
    this.link = state;
    this.linkReason = reason;
    this.traffic.line.noteState();
    this.journal.note(reason ? `${state}: ${reason.message}` : state);
    this.emit('state', state, reason);
  }

  private onSurveyed(): void {
    this.enter('ready');
    if (this.reports.areLost) this.watch.hurry();
    const { session } = this;
    // A link that is lost meanwhile is told by itself; what was ended early is tried again after the next connect.
    if (session) void this.calibrator.begin(session).catch(() => undefined);
  }

  private onUrc(urc: Urc, line: string, port: Transport): void {
    this.reports.hear(urc, port);
    if (this.calibrator.hear(urc)) return;
    if (this.session) this.sockets.hear(urc, port);
    this.emit('urc', urc, line);
  }

  private onSilence(): void {
    this.reports.noteSilence();
    if (this.reports.areLost) this.reconciler.reconcile();
    this.emit('warning', SILENCE);
  }

  private onSecondLost(port: Transport): void {
    if (!this.session || !this.reports.isFor(port)) return;
    this.watch.hurry();
    this.reconciler.doubt();
  }

  /** URCs may have been lost, and lists tell what they would have. */
  private onResync(): void {
    this.counters.resyncs++;
    this.reconciler.reconcile();
  }

  private onRestart(): void {
    this.counters.restarts++;
    for (const connection of this.sockets.table.all()) this.sockets.finish(connection);
    for (const endpoint of this.declarations.all()) endpoint.lost();
    this.declarations.forgetOrphans();
  }
}
