/**
 * A modem as its user thinks of it: servers and clients that stay open, connections, data in and out. Whatever happens
 * to the port, the cable or the module, what was declared is compared with what is there, and made so.
 */
import { EventEmitter } from 'node:events';
import { type Clock, type Transport, within } from '../at';
import { closeSocket, type Ends, listClients, type PayloadMode, type Urc, type UrcPort } from '../qfwd';
import { type ClientSettings, clientKind } from './client';
import type { Connection } from './connection';
import { ConnectionTable } from './connection-table';
import { type Declared, Endpoint, type EndpointHost, type EndpointObserver } from './endpoint';
import { QfwdError, toQfwdError } from './errors';
import { type Consumer, Reader } from './reader';
import { Sender, type Sent } from './sender';
import { type ServerSettings, serverKind } from './server';
import type { Session } from './session';
import { allocateSocketId, isOurs } from './socket-id';
import { type LinkState, Supervisor } from './supervisor';
import { survey, type Survey } from './survey';
import type { StartupOptions } from './startup';

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
}

export interface ModemEnvironment {
  readonly transport: Transport;
  readonly clock: Clock;
  /** As `Math.random`. */
  random(): number;
}

export interface ModemEvents {
  state: [state: LinkState, reason: Error | undefined];
  /** Every line that came unasked. */
  urc: [urc: Urc, line: string];
  /** Something a person should know about, though the modem goes on. */
  problem: [error: QfwdError];
}

/** What was open when its owner went away. */
interface Orphan {
  readonly name: 'server' | 'client';
  readonly socketId: number;
}

/** How long what nobody declares any more is left open: a deploy takes a node away and brings it back. */
const GRACE = 5000;
/** How long after its last data a connection whose peer has closed can still be answered. */
const LAST_WORDS = 100;
const RECONCILE_DELAY = 10;
/** How often the module is asked for what it may have failed to say. */
const WATCH_INTERVAL = 10_000;
/** How long closing may take before the port is closed all the same. */
const FAREWELL_LIMIT = 2000;

export class Modem extends EventEmitter<ModemEvents> {
  private readonly supervisor: Supervisor;
  private readonly table = new ConnectionTable();
  private readonly sender: Sender;
  private readonly reader: Reader;
  private readonly endpoints = new Map<string, Declared>();
  private readonly orphans = new Map<string, Orphan>();
  /** Accepted connections that were turned away and may still be reported. */
  private readonly refused = new Set<number>();
  /** Connections that wait for {@link LAST_WORDS}. */
  private readonly ending = new Set<Connection>();
  private readonly farewells = new Set<Promise<unknown>>();
  private readonly timers = new Set<() => void>();
  private reconciling: Promise<void> | undefined;
  private isPinRefused = false;
  private link: LinkState = 'offline';
  private watchTurn = 0;

  constructor(
    readonly options: ModemOptions,
    private readonly environment: ModemEnvironment,
  ) {
    super();
    const { clock, transport } = environment;
    const session = () => this.session;
    this.supervisor = new Supervisor(
      {
        clock,
        transport,
        random: () => environment.random(),
        commandTimeout: options.commandTimeout,
        startup: () => ({ ...options, pin: this.isPinRefused ? undefined : options.pin }),
      },
      {
        onState: (state, reason) => this.enter(state, reason),
        onSession: () => this.reconcile(),
        onSessionEnd: () => this.eachEndpoint((endpoint) => endpoint.suspend()),
        onRestart: () => this.onRestart(),
        onUrc: (urc, line) => this.onUrc(urc, line),
        onResync: () => this.onResync(),
        onProblem: (error) => this.emit('problem', error),
        onPinRefused: () => (this.isPinRefused = true),
      },
    );
    this.sender = new Sender({
      clock,
      payloadMode: options.payloadMode,
      limit: options.queueLimit,
      session,
      isAlive: (connection) => this.isAlive(connection),
      onProgress: (connection) => {
        this.reader.noticeLater(connection);
        this.reader.resume();
      },
    });
    this.reader = new Reader({
      clock,
      session,
      isThrottled: () => this.sender.waiting > options.queueLimit / 2,
      onDrained: (connection) => this.finishSoon(connection),
      onRefused: (connection) => void this.onReadRefused(connection),
    });
  }

  get state(): LinkState {
    return this.link;
  }

  start(): void {
    this.supervisor.start();
    this.watch();
  }

  /** Closes what was taken away just now, then the port. What is still declared stays open in the module. */
  async stop(): Promise<void> {
    await within(this.environment.clock, FAREWELL_LIMIT, Promise.allSettled(this.farewells));
    this.eachEndpoint((endpoint) => endpoint.release());
    for (const cancel of this.timers) cancel();
    for (const connection of this.table.all()) this.drop(connection);
    await this.supervisor.stop();
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
    const kind = serverKind(this.options.openTimeout);
    return this.declare(new Endpoint(owner, settings, autoOpen, kind, this.host(), observer));
  }

  /** Keeps a client connected. See {@link declareServer}. */
  declareClient(
    owner: string,
    settings: ClientSettings,
    autoOpen: boolean,
    observer: EndpointObserver,
  ): Endpoint<ClientSettings> {
    const kind = clientKind(this.options.openTimeout);
    return this.declare(new Endpoint(owner, settings, autoOpen, kind, this.host(), observer));
  }

  /**
   * Nobody declares this server or client any more.
   * @param forGood closes it now, with its connections; otherwise it waits a little for its owner to come back
   */
  release(owner: string, forGood: boolean): void {
    const endpoint = this.endpoints.get(owner);
    if (!endpoint) return;
    const { name, socketId } = endpoint;
    endpoint.release();
    this.endpoints.delete(owner);
    if (socketId === undefined) return;
    this.orphans.set(owner, { name, socketId });
    if (forGood) this.abandon(owner);
    else this.after(GRACE, () => this.abandon(owner));
  }

  /** Connections that data can go through now. */
  connections(): readonly Connection[] {
    return this.table.all();
  }

  /** @throws {QfwdError} `QFWD_OFFLINE` or `QFWD_CLOSED` */
  connection(socketId: number): Connection {
    if (!this.session) throw new QfwdError('QFWD_OFFLINE', 'the modem is not connected');
    const connection = this.table.get(socketId);
    if (!connection) throw new QfwdError('QFWD_CLOSED', `there is no socket ${socketId}`);
    return connection;
  }

  /**
   * Resolves when the module has taken all of it.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async send(socketId: number, data: Buffer, timeout: number): Promise<Sent> {
    return this.sender.send(this.connection(socketId), data, timeout);
  }

  /**
   * Resolves when the module says that nothing of what it took is left to be sent.
   * @param timeout in ms
   * @throws {QfwdError}
   */
  async awaitDelivery(socketId: number, timeout: number): Promise<void> {
    await this.sender.awaitDelivery(this.connection(socketId), timeout);
  }

  /**
   * Reads what there is, at most `length` bytes; nothing when there is nothing.
   * @throws {QfwdError}
   */
  async read(socketId: number, length?: number): Promise<Buffer> {
    const connection = this.connection(socketId);
    const { session } = this;
    if (!session) throw new QfwdError('QFWD_OFFLINE', 'the modem is not connected');
    try {
      return await this.reader.read(session, connection, length);
    } catch (error) {
      throw toQfwdError(error);
    }
  }

  /**
   * Closes a connection. Its owner is told.
   * @throws {QfwdError}
   */
  async close(socketId: number): Promise<void> {
    const connection = this.connection(socketId);
    const { session } = this;
    if (!session) throw new QfwdError('QFWD_OFFLINE', 'the modem is not connected');
    try {
      await session.execute(closeSocket(session.dialect, socketId));
    } catch (error) {
      throw toQfwdError(error);
    }
    this.finish(connection);
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

  private get session(): Session | undefined {
    return this.supervisor.session;
  }

  private enter(state: LinkState, reason?: Error): void {
    this.link = state;
    this.emit('state', state, reason);
  }

  private declare<E extends Declared>(endpoint: E): E {
    this.release(endpoint.owner, false);
    this.endpoints.set(endpoint.owner, endpoint);
    this.after(RECONCILE_DELAY, () => this.reconcile());
    return endpoint;
  }

  private host(): EndpointHost {
    const { clock } = this.environment;
    return {
      clock,
      random: () => this.environment.random(),
      session: () => this.session,
      survey: () => this.survey(),
      allocate: (owner, isTaken) =>
        allocateSocketId(
          owner,
          (id) => isTaken(id) || this.table.get(id) !== undefined || !this.isFree(id, owner),
        ),
      isFree: (socketId, owner) => this.isFree(socketId, owner),
      onOpened: (endpoint, socketId) => this.onOpened(endpoint, socketId),
      onClosed: (_endpoint, socketId) => {
        const connection = this.table.get(socketId);
        if (connection) this.drop(connection);
      },
    };
  }

  private isFree(socketId: number, owner: string): boolean {
    return ![...this.endpoints.values()].some(
      (other) => other.owner !== owner && other.socketId === socketId,
    );
  }

  private async onOpened(endpoint: Declared, socketId: number): Promise<void> {
    const { owner, protocol, name } = endpoint;
    if (name === 'server') {
      // One socket id may stand for all peers of a UDP server.
      if (protocol === 'udp' && !this.table.get(socketId)) this.table.add({ socketId, protocol, owner });
      return;
    }
    const listed = await this.session?.execute(listClients()).catch(() => []);
    const row = listed?.find((client) => client.socketId === socketId);
    const known = this.table.get(socketId);
    if (known?.state === 'open' && (!row || known.isSame(row))) {
      this.reader.notice(known);
      return;
    }
    if (known) this.finish(known);
    this.reader.notice(this.table.add({ socketId, protocol, owner, ...(row && { ends: endsOf(row) }) }));
  }

  private onUrc(urc: Urc, line: string): void {
    if (this.session) this.onSocketUrc(urc);
    this.emit('urc', urc, line);
  }

  private onSocketUrc(urc: Urc): void {
    if (urc.event === 'client/incoming') {
      this.onIncoming(urc.socketId, urc.serverId, endsOf(urc));
    } else if (urc.event === 'client/read') {
      const connection = this.table.get(urc.socketId);
      if (connection) this.reader.notice(connection);
      else if (!this.refused.has(urc.socketId)) this.reconcile();
    } else if (urc.event === 'client/close') {
      this.refused.delete(urc.socketId);
      const connection = this.table.get(urc.socketId);
      if (connection) this.end(connection);
    }
  }

  private onIncoming(socketId: number, serverId: number, ends: Ends): void {
    const before = this.table.get(socketId);
    if (before) this.finish(before);
    const server = this.serverWith(serverId);
    const siblings = this.table.all().filter((other) => other.serverId === serverId);
    if (server && !server.admits(ends.ip, siblings.length)) {
      this.refuse(socketId);
      return;
    }
    this.refused.delete(socketId);
    const connection = this.table.add({
      socketId,
      serverId,
      ends,
      protocol: server?.protocol ?? 'tcp',
      owner: server?.owner,
    });
    server?.tell({ event: 'client/incoming', serverId, socketId, ...ends });
    this.reader.noticeLater(connection);
  }

  private refuse(socketId: number): void {
    this.refused.add(socketId);
    this.closeInModule(socketId);
  }

  /** The peer has closed. What it sent before is read first, if anybody wants it. */
  private end(connection: Connection): void {
    if (connection.state !== 'open') return;
    connection.state = 'ending';
    this.reader.notice(connection);
  }

  /**
   * Everything was read. A peer that ends its side after a question, as `echo … | nc` does, may still listen for the
   * answer, so the flow gets a moment to send it.
   */
  private finishSoon(connection: Connection): void {
    if (!connection.hasSpoken) this.finish(connection);
    else if (!this.ending.has(connection)) {
      this.ending.add(connection);
      this.after(LAST_WORDS, () => {
        this.ending.delete(connection);
        if (this.sender.isBusy(connection)) this.finishSoon(connection);
        else this.finish(connection);
      });
    }
  }

  /** The connection is over, and its owner is told. */
  private finish(connection: Connection): void {
    if (connection.state === 'closed') return;
    this.drop(connection);
    const { socketId, serverId, owner = '', ends } = connection;
    const endpoint = this.endpoints.get(owner);
    endpoint?.tell({ event: 'client/close', socketId, ...(serverId !== undefined && { serverId }), ...ends });
    if (endpoint?.name === 'client' && endpoint.socketId === socketId) endpoint.lost();
  }

  private drop(connection: Connection): void {
    connection.state = 'closed';
    this.table.remove(connection);
    this.reader.forget(connection);
  }

  private onRestart(): void {
    for (const connection of this.table.all()) this.finish(connection);
    this.orphans.clear();
    this.refused.clear();
  }

  private onResync(): void {
    for (const connection of this.table.all()) this.reader.notice(connection);
    this.reconcile();
  }

  /** ERROR to a read can mean that there is nothing, or no such socket. What it means here is found out once. */
  private async onReadRefused(connection: Connection): Promise<void> {
    const { session } = this;
    if (!session || session.isEmptyReadError) return;
    session.isEmptyReadError = await this.isAlive(connection).catch(() => false);
  }

  private serverWith(socketId: number): Declared | undefined {
    return [...this.endpoints.values()].find(
      ({ name, socketId: id }) => name === 'server' && id === socketId,
    );
  }

  private eachEndpoint(action: (endpoint: Declared) => void): void {
    for (const endpoint of this.endpoints.values()) action(endpoint);
  }

  private async survey(): Promise<Survey> {
    if (!this.session) throw new QfwdError('QFWD_OFFLINE', 'the modem is not connected');
    return survey(this.session);
  }

  private async isAlive(connection: Connection): Promise<boolean> {
    if (!connection.ends) return true;
    const stamp = this.table.stamp();
    const { sockets } = await this.survey();
    const { gone } = this.table.compare(sockets, stamp);
    if (!gone.includes(connection)) return connection.state !== 'closed';
    this.end(connection);
    return false;
  }

  /** Makes what is there what was declared. One run at a time; a call during one asks for another after it. */
  private reconcile(): void {
    const before = this.reconciling;
    const run = (before ?? Promise.resolve())
      .then(() => this.session && this.reconcileNow())
      // The session ended meanwhile; the next one reconciles again.
      .catch(() => undefined)
      .finally(() => {
        if (this.reconciling === run) this.reconciling = undefined;
      });
    this.reconciling = run;
  }

  private async reconcileNow(): Promise<void> {
    const stamp = this.table.stamp();
    const found = await this.survey();
    const adopted: Declared[] = [];
    for (const endpoint of this.endpoints.values()) if (await endpoint.adopt(found)) adopted.push(endpoint);
    for (const [owner, { socketId }] of this.orphans) {
      if (this.endpoints.get(owner)?.socketId === socketId) this.orphans.delete(owner);
      else if (this.endpoints.has(owner)) this.abandon(owner);
    }
    const strays = this.closeStrays(found);
    const difference = this.table.compare(found.sockets, stamp);
    for (const connection of difference.gone) this.end(connection);
    for (const server of adopted) this.announce(server);
    for (const { socketId, serverId, ends, protocol, direction } of difference.found) {
      if (strays.has(socketId) || this.refused.has(socketId) || this.table.get(socketId)?.stamp === stamp)
        continue;
      if (direction === 'income' && serverId !== undefined) this.onIncoming(socketId, serverId, ends);
      else if (direction === 'active') this.reader.notice(this.table.add({ socketId, protocol, ends }));
    }
    for (const connection of this.table.all()) this.reader.notice(connection);
    this.eachEndpoint((endpoint) => endpoint.openIfMissing());
  }

  /** Tells a server of the connections that it had before it was taken over. */
  private announce(endpoint: Declared): void {
    const serverId = endpoint.socketId;
    if (endpoint.name !== 'server' || serverId === undefined) return;
    for (const { socketId, ends, serverId: of } of this.table.all()) {
      if (of === serverId)
        endpoint.tell({ event: 'client/incoming', serverId, socketId, ...ends, adopted: true });
    }
  }

  /** Closes what an earlier run of ours opened and nobody declares any more. */
  private closeStrays({ servers, sockets }: Survey): Set<number> {
    const claimed = new Set<number | undefined>(
      [...this.endpoints.values(), ...this.orphans.values()].map((e) => e.socketId),
    );
    const isStray = (socketId: number) =>
      isOurs(socketId) && !claimed.has(socketId) && !this.table.get(socketId);
    const strays = new Set<number>();
    for (const { socketId } of servers) if (isStray(socketId)) strays.add(socketId);
    for (const { socketId, serverId = -1, direction } of sockets.values()) {
      if (strays.has(serverId) || (direction === 'active' && isStray(socketId))) strays.add(socketId);
    }
    for (const socketId of strays) this.closeInModule(socketId);
    return strays;
  }

  /** Closes what its owner did not come back for. */
  private abandon(owner: string): void {
    const orphan = this.orphans.get(owner);
    if (!orphan) return;
    this.orphans.delete(owner);
    for (const connection of this.table.all()) {
      if (connection.socketId !== orphan.socketId && connection.serverId !== orphan.socketId) continue;
      this.drop(connection);
      this.closeInModule(connection.socketId);
    }
    if (orphan.name === 'server') this.closeInModule(orphan.socketId);
  }

  private closeInModule(socketId: number): void {
    const { session } = this;
    if (!session) return;
    const farewell = session
      .execute(closeSocket(session.dialect, socketId))
      .catch(() => undefined)
      .finally(() => this.farewells.delete(farewell));
    this.farewells.add(farewell);
  }

  /** Asks, slowly, for what the module may have failed to say. */
  private watch(): void {
    this.after(WATCH_INTERVAL, () => {
      this.watch();
      void this.look();
    });
  }

  private async look(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const readable = this.reader.wanted();
    this.watchTurn++;
    const connection = readable[(this.watchTurn >> 1) % (readable.length || 1)];
    if (this.watchTurn % 2 === 1 && connection) {
      this.reader.notice(connection);
      return;
    }
    const stamp = this.table.stamp();
    const listed = await session.execute(listClients()).catch(() => undefined);
    if (!listed) return;
    const sockets = new Map(listed.map((row) => [row.socketId, { ...row, ends: endsOf(row) }]));
    const { gone, found } = this.table.compare(sockets, stamp);
    if (gone.length > 0 || found.some(({ socketId }) => !this.refused.has(socketId))) this.reconcile();
  }

  private after(ms: number, action: () => void): void {
    const cancel = this.environment.clock.after(ms, () => {
      this.timers.delete(cancel);
      action();
    });
    this.timers.add(cancel);
  }
}

function endsOf({ ip, port, localIp, localPort }: Ends): Ends {
  return { ip, port, localIp, localPort };
}
