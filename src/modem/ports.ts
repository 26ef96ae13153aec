import type { Channel, Transport } from '../at';
import { isUnsolicited, type UrcPort } from '../qfwd';
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
  /** See `SupervisorOptions`. */
  reportsOf(socketId: number): Transport | undefined;
  destination(wanted: UrcPort): UrcPort;
  /** The second port does not work any more. */
  onLost(port: Transport): void;
  /** It works again. */
  onBack(): void;
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
    this.listener = this.newListener();
    this.supervisor = this.newSupervisor();
  }

  get session(): Session | undefined {
    return this.supervisor.session;
  }

  /** The line to the module, be there a session or not. */
  get channel(): Channel | undefined {
    return this.supervisor.channel;
  }

  /** The one in use, or the next to be tried. */
  get current(): Transport {
    return this.supervisor.current;
  }

  /** The other one of two that are used, while it does not work. */
  get lost(): Transport | undefined {
    return this.host.options.parallel ? this.listener?.lost : undefined;
  }

  /** The one in use was lost, and the other one is about to come in. */
  get isMoving(): boolean {
    return this.supervisor.isMoving;
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
        reserve: options.parallel ? this.listener : undefined,
        reportsOf: (socketId) => this.host.reportsOf(socketId),
        destination: (wanted) => this.host.destination(wanted),
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
      onLine: (line, port) => this.supervisor.hear(line, port),
      onProblem: (error) => this.observer.onProblem(toQfwdError(error)),
    });
  }

  private lending(): Lending {
    const { environment, journal, options } = this.host;
    return {
      channel: {
        clock: environment.clock,
        // There is the first to go on with.
        timeout: options.commandTimeout / 2,
        isUnsolicited,
        monitor: journal.second,
        onResync: () => this.observer.onResync(),
      },
      session: () => this.session,
      onLost: (port) => this.host.onLost(port),
      onBack: () => this.host.onBack(),
    };
  }
}
