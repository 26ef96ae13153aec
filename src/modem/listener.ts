import { type Clock, type Link, Scanner, type Transport, within } from '../at';
import { Backoff } from './backoff';

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

  /** Resolves once the port is closed. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.isWanted()) {
      const reason = await this.listen().catch((error: unknown) => error as Error);
      if (!this.isWanted()) return;
      if (!this.hasComplained) this.options.onProblem(reason);
      this.hasComplained = true;
      await within(this.options.clock, this.backoff.next(), this.untilWoken());
    }
  }

  /** One opening of the port. Resolves with the reason of its end. */
  private async listen(): Promise<Error> {
    const scanner = new Scanner();
    let end: (reason: Error) => void = () => undefined;
    const gone = new Promise<Error>((resolve) => (end = resolve));
    const link: Link = await this.options.transport.open({
      data: (chunk) => {
        scanner.feed(chunk);
        for (let token = scanner.next({}); token; token = scanner.next({})) {
          if (token.type === 'line') this.options.onLine(token.text);
        }
      },
      closed: (reason) => end(reason),
    });
    this.backoff.reset();
    this.hasComplained = false;
    const reason = await Promise.race([gone, this.untilWoken()]);
    await link.close();
    return reason ?? new Error('the modem was stopped');
  }

  private isWanted(): boolean {
    return !this.isStopping;
  }

  private untilWoken(): Promise<undefined> {
    return new Promise((resolve) => {
      this.wake = () => resolve(undefined);
      if (this.isStopping) resolve(undefined);
    });
  }
}
