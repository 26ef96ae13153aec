/**
 * Keeps a session with the module, whatever happens to the port, the cable and the module:
 *
 *     offline ─▶ connecting ─▶ initialising ─▶ ready ──(module restarts)──▶ initialising
 *        ▲            │              │           │
 *        └─ back-off ─┴── port fails, module silent
 */
import { Channel, type Clock, type LineMonitor, type Link, type Transport } from '../../at';
import type { SocketCommands, SocketFamily, SocketUrc } from '../../sockets';
import { Backoff } from './backoff';
import type { CurrentLink } from './current-link';
import { Lines } from './lines';
import type { LinkState } from './link-state';
import { isModuleUrc, isPowerDown, isStart } from './module-urc';
import { Port } from './port';
import { Session } from './session';
import { ECHO_OFF, type StartupObserver, type StartupOptions, startUp } from './startup';

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

export interface SupervisorObserver extends Omit<StartupObserver, 'onInStep' | 'onLocked' | 'onUnsupported'> {
  /** @param reason why, when it is not for the better */
  onState(state: LinkState, reason?: Error): void;
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
 * - `restart`: the module said so, and all that was open in it is gone.
 * - `doubt`: it looks like one. What is still open will be seen.
 * - `failure`: the port is to be opened anew.
 */
interface End {
  readonly cause: 'restart' | 'doubt' | 'failure';
  readonly reason: Error;
}

export class Supervisor {
  private isStopping = false;
  private isPinRefused = false;
  /** Of the last session. */
  private commands: SocketCommands | undefined;
  private running: Promise<void> | undefined;
  private port: Port | undefined;
  private wasReady = false;
  private finish: (end: End) => void = () => undefined;
  private wake: (() => void) | undefined;
  private readonly backoff: Backoff;

  constructor(
    private readonly options: SupervisorOptions,
    private readonly observer: SupervisorObserver,
  ) {
    this.backoff = new Backoff(() => options.random());
  }

  private get current(): CurrentLink {
    return this.options.current;
  }

  private get startup(): StartupOptions {
    const { startup } = this.options;
    return this.isPinRefused ? { ...startup, pin: undefined } : startup;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves once the port is closed. Nothing is sent to the module. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.current.isFailingOver = false;
    this.port?.giveUp(new Error('the modem was stopped'));
    this.wake?.();
    await this.running;
    this.observer.onState('stopped');
  }

  private async run(): Promise<void> {
    do {
      const reason = await this.connect().catch((error: unknown) => error as Error);
      if (this.isStopping) return;
      this.observer.onState('offline', reason);
    } while ((await this.failOver()) || (await this.pause(this.backoff.next())));
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
    /** The module did not do as told by ATE0. */
    let echoesAlways = false;
    const onEcho = (text: string): void => {
      if (!current.session) echoesAlways = text !== ECHO_OFF;
      else if (!echoesAlways)
        finish({ cause: 'doubt', reason: new Error('the module has lost its settings') });
    };
    const channel = new Channel(link, {
      clock,
      timeout: commandTimeout,
      isUnsolicited: (line) => isUnsolicited(line, families),
      monitor,
      onUnsolicited: (line) => this.onUnsolicited(line, port),
      onEcho,
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
    await startup;
    if (session) {
      this.observer.onSessionEnd();
      secondary?.serve();
    }
    if (end.cause === 'restart') this.observer.onRestart();
    return end;
  }

  private async startSession(channel: Channel): Promise<void> {
    const { clock, commandTimeout, current, families, isParallel, routes, secondary } = this.options;
    const isCurrent = () => current.channel === channel;
    const pause = (ms: number) => (isCurrent() ? this.pause(ms) : Promise.resolve(false));
    const observer: StartupObserver = {
      onInStep: () => (current.isInStep = isCurrent()),
      onProblem: (error) => this.observer.onProblem(error),
      onPinRefused: () => {
        this.isPinRefused = true;
        this.observer.onPinRefused();
      },
      onWarning: (text) => this.observer.onWarning(text),
      onLocked: (reason) => this.observer.onState('locked', reason),
      onUnsupported: () => this.observer.onState('unsupported'),
    };
    const commands = await startUp(channel, pause, families, this.startup, observer, this.commands);
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
    this.backoff.reset();
    this.wasReady = true;
    this.observer.onState('ready');
    this.observer.onSession(session);
    secondary?.serve();
  }

  /** An unsolicited result code. @param port to which it came: this one, or another of the module */
  onUnsolicited(line: string, port: Transport): void {
    const urc = decodeUrc(line, this.options.families);
    this.current.session?.onUrc(urc);
    this.observer.onUrc(urc, line, port);
    if (isStart(line)) this.finish({ cause: 'restart', reason: new Error('the module restarted') });
    else if (isPowerDown(line))
      this.finish({ cause: 'restart', reason: new Error('the module powers down') });
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
