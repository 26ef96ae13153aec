import { Channel, type ChannelOptions, type Clock, type Link, type Transport, within } from '../../at';
import { Backoff } from './backoff';
import type { CurrentLink } from './current-link';
import { Port } from './port';
import { isSameModule, setUpPort } from './startup';

export interface ListenerOptions {
  readonly clock: Clock;
  random(): number;
  readonly transport: Transport;
  /** Channel options for URCs and commands. */
  readonly channel: Omit<ChannelOptions, 'onUnsolicited' | 'onFailed'>;
  readonly current: CurrentLink;
  /** Whether the port must run commands. If not and its setup fails, it still receives URCs. */
  readonly isParallel: boolean;
  /** @param port that received the line */
  onLine(line: string, port: Transport): void;
  /** The session can now run commands on the port. */
  onUsable(port: Transport): void;
  /** The port stopped working. */
  onLost(port: Transport): void;
  /** The port cannot be opened, or was lost; reported once until it has worked for some seconds. */
  onProblem(error: Error): void;
}

export const ANOTHER = 'the second port belongs to another module: give one of the same module, or none';

/**
 * The second AT port of the module. It receives URCs and lets the session run commands on it, such as reading the
 * sockets whose URCs arrive there. It is reopened whenever it is lost.
 */
export class Listener {
  private readonly backoff: Backoff;
  private transport: Transport;
  private port: Port | undefined;
  /** Set while the port is open. */
  private link: Link | undefined;
  /** Set while a session uses the port. */
  private channel: Channel | undefined;
  private isStopping = false;
  private hasFailed = false;
  /** Why the port could not be used; `undefined` once it works. */
  reason: Error | undefined;
  /** The port belongs to another module. */
  private isForeign = false;
  private running: Promise<void> | undefined;
  /** Resolves once the port is closed. */
  private listening: Promise<unknown> | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly options: ListenerOptions) {
    this.transport = options.transport;
    this.backoff = new Backoff(options.clock, () => options.random());
  }

  get name(): string {
    return this.transport.name;
  }

  get isOpen(): boolean {
    return this.link !== undefined;
  }

  /** Whether this port can replace the first port. */
  get isReady(): boolean {
    if (!this.options.isParallel) return false;
    return this.link !== undefined && !this.hasFailed && !this.isForeign;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves once the port is closed, or closing has taken too long. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.port?.giveUp(new Error('the modem was stopped'));
    this.wake();
    await this.running;
  }

  /** A session started or ended. */
  serve(): void {
    this.channel?.close(new Error('the session is over'));
    const { port, link } = this;
    if (port && link) this.options.current.session?.lines.expect(this.setUp(port, link));
  }

  /**
   * Closes its port and continues with another one.
   * @returns the closed port; `undefined` if this port cannot be given up
   */
  async swap(transport: Transport): Promise<Transport | undefined> {
    if (!this.options.isParallel || !this.link || this.isForeign) return undefined;
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
      this.reason = reason;
      if (this.backoff.isFirst) this.options.onProblem(reason);
      await within(this.options.clock, this.backoff.next(), new Promise<void>((wake) => (this.wake = wake)));
    }
  }

  /** Opens the port once. Resolves with the reason why it was closed. */
  private listen(): Promise<Error> {
    const { transport } = this;
    const { clock } = this.options;
    /** Receives URCs while no session uses the port; writes nothing. */
    let passive: Channel | undefined;
    const onData = (chunk: Buffer): void => (this.channel ?? passive)?.receive(chunk);
    const port = new Port({ clock, transport, onData });
    this.port = port;
    return port.use(async (link) => {
      this.link = link;
      passive = new Channel(link, {
        ...this.options.channel,
        onUnsolicited: (line) => !this.isForeign && this.options.onLine(line, transport),
        onFailed: (reason) => port.giveUp(reason),
      });
      if (this.options.current.session) this.serve();
      else this.noteWorking();
      const reason = await port.gone;
      this.link = undefined;
      if (transport === this.transport) this.noteLost();
      this.channel?.close(reason);
      passive.close(reason);
      return reason;
    });
  }

  /** Lets the current session run commands on this port, once the module answers. */
  private async setUp(port: Port, link: Link): Promise<void> {
    const { transport } = this;
    const { current, isParallel } = this.options;
    const { session } = current;
    if (!session) return;
    /** URCs received before it is known whether the port belongs to the same module. */
    let early: string[] | undefined = isParallel ? [] : undefined;
    let isUsable = false;
    const channel = new Channel(link, {
      ...this.options.channel,
      onUnsolicited: (line) => {
        if (early) early.push(line);
        else if (!this.isForeign) this.options.onLine(line, transport);
      },
      onFailed: (reason) => {
        if (isUsable) port.giveUp(reason);
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
      // The session ended or the port was closed meanwhile.
      if (this.link !== link || session !== current.session) return;
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
    isUsable = true;
    for (const line of heard) this.options.onLine(line, transport);
    this.noteWorking();
    session.lines.join(channel);
    this.options.onUsable(transport);
  }

  private noteWorking(): void {
    this.backoff.noteWorking();
    this.noteFailed(false);
    this.reason = undefined;
  }

  private noteLost(): void {
    this.noteFailed(true);
    if (!this.isStopping) this.options.onLost(this.transport);
  }

  private noteFailed(hasFailed: boolean): void {
    this.hasFailed = hasFailed;
    this.options.current.lostPort = hasFailed ? this.transport : undefined;
  }

  private isWanted(): boolean {
    return !this.isStopping;
  }
}
