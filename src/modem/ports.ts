import type { Channel } from '../at';
import { isUnsolicited } from '../qfwd';
import { toQfwdError } from './errors';
import type { Journal } from './journal';
import type { LineTap } from './line-tap';
import { type Lending, Listener } from './listener';
import type { ModemEnvironment, ModemOptions } from './options';
import type { Session } from './session';
import { Supervisor, type SupervisorObserver } from './supervisor';

export interface PortsHost {
  readonly options: ModemOptions;
  readonly environment: ModemEnvironment;
  readonly tap: LineTap;
  readonly journal: Journal;
}

/** The one or two ports of a module: one that sessions are held on, and one that is listened to, and may help. */
export class Ports {
  private readonly supervisor: Supervisor;
  private readonly listener: Listener | undefined;
  private isPinRefused = false;

  constructor(
    private readonly host: PortsHost,
    private readonly observer: SupervisorObserver,
  ) {
    this.supervisor = this.newSupervisor();
    this.listener = this.newListener();
  }

  get session(): Session | undefined {
    return this.supervisor.session;
  }

  /** The line to the module, be there a session or not. */
  get channel(): Channel | undefined {
    return this.supervisor.channel;
  }

  start(): void {
    this.supervisor.start();
    this.listener?.start();
  }

  /** Resolves once they are closed. */
  async stop(): Promise<void> {
    await Promise.all([this.supervisor.stop(), this.listener?.stop()]);
  }

  private newSupervisor(): Supervisor {
    const { observer } = this;
    const { environment, journal, options, tap } = this.host;
    return new Supervisor(
      {
        clock: environment.clock,
        transport: tap.on(environment.transport),
        random: () => environment.random(),
        commandTimeout: options.commandTimeout,
        monitor: journal.first,
        startup: () => ({ ...options, pin: this.isPinRefused ? undefined : options.pin }),
        exchange: options.parallel ? (lost) => this.listener?.exchange(lost) : undefined,
      },
      {
        ...observer,
        onSession: (session) => {
          observer.onSession(session);
          this.listener?.serve();
        },
        onSessionEnd: () => {
          observer.onSessionEnd();
          this.listener?.serve();
        },
        onPinRefused: () => {
          this.isPinRefused = true;
          observer.onPinRefused();
        },
      },
    );
  }

  private newListener(): Listener | undefined {
    const { environment, options, tap } = this.host;
    const { clock, secondTransport } = environment;
    if (!secondTransport) return undefined;
    return new Listener({
      clock,
      random: () => environment.random(),
      // It may come in for the first.
      transport: options.parallel ? tap.on(secondTransport) : secondTransport,
      lending: options.parallel ? this.lending() : undefined,
      onLine: (line) => this.supervisor.hear(line, true),
      onProblem: (error) => this.observer.onProblem(toQfwdError(error)),
    });
  }

  private lending(): Lending {
    const { environment, journal, options } = this.host;
    return {
      channel: {
        clock: environment.clock,
        timeout: options.commandTimeout,
        isUnsolicited,
        monitor: journal.second,
        onResync: () => this.observer.onResync(),
      },
      session: () => this.session,
    };
  }
}
