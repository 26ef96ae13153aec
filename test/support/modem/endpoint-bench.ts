/** A server or client without a modem, with a module that opens it, rejects it or does not respond, on a manual clock. */
import { AtError, Timers } from '../../../src/at';
import { type EndpointObserver, QfwdError } from '../../../src/modem';
import { Endpoint } from '../../../src/modem/endpoints/endpoint';
import type { EndpointHost } from '../../../src/modem/endpoints/endpoint-host';
import type { EndpointTraits, EndpointSettings } from '../../../src/modem/endpoints/endpoint-traits';
import { CurrentLink } from '../../../src/modem/link/current-link';
import type { Session, Survey } from '../../../src/modem/link/session';
import { allocateSocketId } from '../../../src/modem/sockets/socket-id';
import { ManualClock } from '../manual-clock';

export interface BenchSettings extends EndpointSettings {
  readonly port: number;
}

/** The result of an attempt to open. */
export type Outcome = 'opens' | 'fails' | 'opens and says it does not';

export const SETTINGS: BenchSettings = { protocol: 'tcp', urcPort: 'usbat', port: 1 };

/** Duration of one command in ms. */
const ANSWER = 10;
const LIMITS = { socketIds: [1, 9], receiveLength: 1024, datagramLength: 1024 } as const;

export class EndpointBench {
  readonly clock = new ManualClock();
  /** Open sockets of the module: ports by socket id. */
  readonly opened = new Map<number, number>();
  /** Results of the next attempts; all later ones succeed. */
  readonly outcomes: Outcome[] = [];
  /** Time of each attempt. */
  readonly attempts: number[] = [];
  readonly told: Parameters<EndpointObserver['onEvent']>[0][] = [];
  readonly errors: QfwdError[] = [];
  readonly endpoint: Endpoint<BenchSettings>;
  private readonly current = new CurrentLink({ name: 'a port', open: () => Promise.reject(new Error()) });
  private time = 0;

  constructor(private readonly kind: 'server' | 'client') {
    this.endpoint = new Endpoint('an owner', SETTINGS, true, this.traits(), this.host(), {
      onEvent: (event) => this.told.push(event),
      onState: () => undefined,
      onError: (error) => this.errors.push(error),
    });
    this.plug();
  }

  /** Like the reconciler. */
  async reconcile(): Promise<void> {
    const stamp = this.time;
    const survey = await this.list().catch(() => undefined);
    if (!survey) return;
    await this.endpoint.adopt(survey, stamp);
    for (const { socketId } of survey.servers) this.discard(socketId);
    this.endpoint.openIfMissing();
  }

  plug(): void {
    if (this.current.session) return;
    const session = {
      clock: this.clock,
      commands: { limits: LIMITS },
      lines: { execute: () => Promise.resolve([]) },
      openings: { abandon: () => undefined },
      close: (id: number) => this.answer(() => this.opened.delete(id) || refuse()),
    };
    this.current.session = session as unknown as Session;
    void this.reconcile();
  }

  unplug(): void {
    this.current.session = undefined;
    this.endpoint.suspend();
  }

  restart(): void {
    this.unplug();
    this.opened.clear();
    this.endpoint.lost();
    this.plug();
  }

  /** The module closes its socket, and reports it. */
  close(wasUseful = false): void {
    this.opened.clear();
    this.endpoint.lost(wasUseful);
  }

  private discard(id: number): void {
    if (this.endpoint.claimedId !== id) this.opened.delete(id);
  }

  private list(): Promise<Survey> {
    return this.answer(() => ({
      servers: [...this.opened].map(([socketId, port]) => ({ ...SETTINGS, socketId, port })),
      sockets: new Map(),
      limits: LIMITS,
    }));
  }

  /** What the module reports after some time, unless the session has ended. */
  private async answer<T>(say: () => T): Promise<T> {
    const { session } = this.current;
    await new Promise<void>((resolve) => this.clock.after(ANSWER, resolve));
    if (!session || session !== this.current.session) throw new AtError('lost', 'the cable is out');
    return say();
  }

  private traits(): EndpointTraits<BenchSettings> {
    return {
      kind: this.kind,
      unlistedSettings: () => '',
      isKept: () => true,
      find: ({ servers }, { port }, isCandidate) =>
        servers.find((it) => it.port === port && isCandidate(it.socketId))?.socketId,
      open: (_session, socketId, { port }) => {
        this.attempts.push(this.clock.now());
        return this.answer(() => {
          if (this.opened.has(socketId)) refuse();
          const outcome = this.outcomes.shift() ?? 'opens';
          if (outcome !== 'fails') this.opened.set(socketId, port);
          if (outcome !== 'opens') throw new QfwdError('QFWD_TIMEOUT', outcome);
        });
      },
    };
  }

  private host(): EndpointHost {
    return {
      clock: this.clock,
      timers: new Timers(this.clock),
      random: () => 0,
      current: this.current,
      list: () => this.list(),
      destination: (port) => port,
      allocate: allocateSocketId,
      isFree: () => true,
      endLayer: () => Promise.resolve(),
      isAdoptable: () => true,
      onOpened: () => this.answer(() => undefined).catch(() => undefined),
      endsOf: () => ({}),
      trafficOf: () => ({ bytesIn: 0, bytesOut: 0, ms: 0 }),
      onClosed: () => undefined,
      mark: () => ++this.time,
      openedWith: new Map(),
      // The next list shows it.
      leave: () => undefined,
      onOpeningStream: () => undefined,
      discard: (id) => this.discard(id),
    };
  }
}

function refuse(): never {
  throw new AtError('rejected', 'ERROR');
}
