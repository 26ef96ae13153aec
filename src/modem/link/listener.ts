import { Channel, type ChannelOptions, type Clock, type Link, type Transport, within } from '../../at';
import { Backoff } from './backoff';
import type { CurrentLink } from './current-link';
import { Port } from './port';
import { isSameModule, setUpPort } from './startup';

export interface ListenerOptions {
  readonly clock: Clock;
  random(): number;
  readonly transport: Transport;
  /** How lines are taken, and commands run. */
  readonly channel: Omit<ChannelOptions, 'onUnsolicited' | 'onFailed'>;
  /** Without it, the port is only listened to. */
  readonly lending?: Lending | undefined;
  /** @param port to which it came */
  onLine(line: string, port: Transport): void;
  /** It cannot be opened, or was lost; told once until it has worked for some seconds. */
  onProblem(error: Error): void;
}

const ANOTHER = 'the second port belongs to another module: give one of the same module, or none';

/** How a session runs commands on it, too. */
export interface Lending {
  readonly current: CurrentLink;
  /** Whether it is of no use without commands; else it is still listened to. */
  readonly isParallel: boolean;
  /** Commands run on it from now on. */
  onLent(port: Transport): void;
  /** It does not work any more. */
  onLost(port: Transport): void;
}

/**
 * Another AT port of the same module, to which URCs may go: listened to, and lent to a session, which reads over it what
 * is reported there. It is opened again whenever it is lost.
 */
export class Listener {
  private readonly backoff: Backoff;
  private transport: Transport;
  private port: Port | undefined;
  /** While the port is open. */
  private link: Link | undefined;
  /** While it is lent. */
  private channel: Channel | undefined;
  private isStopping = false;
  private hasFailed = false;
  /** It was found to belong to another module. */
  private isForeign = false;
  private running: Promise<void> | undefined;
  /** Resolves once the port is closed. */
  private listening: Promise<unknown> | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly options: ListenerOptions) {
    this.transport = options.transport;
    this.backoff = new Backoff(options.clock, () => options.random());
  }

  /** Whether it can come in for another port of the module. */
  get isReady(): boolean {
    if (!this.options.lending?.isParallel) return false;
    return this.link !== undefined && !this.hasFailed && !this.isForeign;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves once the port is closed, or the operating system has had its time for that. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.port?.giveUp(new Error('the modem was stopped'));
    this.wake();
    await this.running;
  }

  /** A session has begun, or ended. */
  serve(): void {
    this.channel?.close(new Error('the session is over'));
    const { port, link } = this;
    if (port && link) this.options.lending?.current.session?.lines.expect(this.lend(port, link));
  }

  /**
   * Gives its port up for another one, which it tries from then on.
   * @returns the port, closed; nothing if it was not open
   */
  async swap(transport: Transport): Promise<Transport | undefined> {
    if (!this.options.lending?.isParallel || !this.link || this.isForeign) return undefined;
    const before = this.transport;
    this.transport = transport;
    this.noteFailed(true);
    this.port?.giveUp(new Error('it is needed elsewhere'));
    await this.listening;
    return before;
  }

  private async run(): Promise<void> {
    while (this.isWanted()) {
      const { transport } = this;
      const listening = this.listen().catch((error: unknown) => error as Error);
      this.listening = listening;
      const reason = await listening;
      if (!this.isWanted()) return;
      if (transport !== this.transport) continue;
      this.noteFailed(true);
      if (this.backoff.isFirst) this.options.onProblem(reason);
      await within(this.options.clock, this.backoff.next(), new Promise<void>((wake) => (this.wake = wake)));
    }
  }

  /** One opening of the port. Resolves with the reason of its end. */
  private listen(): Promise<Error> {
    const { transport } = this;
    const { clock } = this.options;
    /** While the port is only listened to: nothing is written. */
    let ear: Channel | undefined;
    const onData = (chunk: Buffer): void => (this.channel ?? ear)?.receive(chunk);
    const port = new Port({ clock, transport, onData });
    this.port = port;
    return port.use(async (link) => {
      this.link = link;
      ear = new Channel(link, {
        ...this.options.channel,
        onUnsolicited: (line) => !this.isForeign && this.options.onLine(line, transport),
        onFailed: (reason) => port.giveUp(reason),
      });
      if (this.options.lending?.current.session) this.serve();
      else this.noteWorking();
      const reason = await port.gone;
      this.link = undefined;
      if (transport === this.transport) this.noteLost();
      this.channel?.close(reason);
      ear.close(reason);
      return reason;
    });
  }

  /** Lets the session of the moment run commands here, once the module answers. */
  private async lend(port: Port, link: Link): Promise<void> {
    const { transport } = this;
    const { lending } = this.options;
    const session = lending?.current.session;
    if (!lending || !session) return;
    const { isParallel } = lending;
    /** Not to be believed before it is known whose lines they are. */
    let early: string[] | undefined = isParallel ? [] : undefined;
    let isLent = false;
    const channel = new Channel(link, {
      ...this.options.channel,
      onUnsolicited: (line) => {
        if (early) early.push(line);
        else if (!this.isForeign) this.options.onLine(line, transport);
      },
      onFailed: (reason) => {
        if (isLent) port.giveUp(reason);
      },
    });
    this.channel = channel;
    void channel.closed.then(() => {
      if (this.channel === channel) this.channel = undefined;
    });
    try {
      await setUpPort(channel);
      this.isForeign = !(await isSameModule(session.lines, channel));
      if (this.isForeign) throw new Error(ANOTHER);
    } catch (error) {
      // Closed with the session, or with the port.
      if (this.link !== link || session !== lending.current.session) return;
      if (isParallel || this.isForeign) {
        port.giveUp(error as Error);
      } else {
        channel.close(error as Error);
        this.channel = undefined;
        this.noteWorking();
      }
      return;
    }
    const heard = early ?? [];
    early = undefined;
    isLent = true;
    for (const line of heard) this.options.onLine(line, transport);
    this.noteWorking();
    session.lines.join(channel);
    lending.onLent(transport);
  }

  private noteWorking(): void {
    this.backoff.noteWorking();
    this.noteFailed(false);
  }

  private noteLost(): void {
    this.noteFailed(true);
    if (!this.isStopping) this.options.lending?.onLost(this.transport);
  }

  private noteFailed(hasFailed: boolean): void {
    const { lending } = this.options;
    this.hasFailed = hasFailed;
    if (lending) lending.current.lostPort = hasFailed ? this.transport : undefined;
  }

  private isWanted(): boolean {
    return !this.isStopping;
  }
}
