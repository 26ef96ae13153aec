/**
 * A modem as its user thinks of it: servers and clients that stay open, connections, data in and out. Whatever happens
 * to the port, the cable or the module, what was declared is compared with what is there, and made so.
 */
import { EventEmitter } from 'node:events';
import { type Channel, type Clock, type Transport, within } from '../at';
import { type Dialect, isUnsolicited, type PayloadMode, type Profile, type Urc, type UrcPort } from '../qfwd';
import { Calibrator } from './calibrator';
import type { ClientSettings } from './client';
import type { Connection } from './connection';
import { Connections } from './connections';
import { newCounters } from './counters';
import { Declarations } from './declarations';
import { Delivery } from './delivery';
import type { Declared, EndpointObserver } from './declared';
import type { Endpoint } from './endpoint';
import { Endpoints } from './endpoints';
import { noSuchSocket, orOffline, QfwdError, toQfwdError } from './errors';
import { Journal, type Trace } from './journal';
import { LineTap } from './line-tap';
import type { LinkState } from './link-state';
import { Listener } from './listener';
import type { Sent } from './message';
import { ModuleCloser } from './module-closer';
import { Polling } from './polling';
import { type Consumer, Reader } from './reader';
import { Reconciler } from './reconciler';
import { RequestReader } from './request-reader';
import { Requests } from './requests';
import { Sender } from './sender';
import type { ServerSettings } from './server';
import type { Session } from './session';
import type { StartupOptions } from './startup';
import { Supervisor } from './supervisor';
import { Timers } from './timers';
import { Unread } from './unread';
import { Watch } from './watch';

export interface ModemOptions extends StartupOptions {
  /** How long to wait for an answer, in ms. */
  readonly commandTimeout: number;
  /** How long to wait for an open URC, in ms. */
  readonly openTimeout: number;
  readonly payloadMode: PayloadMode;
  /** Where sockets report to that do not say otherwise. */
  readonly urcPort: UrcPort;
  /** PDP context of sockets that do not say otherwise; 0 = any address. */
  readonly pdpCid: number;
  /** Bytes that may wait to be sent. */
  readonly queueLimit: number;
  /** Measures a firmware of which there is no profile as soon as the module is ready. */
  readonly calibrate?: boolean;
  /** Whether the second port takes part: in the data of sockets, and for the first one where that is lost. */
  readonly parallel?: boolean;
}

export interface ModemEnvironment {
  readonly transport: Transport;
  /** Another port of the same module, to which its URCs may go; see {@link ModemOptions.parallel}. */
  readonly secondTransport?: Transport | undefined;
  readonly clock: Clock;
  /** As `Math.random`. */
  random(): number;
  /** Kept from one modem of the same module to the next: with what each owner's socket was opened. */
  readonly openedWith?: Map<string, string>;
  /** Likewise: what was read of connections and nobody took any more. */
  readonly unread?: Map<string, Buffer[]>;
  /** What was measured before: used when the firmware is still the same. */
  readonly profile?: Profile | undefined;
  /** Told of everything on the line. */
  readonly trace?: Trace | undefined;
}

export interface ModemEvents {
  state: [state: LinkState, reason: Error | undefined];
  /** Every line that came unasked. */
  urc: [urc: Urc, line: string];
  /** The SIM refused the PIN. Whoever makes the next modem for this SIM must not give it again. */
  pinRefused: [];
  /** The firmware was measured. */
  profile: [profile: Profile];
  /** Something failed, and the modem goes on without it. */
  problem: [error: QfwdError];
  /** It works, but not as well as it could. */
  warning: [text: string];
}

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
  );
  readonly counters = newCounters();
  readonly journal: Journal;
  private readonly supervisor: Supervisor;
  private readonly listener: Listener | undefined;
  private readonly declarations = new Declarations();
  private readonly timers: Timers;
  private readonly unread: Unread;
  private readonly closer = new ModuleCloser(() => this.session);
  private readonly sender: Sender;
  private readonly delivery: Delivery;
  private readonly reader: Reader;
  private readonly requestReader: RequestReader;
  private readonly sockets: Connections;
  private readonly reconciler: Reconciler;
  private readonly declaring: Endpoints;
  private readonly watch: Watch;
  private readonly calibrator: Calibrator;
  private isPinRefused = false;
  /** Reading was held back because too much waits to be sent. */
  private isHeldBack = false;
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
    const { clock, transport } = environment;
    const { declarations, closer } = this;
    this.timers = new Timers(clock);
    this.unread = new Unread(environment.unread ?? new Map<string, Buffer[]>());
    this.requestReader = new RequestReader(this.unread, (connection) => this.sockets.finishSoon(connection));
    const tap = new LineTap();
    this.calibrator = new Calibrator(
      {
        declarations,
        timers: this.timers,
        tap,
        urcPort: options.urcPort,
        isDialectOpen: options.dialect === 'auto',
        isAutomatic: options.calibrate ?? false,
        random: () => environment.random(),
        onProfile: (profile) => this.emit('profile', profile),
      },
      environment.profile,
    );
    this.journal = new Journal(this.counters, () => clock.now(), environment.trace);
    this.supervisor = new Supervisor(
      {
        clock,
        transport: tap.on(transport),
        random: () => environment.random(),
        commandTimeout: options.commandTimeout,
        monitor: this.journal.first,
        startup: () => ({ ...options, pin: this.isPinRefused ? undefined : options.pin }),
        exchange: options.parallel ? (lost) => this.listener?.exchange(lost) : undefined,
      },
      {
        onState: (state, reason) => {
          // Only a modem whose sockets are known can do what it is asked for.
          if (state !== 'ready') this.enter(state, reason);
        },
        onSession: () => {
          this.reconciler.reconcile();
          this.listener?.serve();
        },
        onSessionEnd: () => {
          declarations.all().forEach((endpoint) => endpoint.suspend());
          this.listener?.serve();
        },
        onRestart: () => this.onRestart(),
        onUrc: (urc, line) => this.onUrc(urc, line),
        onResync: () => this.onResync(),
        onSilence: () => this.emit('warning', SILENCE),
        onWarning: (text) => this.emit('warning', text),
        onProblem: (error) => this.emit('problem', error),
        onPinRefused: () => {
          this.isPinRefused = true;
          this.emit('pinRefused');
        },
      },
    );
    this.listener =
      environment.secondTransport &&
      new Listener({
        clock,
        random: () => environment.random(),
        // It may come in for the first.
        transport: options.parallel ? tap.on(environment.secondTransport) : environment.secondTransport,
        lending: options.parallel
          ? {
              channel: {
                clock,
                timeout: options.commandTimeout,
                isUnsolicited,
                monitor: this.journal.second,
                onResync: () => this.onResync(),
              },
              session: () => this.session,
            }
          : undefined,
        onLine: (line) => this.supervisor.hear(line, true),
        onProblem: (error) => this.emit('problem', toQfwdError(error)),
      });
    const polling = new Polling(clock);
    this.delivery = new Delivery({
      clock,
      timers: this.timers,
      polling,
      session: () => this.dataSession,
      isAlive: (connection) => this.reconciler.isAlive(connection),
    });
    this.sender = new Sender({
      clock,
      timers: this.timers,
      polling,
      payloadMode: options.payloadMode,
      limit: options.queueLimit,
      session: () => this.dataSession,
      facts: () => this.calibrator.facts,
      isAlive: (connection) => this.reconciler.isAlive(connection),
      onProgress: (connection) => {
        this.reader.noticeLater(connection);
        if (this.isHeldBack && !this.isThrottled()) {
          this.isHeldBack = false;
          this.reader.resume();
        }
      },
    });
    this.reader = new Reader({
      clock,
      timers: this.timers,
      unread: this.unread,
      session: () => this.dataSession,
      isThrottled: () => {
        const isThrottled = this.isThrottled();
        this.isHeldBack ||= isThrottled;
        return isThrottled;
      },
      onDrained: (connection) => this.sockets.finishSoon(connection),
      onRefused: (connection) => void this.onReadRefused(connection),
      onUnreported: (connection) => this.watch.alarm(connection),
    });
    const session = () => this.session;
    const shared = {
      counters: this.counters,
      declarations,
      closer,
      timers: this.timers,
      reader: this.reader,
      sender: this.sender,
      unread: this.unread,
      session,
    };
    this.sockets = new Connections({
      ...shared,
      reconcile: () => this.reconciler.reconcile(),
      isAlive: (connection) => this.reconciler.isAlive(connection),
    });
    this.reconciler = new Reconciler({
      ...shared,
      connections: this.sockets,
      onSurveyed: () => this.onSurveyed(),
    });
    this.declaring = new Endpoints({
      ...shared,
      clock,
      random: () => environment.random(),
      openTimeout: options.openTimeout,
      openedWith: environment.openedWith ?? new Map<string, string>(),
      connections: this.sockets,
      reconciler: this.reconciler,
    });
    this.watch = new Watch({
      ...shared,
      clock,
      connections: this.sockets,
      reconcile: () => this.reconciler.reconcile(),
    });
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

  /** Bytes that wait to be sent. */
  get waiting(): number {
    return this.sender.waiting;
  }

  /** Servers and clients that are declared. */
  endpoints(): readonly Declared[] {
    return this.declarations.all();
  }

  start(): void {
    this.supervisor.start();
    this.listener?.start();
    this.watch.start();
  }

  /** Closes what was taken away just now, then the port. What is still declared stays open in the module. */
  async stop(): Promise<void> {
    const { clock } = this.environment;
    await within(clock, FAREWELL_LIMIT, Promise.all([this.closer.settled(), this.calibrator.stop()]));
    // An answer that is due may bring data that the module has no longer, or tell what became of a payload.
    await within(clock, FAREWELL_LIMIT, this.session?.lines.finish() ?? Promise.resolve());
    for (const endpoint of this.declarations.all()) endpoint.retire();
    await Promise.all([this.supervisor.stop(), this.listener?.stop()]);
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
    const connection = this.resolve(target);
    return this.sender.send(connection, data, timeout).catch((error: unknown) => {
      if (toQfwdError(error).code === 'QFWD_UNKNOWN_OUTCOME') this.counters.unknownOutcomes++;
      throw error;
    });
  }

  /**
   * Resolves when the module says that nothing of what it took is left to be sent.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async awaitDelivery(target: Connection | number, timeout: number): Promise<void> {
    await this.delivery.confirmed(this.resolve(target), timeout);
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
    return this.requestReader.read(this.readySession(), connection, length, onLost);
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
    this.reader.addConsumer(consumer);
  }

  removeConsumer(consumer: Consumer): void {
    this.reader.removeConsumer(consumer);
  }

  /** A consumer holds back other connections than before. */
  resumeReading(): void {
    this.reader.resume();
  }

  private isThrottled(): boolean {
    return this.sender.waiting > this.options.queueLimit / 2;
  }

  private get session(): Session | undefined {
    return this.supervisor.session;
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
    return orOffline(this.supervisor.channel);
  }

  private enter(state: LinkState, reason?: Error): void {
    if (state === 'connecting' && this.hasWorked) this.counters.reconnects++;
    this.hasWorked ||= state === 'ready';
    this.link = state;
    this.linkReason = reason;
    this.journal.note(reason ? `${state}: ${reason.message}` : state);
    this.emit('state', state, reason);
  }

  private onSurveyed(): void {
    this.enter('ready');
    const { session } = this;
    // A link that is lost meanwhile is told by itself; what was ended early is tried again after the next connect.
    if (session) void this.calibrator.begin(session).catch(() => undefined);
  }

  private onUrc(urc: Urc, line: string): void {
    if (this.calibrator.hear(urc)) return;
    if (this.session) this.sockets.hear(urc);
    this.emit('urc', urc, line);
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

  /** ERROR to a read can mean that there is nothing, or no such socket. What it means here is found out once. */
  private async onReadRefused(connection: Connection): Promise<void> {
    const { session } = this;
    if (!session || session.isEmptyReadError || connection.isShared) return;
    session.isEmptyReadError = await this.reconciler.isAlive(connection).catch(() => false);
  }
}
