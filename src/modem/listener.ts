import { type Clock, Scanner, type Transport, within } from '../at';
import { Backoff } from './backoff';
import { Port } from './port';

export interface ListenerOptions {
  readonly clock: Clock;
  random(): number;
  readonly transport: Transport;
  onLine(line: string): void;
  /** It cannot be opened, or was lost; told once until it works again. */
  onProblem(error: Error): void;
}

/**
 * Another AT port of the same module, to which URCs may go: listened to, and nothing is sent to it. It is opened again
 * whenever it is lost.
 */
export class Listener {
  private readonly backoff: Backoff;
  private port: Port | undefined;
  private isStopping = false;
  private hasComplained = false;
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly options: ListenerOptions) {
    this.backoff = new Backoff(() => options.random());
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

  private async run(): Promise<void> {
    while (this.isWanted()) {
      const reason = await this.listen().catch((error: unknown) => error as Error);
      if (!this.isWanted()) return;
      if (!this.hasComplained) this.options.onProblem(reason);
      this.hasComplained = true;
      await within(this.options.clock, this.backoff.next(), new Promise<void>((wake) => (this.wake = wake)));
    }
  }

  /** One opening of the port. Resolves with the reason of its end. */
  private listen(): Promise<Error> {
    const { clock, transport } = this.options;
    const scanner = new Scanner();
    const port = new Port({
      clock,
      transport,
      onData: (chunk) => {
        scanner.feed(chunk);
        for (let token = scanner.next({}); token; token = scanner.next({})) {
          if (token.type === 'line') this.options.onLine(token.text);
        }
      },
    });
    this.port = port;
    return port.use(() => {
      this.backoff.reset();
      this.hasComplained = false;
      return port.gone;
    });
  }

  private isWanted(): boolean {
    return !this.isStopping;
  }
}
