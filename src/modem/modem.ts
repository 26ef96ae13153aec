/**
 * The modem: servers and clients that stay open, connections, data in and out. After any fault of the port, the cable
 * or the module, declarations are compared with the module and restored.
 */
import { EventEmitter } from 'node:events';
import type { Clock } from '../at';
import type { Peer, Profile, Received, SocketCommands, SocketFamily } from '../sockets';
import type { Calibrator } from './calibration/calibrator';
import type { Connection } from './data/connection';
import type { Sent } from './data/message';
import type { Consumer } from './data/consumer';
import { diagnose } from './diagnosis/diagnosis';
import type { Finding } from './diagnosis/finding';
import type { Endpoints } from './endpoints/endpoints';
import { orOffline, type QfwdError } from './errors';
import type { Trouble } from './lifecycle';
import { Handover } from './handover';
import type { Counters } from './link/counters';
import type { Journal } from './link/journal';
import type { LinkState } from './link/link-state';
import type { Session } from './link/session';
import { type ModemStatus, readStatus } from './modem-status';
import type { ModemEnvironment, ModemEvents, ModemOptions } from './options';
import { patientOf, type PortNames } from './patient';
import type { Requests } from './sockets/requests';
import { Teardown } from './teardown';
import { type Parts, wire } from './wiring';

export class Modem extends EventEmitter<ModemEvents> {
  /** Queries and commands for single sockets, and commands as text. */
  readonly requests: Requests;
  /** Declared servers and clients. */
  readonly endpoints: Pick<Endpoints, 'all' | 'declareServer' | 'declareClient' | 'release'>;
  /** The profile in use, the one measured last, and the version of the firmware. */
  readonly calibrator: Pick<Calibrator, 'current' | 'stored' | 'firmware'>;
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
    this.endpoints = this.parts.endpoints;
    this.calibrator = this.parts.calibrator;
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

  /** The socket commands of the firmware, while there is a session. */
  get commands(): Pick<SocketCommands, 'family' | 'description'> | undefined {
    return this.parts.current.session?.commands;
  }

  /** The command families that it may use, in order of preference. */
  get families(): readonly SocketFamily[] {
    return this.environment.families;
  }

  /** How many answers in a row were garbled. */
  get garbledInARow(): number {
    return this.parts.current.channel?.garbledInARow ?? 0;
  }

  /** Bytes queued for sending. */
  get waiting(): number {
    return this.data.budget.waiting;
  }

  /**
   * The state of the modem, of its module and of the mobile network. The module is asked at most once a second, and only
   * while it answers. Never rejects.
   */
  status(): Promise<ModemStatus> {
    return readStatus(this.parts);
  }

  /** Runs the checklist. Never rejects. */
  diagnose(names: PortNames): Promise<Finding[]> {
    return diagnose(patientOf(this.parts, this.options, this.families, names));
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
    return this.parts.lookup.connection(socketId);
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
    return this.data.sender.send(this.parts.lookup.forFlows(target), data, timeout, to);
  }

  /**
   * Resolves when the module reports that all accepted data has been delivered.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async awaitDelivery(target: Connection | number, timeout: number): Promise<void> {
    await this.data.delivery.confirmed(this.parts.lookup.forFlows(target), timeout);
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
    const connection = this.parts.lookup.forFlows(socketId);
    return this.data.requestReader.read(this.readySession(), connection, length, onLost);
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

  private readySession(): Session {
    return orOffline(this.parts.current.dataSession);
  }
}
