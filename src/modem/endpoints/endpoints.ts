import type { Clock, Timers } from '../../at';
import { orOffline, QfwdError } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { Connections } from '../sockets/connections';
import type { Declarations, Orphan } from '../sockets/declarations';
import type { Declared, EndpointObserver } from '../sockets/declared';
import type { LeftBehind } from '../sockets/left-behind';
import type { Reconciler } from '../sockets/reconciler';
import type { Reports } from '../sockets/reports';
import type { SocketCloser } from '../sockets/socket-closer';
import { allocateSocketId } from '../sockets/socket-id';
import { type ClientSettings, clientTraits } from './client';
import { Endpoint } from './endpoint';
import type { EndpointHost } from './endpoint-host';
import type { EndpointSettings } from './endpoint-traits';
import { type ServerSettings, serverTraits } from './server';

export interface EndpointsHost {
  readonly clock: Clock;
  random(): number;
  /** How long to wait for an open URC, in ms. */
  readonly openTimeout: number;
  /** See {@link EndpointHost.openedWith}. */
  readonly openedWith: Map<string, string>;
  readonly leftBehind: LeftBehind;
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly closer: SocketCloser;
  readonly connections: Connections;
  readonly reports: Reports;
  readonly reconciler: Reconciler;
}

/** How long an undeclared socket stays open, in ms: a deploy removes a node and creates it again. */
const GRACE = 5000;
/** In ms: the nodes of a deploy declare one after another and are handled together. */
const RECONCILE_DELAY = 10;

/** Adds and removes declarations of servers and clients. */
export class Endpoints {
  constructor(private readonly host: EndpointsHost) {}

  all(): readonly Declared[] {
    return this.host.declarations.all();
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
    const traits = serverTraits(this.host.openTimeout);
    return this.declare(new Endpoint(owner, settings, autoOpen, traits, this.endpointHost(), observer));
  }

  /** Keeps a client connected. See {@link declareServer}. */
  declareClient(
    owner: string,
    settings: ClientSettings,
    autoOpen: boolean,
    observer: EndpointObserver,
  ): Endpoint<ClientSettings> {
    const traits = clientTraits(this.host.openTimeout);
    return this.declare(new Endpoint(owner, settings, autoOpen, traits, this.endpointHost(), observer));
  }

  /**
   * Ends the declaration of a server or client.
   * @param forGood closes it now, with its connections; otherwise it stays open briefly for its owner to return
   */
  release(owner: string, forGood: boolean): void {
    const { closer, connections, current, declarations, leftBehind, openedWith, reconciler } = this.host;
    const endpoint = declarations.of(owner);
    if (!endpoint) return;
    // Without a session it stays open for now, and its owner may return before it is closed.
    if (forGood && current.session) {
      openedWith.delete(owner);
      leftBehind.forget(owner);
    }
    const { claimedId, heldId } = endpoint;
    if (forGood) {
      connections.disconnection.dismiss(owner);
      if (endpoint.kind === 'server') endpoint.lost(false, 'local');
    }
    endpoint.retire();
    connections.acceptance.suspend(owner);
    const orphan = declarations.remove(endpoint, heldId, forGood);
    if (orphan && !forGood) {
      this.expire(owner, orphan);
    } else if (orphan) {
      reconciler.closeDue();
    } else if (claimedId !== undefined && !closer.closing(claimedId)) {
      const reason = new QfwdError('QFWD_CLOSED', 'it is not declared any more');
      current.session?.openings.abandon(claimedId, reason);
      closer.close(claimedId);
    }
    if (!orphan && !forGood) this.expireAbsence(owner);
  }

  /** Closes what an owner has open that does not return, if it went away before the module had listed its sockets. */
  private expireAbsence(owner: string): void {
    const { declarations, reconciler, timers } = this.host;
    const absence = declarations.noteAway(owner);
    timers.after(GRACE, () => declarations.endAway(owner, absence) && reconciler.reconcile());
  }

  /** Closes a socket whose owner does not return. */
  private expire(owner: string, orphan: Orphan): void {
    const { declarations, reconciler, timers } = this.host;
    timers.after(GRACE, () => {
      if (!declarations.hasOrphan(orphan)) return;
      // It has returned, and adopts the socket once the module has listed it.
      if (declarations.of(owner)) return this.expire(owner, orphan);
      orphan.isDue = true;
      reconciler.closeDue();
    });
  }

  /** No owner will return, not even those that went away a moment ago. */
  releaseAll(): void {
    const { declarations, reconciler } = this.host;
    for (const { owner } of declarations.all()) this.release(owner, true);
    declarations.expireOrphans();
    reconciler.closeDue();
  }

  private declare<Settings extends EndpointSettings>(endpoint: Endpoint<Settings>): Endpoint<Settings> {
    const { declarations, reconciler, timers } = this.host;
    this.release(endpoint.owner, false);
    const left = declarations.leftBy(endpoint);
    if (left !== undefined) endpoint.resume(left);
    const missed = declarations.add(endpoint);
    // Delayed until the owner has set itself up.
    if (missed.length > 0) timers.after(0, () => missed.forEach((event) => endpoint.tellMissed(event)));
    timers.after(RECONCILE_DELAY, () => reconciler.reconcile());
    return endpoint;
  }

  private endpointHost(): EndpointHost {
    const { clock, closer, connections, current, declarations, leftBehind, openedWith, reports, timers } =
      this.host;
    const { table } = connections;
    return {
      clock,
      timers,
      random: () => this.host.random(),
      current,
      list: async () => orOffline(current.session).list(),
      destination: (wanted) => reports.destination(wanted),
      allocate: (limits, owner, variant, isTaken) =>
        allocateSocketId(limits, owner, variant, (id) => {
          const connection = table.get(id);
          const isForeign =
            connection !== undefined && (connection.owner !== owner || connection.serverId !== undefined);
          // What the module accepts meanwhile would pass for connections of the new server.
          const isClosing = closer.closing(id) !== undefined;
          return isTaken(id) || isForeign || isClosing || !declarations.isFree(id, owner);
        }),
      isFree: (socketId, owner) => declarations.isFree(socketId, owner),
      onOpened: (endpoint, socketId) => connections.onOpened(endpoint, socketId),
      endLayer: async (socketId) => table.get(socketId)?.clear?.end(),
      isAdoptable: ({ kind, layer }, socketId) => {
        const isRunning = table.get(socketId)?.isInUse === true;
        return kind === 'server' || isRunning === (layer !== undefined);
      },
      onClosed: ({ owner }, socketId) => {
        leftBehind.forget(owner);
        const connection = table.get(socketId);
        if (connection) connections.termination.drop(connection);
        else table.noteClosed(socketId);
      },
      endsOf: (socketId) => table.endsOf(socketId),
      trafficOf: (socketId) => table.trafficOf(socketId),
      mark: () => table.mark(),
      openedWith,
      onOpeningStream: (owner, socket) => leftBehind.note(owner, socket),
      leave: (endpoint, socketId) => declarations.leave(endpoint, socketId, true),
      discard: (socketId) => {
        if (declarations.claimants(socketId).length === 0) closer.close(socketId);
      },
    };
  }
}
