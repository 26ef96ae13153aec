import type { Clock, Transport } from '../../at';
import type { Profile, SocketFamily } from '../../sockets';
import { toQfwdError } from '../errors';
import type { CurrentLink } from './current-link';
import type { FoundFamily } from './found-family';
import type { Kept } from './kept';
import type { Journal } from './journal';
import type { LinkObserver } from './link-observer';
import { Listener } from './listener';
import type { PinMemory } from './pin-memory';
import type { StartupOptions } from './startup';
import { Supervisor, type UrcRoutes } from './supervisor';
import { isUnsolicited } from './urc-decoder';

export interface PortsOptions extends StartupOptions {
  /** Time limit for the response to a command, in ms. */
  readonly commandTimeout: number;
  /** Whether the second port also carries data, and replaces the first port if that is lost. */
  readonly parallel?: boolean;
}

export interface PortsHost {
  readonly options: PortsOptions;
  readonly clock: Clock;
  random(): number;
  readonly current: CurrentLink;
  /** Another port of the same module, which may receive its URCs. */
  readonly secondTransport: Transport | undefined;
  readonly families: readonly SocketFamily[];
  readonly foundFamily?: Kept<FoundFamily> | undefined;
  /** The last profile, possibly of another firmware. */
  profile(): Profile | undefined;
  readonly journal: Journal;
  readonly pinMemory: PinMemory;
  readonly routes: UrcRoutes;
}

/** State of the second port. */
export type SecondPort = Pick<Listener, 'name' | 'isOpen' | 'reason'>;

/** The one or two ports of a module: the first runs sessions; the second receives URCs and may run commands. */
export class Ports {
  private readonly supervisor: Supervisor;
  private readonly listener: Listener | undefined;

  constructor(
    private readonly host: PortsHost,
    private readonly observer: LinkObserver,
  ) {
    this.listener = this.newListener();
    this.supervisor = this.newSupervisor();
  }

  /** The second port, if there is one. */
  get second(): SecondPort | undefined {
    return this.listener;
  }

  start(): void {
    this.supervisor.start();
    this.listener?.start();
  }

  /** Resolves once the ports are closed. */
  async stop(): Promise<void> {
    await Promise.all([this.supervisor.stop(), this.listener?.stop()]);
  }

  private newSupervisor(): Supervisor {
    const { clock, current, families, foundFamily, journal, options, pinMemory, routes } = this.host;
    return new Supervisor(
      {
        clock,
        random: () => this.host.random(),
        current,
        families,
        foundFamily,
        profile: () => this.host.profile(),
        commandTimeout: options.commandTimeout,
        monitor: journal.first,
        startup: options,
        pinMemory,
        routes,
        isParallel: options.parallel === true,
        secondary: this.listener,
      },
      this.observer,
    );
  }

  private newListener(): Listener | undefined {
    const { clock, current, families, journal, options, secondTransport } = this.host;
    if (!secondTransport) return undefined;
    return new Listener({
      clock,
      random: () => this.host.random(),
      transport: secondTransport,
      channel: {
        clock,
        // Shorter, because the first port can take over.
        timeout: options.commandTimeout / 2,
        isUnsolicited: (line) => isUnsolicited(line, families),
        monitor: journal.second,
        onResync: () => this.observer.onResync(),
      },
      current,
      isParallel: options.parallel === true,
      onLine: (line, port) => this.supervisor.onUnsolicited(line, port),
      onUsable: (port) => this.observer.onSecondPortUsable(port),
      onLost: (port) => this.observer.onSecondPortLost(port),
      onProblem: (error) => this.observer.onProblem(toQfwdError(error)),
    });
  }
}
