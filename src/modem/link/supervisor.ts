/**
 * Keeps a session with the module, whatever happens to the port, the cable and the module:
 *
 *     offline ─▶ connecting ─▶ initialising ─▶ ready ──(module restarts)──▶ initialising
 *        ▲            │              │           │
 *        └─ back-off ─┴── port fails, module silent
 */
import { Channel, type Clock, type LineMonitor, type Link, type Transport, within } from '../../at';
import type { SocketCommands, SocketFamily, SocketUrc } from '../../sockets';
import { Access, type Obstacle } from './access';
import { Backoff } from './backoff';
import type { CurrentLink } from './current-link';
import { Lines } from './lines';
import type { LinkState } from './link-state';
import { isModuleUrc, isPowerDown, isStart, isTextMessage } from './module-urc';
import type { PinMemory } from './pin-memory';
import { Port } from './port';
import { Session } from './session';
import { ECHO_OFF, needsNetwork, type StartupObserver, type StartupOptions, startUp } from './startup';

export interface SupervisorOptions {
  readonly clock: Clock;
  random(): number;
  /** Its port is opened; a session that begins or ends is noted in it. */
  readonly current: CurrentLink;
  /** What the module may know, the one that is preferred first. */
  readonly families: readonly SocketFamily[];
  readonly commandTimeout: number;
  readonly monitor?: LineMonitor | undefined;
  readonly startup: StartupOptions;
  readonly pinMemory: PinMemory;
  readonly routes: UrcRoutes;
  /** Whether both ports are used at once. */
  readonly isParallel: boolean;
  readonly secondary?: SecondaryPort | undefined;
}

/** To which of two ports the module sends its URCs. */
export interface UrcRoutes {
  /** Those of a socket, as far as is known. */
  portOf(socketId: number): Transport | undefined;
}

/** Another port of the module, which may be able to replace the one that is lost. */
export interface SecondaryPort {
  /** A session has begun, or ended. */
  serve(): void;
  readonly isReady: boolean;
  /**
   * Gives the second port for the one that was lost, if it works.
   * @returns the second one, closed
   */
  swap(lost: Transport): Promise<Transport | undefined>;
}

export interface SupervisorObserver extends Pick<StartupObserver, 'onProblem'> {
  /** @param reason why, when it is not for the better */
  onState(state: LinkState, reason?: Error): void;
  /** The mobile network is needed, and this is in the way, or nothing is any more. */
  onObstacle(obstacle: Obstacle | undefined): void;
  /** Something takes longer than usual. */
  onWarning(text: string): void;
  onSession(session: Session): void;
  onSessionEnd(): void;
  /** The module restarts: whatever was open in it is gone. */
  onRestart(): void;
  /** An unsolicited result code. @param port to which it came */
  onUrc(urc: SocketUrc, line: string, port: Transport): void;
  /** URCs may have been lost. */
  onResync(): void;
  /** Sockets are open, and not one URC was heard of them. */
  onSilence(): void;
}

/**
 * - `doubt`: the module may have restarted. What is still open will be seen.
 * - `failure`: the port is to be opened anew.
 */
interface End {
  readonly cause: 'doubt' | 'failure';
  readonly reason: Error;
}

/** Reports that come so soon after a text message are not believed, as they may be part of it. In ms. */
const TEXT_NEARBY = 500;

/** A PIN whose answer is due may have so many ms before the port is closed. */
const PIN_LIMIT = 2000;

export class Supervisor {
  private isStopping = false;
  /** Of the last session. */
  private commands: SocketCommands | undefined;
  private running: Promise<void> | undefined;
  private port: Port | undefined;
  private access: Access | undefined;
  /** What the module at this port does about ATE0, as far as is known since the port was opened. */
  private echo: 'unknown' | 'off' | 'always' = 'unknown';
  /** The module said that it starts, or powers down. Text that others send it may say so, too. */
  private isRestartSaid = false;
  /** When a text message came last, on the clock. */
  private textAt = -Infinity;
  private wasReady = false;
  private finish: (end: End) => void = () => undefined;
  private wake: (() => void) | undefined;
  private readonly backoff: Backoff;

  constructor(
    private readonly options: SupervisorOptions,
    private readonly observer: SupervisorObserver,
  ) {
    this.backoff = new Backoff(options.clock, () => options.random());
  }

  private get current(): CurrentLink {
    return this.options.current;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves once the port is closed. Nothing is sent to the module. */
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
   * Goes on at another port, if there is one.
   * @returns whether at once: what has not worked since the last time waits all the same
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

  /** One opening of the port, until it ends. Always rejects. */
  private async connect(): Promise<never> {
    const { clock, current } = this.options;
    const onData = (chunk: Buffer): void => current.channel?.receive(chunk);
    const port = new Port({ clock, transport: current.port, onData });
    this.port = port;
    if (this.isStopping) throw new Error('the modem was stopped');
    this.echo = 'unknown';
    this.observer.onState('connecting');
    const gone = port.gone.then((reason): End => ({ cause: 'failure', reason }));
    return port.use(async (link) => {
      for (;;) {
        const { cause, reason } = await this.converse(link, gone);
        if (cause === 'failure') throw reason;
      }
    });
  }

  /** One life of the module behind an open port. */
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
      onEcho: (text) => this.onEcho(text),
      onResult: (command, result) => this.access?.noteResult(command, result),
      onResync: () => this.observer.onResync(),
      onFailed: (reason) => finish({ cause: 'failure', reason }),
    });
    current.channel = channel;
    this.observer.onState('initialising');
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
    const { clock, commandTimeout, current, families, isParallel, routes, secondary, startup } = this.options;
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
    const commands = await startUp(channel, access, pause, families, startup, observer, this.commands);
    // The end may have come in the very moment of the last answer.
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
    const session = new Session(lines, commands, clock, () => this.observer.onSilence());
    current.session = session;
    this.backoff.noteWorking();
    this.wasReady = true;
    this.isRestartSaid = false;
    if (this.echo === 'unknown') this.echo = 'off';
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

  /** What does without the mobile network goes on, but a person should know of a locked SIM. */
  private onObstacle(obstacle: Obstacle | undefined): void {
    if (needsNetwork(this.options.startup)) this.observer.onObstacle(obstacle);
    else if (obstacle?.state !== 'locked') return;
    else if (this.current.session) this.observer.onProblem(obstacle.reason);
    else this.observer.onState('locked', obstacle.reason);
  }

  /** The module echoed a command. */
  private onEcho(text: string): void {
    const { session } = this.current;
    if (session && this.echo === 'off') {
      this.finish({ cause: 'doubt', reason: new Error('the module has lost its settings') });
    } else if (!session && text !== ECHO_OFF) {
      this.echo = 'always';
    } else if (!session && this.echo === 'off' && this.isRestartSaid) {
      // Its echo was off, and it said that it restarts: whatever was open is gone.
      this.isRestartSaid = false;
      this.observer.onRestart();
    }
  }

  /** An unsolicited result code. @param port to which it came: this one, or another of the module */
  onUnsolicited(line: string, port: Transport): void {
    const urc = this.believed(decodeUrc(line, this.options.families), line);
    this.current.session?.onUrc(urc);
    this.access?.noteLine(line);
    this.observer.onUrc(urc, line, port);
    if (!isStart(line) && !isPowerDown(line)) return;
    this.isRestartSaid = true;
    const text = isStart(line) ? 'the module says that it restarts' : 'the module says that it powers down';
    this.finish({ cause: 'doubt', reason: new Error(text) });
  }

  /** What a report says; `other` if others may have written it, and the lists of the module tell what is so. */
  private believed(urc: SocketUrc, line: string): SocketUrc {
    const now = this.options.clock.now();
    if (isTextMessage(line)) this.textAt = now;
    const isListed = urc.event === 'client/incoming' || urc.event === 'client/close';
    if (!isListed || now - this.textAt > TEXT_NEARBY) return urc;
    this.observer.onResync();
    return { event: 'other', line };
  }

  /** Waits, unless woken. Tells whether to go on afterwards. */
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

/** Whether a line never belongs to an answer, whatever commands the module knows. */
export function isUnsolicited(line: string, families: readonly SocketFamily[]): boolean {
  return isModuleUrc(line) || families.some((family) => family.isUnsolicited(line));
}

function decodeUrc(line: string, families: readonly SocketFamily[]): SocketUrc {
  for (const family of families) {
    const urc = family.decodeUrc(line);
    if (urc.event !== 'other') return urc;
  }
  return { event: 'other', line };
}
