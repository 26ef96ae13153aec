/**
 * Keeps a session with the module, whatever happens to the port, the cable and the module:
 *
 *     offline ─▶ connecting ─▶ initialising ─▶ ready ──(module restarts)──▶ initialising
 *        ▲            │              │           │
 *        └─ back-off ─┴── port fails, module silent
 */
import { Channel, type Clock, type LineMonitor, type Link, type Transport } from '../at';
import { isPowerDown, isStart, isUnsolicited, parseUrc, type Urc, type UrcPort } from '../qfwd';
import { Backoff } from './backoff';
import { Lines } from './lines';
import type { LinkState } from './link-state';
import { Port } from './port';
import { Session } from './session';
import { ECHO_OFF, type StartupObserver, type StartupOptions, startUp } from './startup';

export interface SupervisorOptions {
  readonly clock: Clock;
  random(): number;
  readonly transport: Transport;
  readonly commandTimeout: number;
  readonly monitor?: LineMonitor | undefined;
  startup(): StartupOptions;
  /** To which port the module reports what happens to a socket, as far as is known. */
  reportsOf(socketId: number): Transport | undefined;
  /** See {@link Session.destination}. */
  destination(wanted: UrcPort): UrcPort;
  /** Another port of the module, which can come in for the one that is lost. */
  readonly reserve?: Reserve | undefined;
}

export interface Reserve {
  readonly isReady: boolean;
  /**
   * Gives the other port for the one that was lost, if there is one that works.
   * @returns the other one, closed
   */
  exchange(lost: Transport): Promise<Transport | undefined>;
}

export interface SupervisorObserver extends Omit<StartupObserver, 'onLocked' | 'onUnsupported'> {
  /** @param reason why, when it is not for the better */
  onState(state: LinkState, reason?: Error): void;
  onSession(session: Session): void;
  onSessionEnd(): void;
  /** The module restarts: whatever was open in it is gone. */
  onRestart(): void;
  /** @param port to which it came */
  onUrc(urc: Urc, line: string, port: Transport): void;
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
  /** The line to the module, from the moment it is open. */
  channel: Channel | undefined;
  session: Session | undefined;
  /** Another port is about to come in for the one that was lost. */
  isMoving = false;
  private transport: Transport;
  private isStopping = false;
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
    this.transport = options.transport;
    this.backoff = new Backoff(() => options.random());
  }

  /** The port in use, or the next to be tried. */
  get current(): Transport {
    return this.transport;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves once the port is closed. Nothing is sent to the module. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.isMoving = false;
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
    } while ((await this.move()) || (await this.pause(this.backoff.next())));
  }

  /**
   * Goes on at another port, if there is one.
   * @returns whether at once: what has not worked since the last time waits all the same
   */
  private async move(): Promise<boolean> {
    const { wasReady } = this;
    this.wasReady = false;
    const other = await this.options.reserve?.exchange(this.transport);
    this.isMoving &&= other !== undefined;
    if (!other) return false;
    this.transport = other;
    return wasReady;
  }

  /** One opening of the port, until it ends. Always rejects. */
  private async connect(): Promise<never> {
    const { transport } = this;
    const { clock } = this.options;
    const port = new Port({ clock, transport, onData: (chunk) => this.channel?.receive(chunk) });
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
    const { transport } = this;
    const { clock, commandTimeout, monitor } = this.options;
    let finish: (end: End) => void = () => undefined;
    const ended = new Promise<End>((resolve) => (finish = resolve));
    this.finish = finish;
    /** The module did not do as told by ATE0. */
    let echoesAlways = false;
    const onEcho = (text: string): void => {
      if (!this.session) echoesAlways = text !== ECHO_OFF;
      else if (!echoesAlways)
        finish({ cause: 'doubt', reason: new Error('the module has lost its settings') });
    };
    const channel = new Channel(link, {
      clock,
      timeout: commandTimeout,
      isUnsolicited,
      monitor,
      onUnsolicited: (line) => this.hear(line, transport),
      onEcho,
      onResync: () => this.observer.onResync(),
      onFailed: (reason) => finish({ cause: 'failure', reason }),
    });
    this.channel = channel;
    this.observer.onState('initialising');
    const startup = this.startSession(channel).catch((reason: unknown) =>
      finish({ cause: 'failure', reason: reason as Error }),
    );
    const end = await Promise.race([gone, ended]);
    const { session } = this;
    this.isMoving = end.cause === 'failure' && !this.isStopping && this.options.reserve?.isReady === true;
    this.session = undefined;
    this.channel = undefined;
    if (session) session.end(end.reason);
    else channel.close(end.reason);
    this.wake?.();
    await startup;
    if (session) this.observer.onSessionEnd();
    if (end.cause === 'restart') this.observer.onRestart();
    return end;
  }

  private async startSession(channel: Channel): Promise<void> {
    const { clock } = this.options;
    const isCurrent = () => this.channel === channel;
    const pause = (ms: number) => (isCurrent() ? this.pause(ms) : Promise.resolve(false));
    const dialect = await startUp(channel, pause, this.options.startup(), {
      onProblem: (error) => this.observer.onProblem(error),
      onPinRefused: () => this.observer.onPinRefused(),
      onWarning: (text) => this.observer.onWarning(text),
      onLocked: (reason) => this.observer.onState('locked', reason),
      onUnsupported: () => this.observer.onState('unsupported'),
    });
    // The end may have come in the very moment of the last answer.
    if (!isCurrent()) return;
    const lines = new Lines(channel, {
      clock,
      patience: this.options.commandTimeout / 5,
      isReportedToSecond: (socketId) => {
        const port = this.options.reportsOf(socketId);
        return port !== undefined && port !== this.transport;
      },
    });
    this.session = new Session(
      lines,
      dialect,
      clock,
      () => this.observer.onSilence(),
      (wanted) => this.options.destination(wanted),
    );
    this.backoff.reset();
    this.wasReady = true;
    this.observer.onState('ready');
    this.observer.onSession(this.session);
  }

  /** A line that the module sent unasked. @param port to which it came: this one, or another of the module */
  hear(line: string, port: Transport): void {
    const urc = parseUrc(line);
    this.session?.hear(urc);
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
