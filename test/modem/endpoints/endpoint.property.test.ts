import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError } from '../../../src/at';
import { QfwdError } from '../../../src/modem';
import { Endpoint } from '../../../src/modem/endpoints/endpoint';
import type { EndpointHost } from '../../../src/modem/endpoints/endpoint-host';
import type { EndpointKind, EndpointSettings } from '../../../src/modem/endpoints/endpoint-kind';
import { CurrentLink } from '../../../src/modem/link/current-link';
import type { Session, Survey } from '../../../src/modem/link/session';
import { allocateSocketId } from '../../../src/modem/sockets/socket-id';
import { ManualClock } from '../../support/manual-clock';

interface Settings extends EndpointSettings {
  readonly port: number;
}

type Step = 'open' | 'open elsewhere' | 'close' | 'list' | 'module closes' | 'restart' | 'unplug' | 'plug';

/** In ms, of one command. */
const ANSWER = 10;
const LIMITS = { socketIds: [1, 9], receiveLength: 1024, datagramLength: 1024 } as const;
const here: Settings = { protocol: 'tcp', urcPort: 'usbat', port: 1 };
const elsewhere: Settings = { ...here, port: 2 };

/** A server, and a module that does as told, or not, in its own time. */
class Bench {
  readonly clock = new ManualClock();
  /** What the module has open: ports by socket id. */
  readonly opened = new Map<number, number>();
  /** What was left behind without a session. */
  private readonly current = new CurrentLink({ name: 'a port', open: () => Promise.reject(new Error()) });
  private time = 0;
  /** Calls that have not ended. */
  calls = 0;
  /** What is wanted after the last call: a port, or nothing. */
  wanted: number | undefined = here.port;
  readonly endpoint: Endpoint<Settings>;

  /** @param outcomes of the attempts to open, in order; then they succeed */
  constructor(private readonly outcomes: ('opens' | 'fails' | 'opens and says it does not')[]) {
    const observer = { onEvent: () => undefined, onState: () => undefined, onError: () => undefined };
    this.endpoint = new Endpoint('an owner', here, true, this.kind, this.host, observer);
    this.plug();
  }

  do(step: Step): void {
    if (step === 'open') this.call(here.port, () => this.endpoint.open(here));
    else if (step === 'open elsewhere') this.call(elsewhere.port, () => this.endpoint.open(elsewhere));
    else if (step === 'close') this.call(undefined, () => this.endpoint.close());
    else if (step === 'list') void this.reconcile();
    else if (step === 'module closes') this.opened.clear();
    else if (step === 'restart') this.restart();
    else if (step === 'unplug') this.unplug();
    else this.plug();
  }

  /** As the reconciler does. */
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
      lines: { execute: () => this.answer(() => []) },
      abandonOpen: () => undefined,
      close: (id: number) => this.answer(() => this.opened.delete(id) || refuse()),
    };
    this.current.session = session as unknown as Session;
    void this.reconcile();
  }

  private unplug(): void {
    this.current.session = undefined;
    this.endpoint.suspend();
  }

  private restart(): void {
    this.unplug();
    this.opened.clear();
    this.endpoint.lost();
    this.plug();
  }

  private discard(id: number): void {
    if (this.endpoint.claimedId !== id) this.opened.delete(id);
  }

  private call(wanted: number | undefined, run: () => Promise<unknown>): void {
    this.wanted = wanted;
    this.calls++;
    const end = () => this.calls--;
    run().then(end, end);
  }

  private list(): Promise<Survey> {
    return this.answer(() => ({
      servers: [...this.opened].map(([socketId, port]) => ({ ...here, socketId, port })),
      sockets: new Map(),
      limits: LIMITS,
    }));
  }

  /** What the module says after a while, unless the session is over by then. */
  private answer<T>(say: () => T): Promise<T> {
    const { session } = this.current;
    return new Promise((resolve, reject) => {
      this.clock.after(ANSWER, () => {
        if (!session || session !== this.current.session)
          return reject(new AtError('lost', 'the cable is out'));
        try {
          resolve(say());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  private readonly kind: EndpointKind<Settings> = {
    name: 'server',
    unlistedSettings: () => '',
    isKept: () => true,
    find: ({ servers }, { port }, isCandidate) =>
      servers.find((it) => it.port === port && isCandidate(it.socketId))?.socketId,
    open: (_session, socketId, { port }) =>
      this.answer(() => {
        if (this.opened.has(socketId)) refuse();
        const outcome = this.outcomes.shift() ?? 'opens';
        if (outcome !== 'fails') this.opened.set(socketId, port);
        if (outcome !== 'opens') throw new QfwdError('QFWD_TIMEOUT', outcome);
      }),
  };

  private readonly host: EndpointHost = {
    clock: this.clock,
    random: () => 0,
    current: this.current,
    list: () => this.list(),
    destination: (port) => port,
    allocate: allocateSocketId,
    isFree: () => true,
    onOpened: () => this.answer(() => undefined).catch(() => undefined),
    endsOf: () => ({}),
    onClosed: () => undefined,
    mark: () => ++this.time,
    openedWith: new Map(),
    // The next list shows it.
    leave: () => undefined,
    discard: (id) => this.discard(id),
  };
}

function refuse(): never {
  throw new AtError('rejected', 'ERROR');
}

const STEPS: Step[] = [
  'open',
  'open elsewhere',
  'close',
  'list',
  'module closes',
  'restart',
  'unplug',
  'plug',
];

describe('A server', () => {
  it('comes to what the last call wanted, whatever happens meanwhile', async () => {
    const step = fc.record({ step: fc.constantFrom(...STEPS), pause: fc.constantFrom(0, 5, 10, 15, 500) });
    const outcome = fc.constantFrom(
      'opens' as const,
      'fails' as const,
      'opens and says it does not' as const,
    );
    const scene = fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(outcome, { maxLength: 4 }),
      fc.constantFrom(0, 60_000),
      async (steps, outcomes, start) => {
        const bench = new Bench([...outcomes]);
        await bench.clock.advance(start);
        for (const { step: next, pause } of steps) {
          bench.do(next);
          await bench.clock.advance(pause);
        }
        bench.plug();
        // Longer than all pauses between attempts; a list shows what was not reported.
        for (const pause of [120_000, 0, 120_000]) {
          void bench.reconcile();
          await bench.clock.advance(pause);
        }
        const { endpoint } = bench;
        const { wanted } = bench;
        assert.equal(bench.calls, 0, 'a call has not ended');
        assert.deepEqual([...bench.opened.values()], wanted === undefined ? [] : [wanted]);
        assert.equal(endpoint.state, wanted === undefined ? 'closed' : 'open');
        assert.deepEqual(
          [...bench.opened.keys()],
          endpoint.socketId === undefined ? [] : [endpoint.socketId],
        );
        assert.deepEqual([endpoint.heldId, endpoint.claimedId], [endpoint.socketId, endpoint.socketId]);
        assert.equal(bench.clock.pending, 0);
      },
    );
    await fc.assert(scene, { numRuns: 500 });
  });
});
