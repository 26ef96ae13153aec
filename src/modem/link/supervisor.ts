/**
 * Maintains a session with the module, and reconnects after failures of the port, the cable or the module:
 *
 *     offline ─▶ connecting ─▶ initializing ─▶ ready ──(module restarts)──▶ initializing
 *        ▲            │              │           │
 *        └─ back-off ─┴── port fails, module silent
 */
import { Channel, type Clock, type LineMonitor, type Link, type Transport, within } from '../../at';
import type { Profile, SocketCommands, SocketFamily, SocketUrc } from '../../sockets';
import { Access, type Obstacle } from './access';
import { Backoff } from './backoff';
import type { CurrentLink } from './current-link';
import type { FoundFamily } from './found-family';
import { GarbledAnswers } from './garbled-answers';
import type { Kept } from './kept';
import { Lines } from './lines';
import type { LinkState } from './link-state';
import type { PinMemory } from './pin-memory';
import { Port } from './port';
import { RestartSigns } from './restart-signs';
import { Session, type SessionObserver } from './session';
import { needsNetwork, type StartupObserver, type StartupOptions, startUp } from './startup';
import { isUnsolicited, UrcDecoder } from './urc-decoder';

export interface SupervisorOptions {
  readonly clock: Clock;
  random(): number;
  /** Provides the port to open; updated when a session starts or ends. */
  readonly current: CurrentLink;
  /** Socket command families to try, in order of preference. */
  readonly families: readonly SocketFamily[];
  readonly foundFamily?: Kept<FoundFamily> | undefined;
  /** The last profile, possibly of another firmware. */
  profile(): Profile | undefined;
  readonly commandTimeout: number;
  readonly monitor?: LineMonitor | undefined;
  readonly startup: StartupOptions;
  readonly pinMemory: PinMemory;
  readonly routes: UrcRoutes;
  /** Whether both ports are used in parallel. */
  readonly isParallel: boolean;
  readonly secondary?: SecondaryPort | undefined;
}

/** Which of two ports receives the URCs of the module. */
export interface UrcRoutes {
  /** The port that receives the URCs of a socket, if known. */
  portOf(socketId: number): Transport | undefined;
}

/** The second port of the module, which may replace a lost port. */
export interface SecondaryPort {
  /** A session started or ended. */
  serve(): void;
  readonly isReady: boolean;
  /**
   * Exchanges the lost port for the second port, if that works.
   * @returns the second port, closed
   */
  swap(lost: Transport): Promise<Transport | undefined>;
}

export interface SupervisorObserver extends Pick<StartupObserver, 'onProblem'>, SessionObserver {
  /** @param reason of a change to a worse state */
  onState(state: LinkState, reason?: Error): void;
  /** The obstacle to the required mobile network changed; `undefined`: there is none. */
  onObstacle(obstacle: Obstacle | undefined): void;
  /** Something takes longer than usual. */
  onWarning(text: string): void;
  onSession(session: Session): void;
  onSessionEnd(): void;
  /** The module restarts: all its sockets are closed. */
  onRestart(): void;
  /** A URC was received. @param port that received it */
  onUrc(urc: SocketUrc, line: string, port: Transport): void;
  /** URCs may have been lost. */
  onResync(): void;
  /** A URC may be part of a text of others. */
  onDoubtfulUrc(): void;
}

/**
 * - `doubt`: the module may have restarted. The next session finds out which sockets are still open.
 * - `failure`: the port must be reopened.
 */
interface End {
  readonly cause: 'doubt' | 'failure';
  readonly reason: Error;
}

/** How long closing the port waits for the response to a PIN entry, in ms. */
const PIN_LIMIT = 2000;

export class Supervisor {
  private isStopping = false;
  /** Socket commands of the last session. */
  private commands: SocketCommands | undefined;
  private running: Promise<void> | undefined;
  private port: Port | undefined;
  private access: Access | undefined;
  private wasReady = false;
  private finish: (end: End) => void = () => undefined;
  private wake: (() => void) | undefined;
  private readonly backoff: Backoff;
  private readonly decoder: UrcDecoder;
  private readonly restartSigns: RestartSigns;
  private readonly garbled: GarbledAnswers;

  constructor(
    private readonly options: SupervisorOptions,
    private readonly observer: SupervisorObserver,
  ) {
    const { clock, current, families } = options;
    this.backoff = new Backoff(clock, () => options.random());
    this.decoder = new UrcDecoder({ clock, current, families });
    this.restartSigns = new RestartSigns({
      current,
      onDoubt: (reason) => this.finish({ cause: 'doubt', reason }),
      onRestart: () => observer.onRestart(),
    });
    this.garbled = new GarbledAnswers({
      onFailure: (reason) => this.finish({ cause: 'failure', reason }),
      onWarning: (text) => observer.onWarning(text),
    });
  }

  private get current(): CurrentLink {
    return this.options.current;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves once the port is closed. Sends nothing to the module. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.current.isFailingOver = false;
    const entering = this.access?.finish();
    if (entering) await within(this.options.clock, PIN_LIMIT, entering);
    this.port?.giveUp(new Error('the modem was stopped'));
    this.wake?.();
    await this.running;
    this.observer.onState('stopped');
  }

  private async run(): Promise<void> {
    for (;;) {
      const reason = await this.connect().catch((error: unknown) => error as Error);
      if (this.isStopping) return;
      this.observer.onState('offline', reason);
      const { isFirst } = this.backoff;
      const delay = this.backoff.next();
      const isAtOnce = (await this.failOver()) && isFirst;
      if (!isAtOnce && !(await this.pause(delay))) return;
    }
  }

  /**
   * Switches to the second port, if there is one.
   * @returns whether to connect without delay: only if there was a session since the last switch
   */
  private async failOver(): Promise<boolean> {
    const { wasReady } = this;
    this.wasReady = false;
    const other = await this.options.secondary?.swap(this.current.port);
    this.current.isFailingOver &&= other !== undefined;
    if (!other) return false;
    this.current.port = other;
    return wasReady;
  }

  /** Opens the port once and uses it until it fails. Always rejects. */
  private async connect(): Promise<never> {
    const { clock, current } = this.options;
    const onData = (chunk: Buffer): void => current.channel?.receive(chunk);
    const port = new Port({ clock, transport: current.port, onData });
    this.port = port;
    if (this.isStopping) throw new Error('the modem was stopped');
    this.restartSigns.onPortOpening();
    this.observer.onState('connecting');
    const gone = port.gone.then((reason): End => ({ cause: 'failure', reason }));
    return port.use(async (link) => {
      for (;;) {
        const { cause, reason } = await this.converse(link, gone);
        if (cause === 'failure') throw reason;
      }
    });
  }

  /** One session on an open port, including start-up. */
  private async converse(link: Link, gone: Promise<End>): Promise<End> {
    const { clock, commandTimeout, current, families, monitor, secondary } = this.options;
    const { port } = current;
    let finish: (end: End) => void = () => undefined;
    const ended = new Promise<End>((resolve) => (finish = resolve));
    this.finish = finish;
    const channel = new Channel(link, {
      clock,
      timeout: commandTimeout,
      isUnsolicited: (line) => isUnsolicited(line, families),
      monitor,
      onUnsolicited: (line) => this.onUnsolicited(line, port),
      onEcho: (text) => this.restartSigns.onEcho(text),
      onResult: (command, result, lines) => this.access?.noteResult(command, result, lines),
      onResync: () => this.observer.onResync(),
      onGarbled: (inARow) => this.garbled.note(inARow),
      onFailed: (reason) => finish({ cause: 'failure', reason }),
    });
    current.channel = channel;
    this.observer.onState('initializing');
    const startup = this.startSession(channel).catch((reason: unknown) =>
      finish({ cause: 'failure', reason: reason as Error }),
    );
    const end = await Promise.race([gone, ended]);
    const { session } = current;
    current.isFailingOver = end.cause === 'failure' && !this.isStopping && secondary?.isReady === true;
    current.end();
    if (session) session.end(end.reason);
    else channel.close(end.reason);
    this.wake?.();
    this.access?.stop();
    await startup;
    if (session) {
      this.observer.onSessionEnd();
      secondary?.serve();
    }
    return end;
  }

  private async startSession(channel: Channel): Promise<void> {
    const { clock, commandTimeout, current, families, foundFamily, isParallel, routes, secondary, startup } =
      this.options;
    const isCurrent = () => current.channel === channel;
    const pause = (ms: number) => (isCurrent() ? this.pause(ms) : Promise.resolve(false));
    const observer: StartupObserver = {
      onInStep: () => (current.isInStep = isCurrent()),
      onProblem: (error) => this.observer.onProblem(error),
      onBooting: () => this.observer.onState('booting'),
      onUnsupported: () => this.observer.onState('unsupported'),
    };
    const access = this.newAccess(channel);
    this.access = access;
    const known = {
      all: families,
      before: this.commands,
      profile: this.options.profile(),
      found: foundFamily,
    };
    const commands = await startUp(channel, access, pause, known, startup, observer);
    // The channel may have been replaced while the last response was processed.
    if (!isCurrent()) return;
    const lines = new Lines(channel, {
      clock,
      patience: commandTimeout / 5,
      hasSecond: secondary !== undefined,
      isParallel,
      isReportedToSecond: (socketId) => {
        const port = routes.portOf(socketId);
        return port !== undefined && port !== current.port;
      },
    });
    this.commands = commands;
    const session = new Session(lines, commands, clock, this.observer);
    current.session = session;
    this.backoff.noteWorking();
    this.wasReady = true;
    this.restartSigns.onSession();
    this.observer.onState('ready');
    this.observer.onSession(session);
    secondary?.serve();
  }

  private newAccess(channel: Channel): Access {
    const { clock, pinMemory, startup } = this.options;
    const options = { clock, pin: startup.pin, memory: pinMemory, needsNetwork: needsNetwork(startup) };
    return new Access(channel, options, {
      onObstacle: (obstacle) => this.onObstacle(obstacle),
      onWarning: (text) => this.observer.onWarning(text),
    });
  }

  /** If the network is not needed, only a locked SIM is reported. */
  private onObstacle(obstacle: Obstacle | undefined): void {
    if (needsNetwork(this.options.startup)) this.observer.onObstacle(obstacle);
    else if (obstacle?.state !== 'locked') return;
    else if (this.current.session) this.observer.onProblem(obstacle.reason);
    else this.observer.onState('locked', obstacle.reason);
  }

  /** A URC was received. @param port that received it: the first or the second port */
  onUnsolicited(line: string, port: Transport): void {
    const decoded = this.decoder.decode(line);
    if (!decoded) this.observer.onDoubtfulUrc();
    const heard = decoded ?? { event: 'other', line };
    const urc = this.current.session?.onUrc(heard) ?? heard;
    this.access?.noteLine(line);
    this.observer.onUrc(urc, line, port);
    this.restartSigns.onLine(line);
  }

  /** Waits until the time is over or `wake` is called. Resolves with whether to continue. */
  private pause(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.isStopping) return resolve(false);
      const cancel = this.options.clock.after(ms, () => resolve(true));
      this.wake = () => {
        cancel();
        resolve(false);
      };
    });
  }
}
