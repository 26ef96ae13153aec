import { type EventEmitter, once } from 'node:events';
import type { Clock, Transport } from '../at';
import type { SocketUrc } from '../sockets';
import type { Calibrator } from './calibration/calibrator';
import type { QfwdError } from './errors';
import type { Obstacle } from './link/access';
import type { Counters } from './link/counters';
import type { CurrentLink } from './link/current-link';
import type { Journal } from './link/journal';
import type { LinkObserver } from './link/link-observer';
import type { LinkState } from './link/link-state';
import type { Session } from './link/session';
import type { ModemEvents } from './options';
import { MOST_CONNECTIONS } from './sockets/connection-table';
import type { Connections } from './sockets/connections';
import type { Declarations } from './sockets/declarations';
import type { Reconciler } from './sockets/reconciler';
import type { Reports } from './sockets/reports';
import type { Sweep } from './sockets/sweep';
import type { Watch } from './sockets/watch';

const SILENCE =
  'the module has not reported anything about its sockets: its reports (URCs) seem to go to another of its ports. ' +
  'Data is polled for, which is slow. Choose the port in use as URC port, give the other port as second path, or run ' +
  'AT+QURCCFG="urcport","usbat" once, with the name of the port in use';

const FULL =
  `the module says that it has more than ${MOST_CONNECTIONS} connections, which no module has: ` +
  'those beyond are left alone. Is something else talking on this port?';

const NO_SOCKET_LEFT =
  'the module has refused a connection, as all its sockets are in use: close some, or set an idle timeout or a limit ' +
  'of connections for the server';

/** In these states, earlier obstacles are no longer known. */
const NEW_LINK: ReadonlySet<LinkState> = new Set(['offline', 'connecting', 'initializing', 'stopped']);

export interface LifecycleHost {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly journal: Journal;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
  readonly reports: Reports;
  readonly reconciler: Reconciler;
  readonly watch: Watch;
  readonly sweep: Sweep;
  readonly calibrator: Calibrator;
  /** The public events of the modem. */
  readonly events: EventEmitter<ModemEvents>;
}

/** Something that went wrong, and when, on the clock of the modem in ms. */
export interface Trouble {
  readonly error: Error;
  readonly at: number;
}

/** Handles link state changes and their effect on all sockets. */
export class Lifecycle implements LinkObserver {
  /** State of the link: `ready` once the sockets are known, as only then the modem can be used. */
  state: LinkState = 'offline';
  /** Why it is offline, or locked. */
  reason: Error | undefined;
  /** The last thing that went wrong with the link, also if it works again. */
  lastTrouble: Trouble | undefined;
  private hasWorked = false;
  /** The state without regard to obstacles such as SIM or registration. */
  private beyond: { readonly state: LinkState; readonly reason?: Error | undefined } = { state: 'offline' };
  private obstacle: Obstacle | undefined;
  private nextState: Promise<unknown> | undefined;

  constructor(private readonly host: LifecycleHost) {
    host.reconciler.on('listed', (session) => this.onListed(session));
    host.connections.on('discarded', (error) => this.onProblem(error));
    host.connections.on('full', () => this.onWarning(FULL));
    host.sweep.on('discarded', (error) => this.onProblem(error));
    host.sweep.on('swept', (text) => this.onWarning(text));
  }

  onState(state: LinkState, reason?: Error): void {
    // What happened while nothing was heard is not known.
    if (state === 'initializing') this.host.connections.table.doubt();
    if (state !== 'ready') this.reach(state, reason);
  }

  /** Resolves when the state is true: a link that was lost has its last state until its port is closed. */
  async settled(): Promise<void> {
    const { current, events } = this.host;
    if (current.channel || NEW_LINK.has(this.state)) return;
    this.nextState ??= once(events, 'state').finally(() => (this.nextState = undefined));
    await this.nextState;
  }

  onObstacle(obstacle: Obstacle | undefined): void {
    this.obstacle = obstacle;
    this.show();
  }

  onSession(): void {
    this.host.reconciler.reconcile();
  }

  onSessionEnd(): void {
    for (const endpoint of this.host.declarations.all()) endpoint.suspend();
  }

  /** The module has restarted: all sockets are gone. */
  onRestart(): void {
    const { connections, counters, declarations } = this.host;
    counters.restarts++;
    for (const connection of connections.table.all()) connections.termination.finish(connection, 'lost');
    for (const endpoint of declarations.all()) endpoint.lost();
    declarations.forgetOrphans();
  }

  onUrc(urc: SocketUrc, line: string, port: Transport): void {
    const { calibrator, connections, current, events, reports, sweep } = this.host;
    reports.onUrc(urc, port);
    if (calibrator.onUrc(urc)) return;
    connections.onUrc(urc, port);
    sweep.onUrc(urc);
    const isListAwaited = urc.event === 'client/incoming' && current.session?.commands.isListAwaited;
    // The lists show which sockets are dead.
    if (urc.event === 'context/lost' || isListAwaited) this.host.reconciler.reconcile();
    if (urc.event === 'server/full') events.emit('warning', NO_SOCKET_LEFT);
    events.emit('urc', urc, line);
  }

  onResync(): void {
    this.host.counters.resyncs++;
    this.onDoubtfulUrc();
  }

  /** The lists show what URCs have reported that were lost, or may not be the module's own. */
  onDoubtfulUrc(): void {
    const { connections, reconciler, sweep } = this.host;
    connections.table.doubt();
    reconciler.reconcile();
    sweep.search();
  }

  onSilence(): void {
    const { events, reconciler, reports } = this.host;
    reports.noteSilence();
    if (reports.areLost) reconciler.reconcile();
    events.emit('warning', SILENCE);
  }

  onActivating(isActivating: boolean): void {
    if (this.host.current.dataSession) this.reach(isActivating ? 'activating' : 'ready');
  }

  onSecondPortLost(port: Transport): void {
    const { current, reconciler, reports, watch } = this.host;
    if (!current.session || !reports.isFor(port)) return;
    watch.hurry();
    reconciler.doubt(port);
  }

  onSecondPortUsable(port: Transport): void {
    const { reconciler, reports } = this.host;
    reconciler.doubt(port);
    if (reports.areDiverted) reconciler.reconcile();
  }

  onWarning(text: string): void {
    this.host.events.emit('warning', text);
  }

  onProblem(error: QfwdError): void {
    this.note(error);
    this.host.events.emit('problem', error);
  }

  private onListed(session: Session): void {
    const { calibrator, reports, watch } = this.host;
    this.reach('ready');
    if (reports.areLost) watch.hurry();
    // A lost link is reported separately; a calibration that was ended early is repeated after the next connect.
    void calibrator.begin(session).catch(() => undefined);
  }

  private reach(state: LinkState, reason?: Error): void {
    this.beyond = { state, reason };
    if (NEW_LINK.has(state)) this.obstacle = undefined;
    this.host.connections.data.line.noteLinkState();
    this.show();
  }

  private show(): void {
    const { state, reason } = this.obstacle ?? this.beyond;
    // While there is an obstacle, other changes do not matter.
    if (this.obstacle && state === this.state && reason === this.reason) return;
    this.enter(state, reason);
  }

  private note(error: Error): void {
    this.lastTrouble = { error, at: this.host.clock.now() };
  }

  private enter(state: LinkState, reason?: Error): void {
    const { counters, events, journal } = this.host;
    if (state === 'connecting' && this.hasWorked) counters.reconnects++;
    this.hasWorked ||= state === 'ready';
    this.state = state;
    this.reason = reason;
    if (reason) this.note(reason);
    journal.note(reason ? `${state}: ${reason.message}` : state);
    events.emit('state', state, reason);
  }
}
