import assert from 'node:assert/strict';
import fc from 'fast-check';

import { EndpointBench, type Outcome, SETTINGS } from '../../support/modem/endpoint-bench';

const STEPS = [
  'open',
  'open elsewhere',
  'close',
  'list',
  'module closes',
  'restart',
  'unplug',
  'plug',
] as const;
type Step = (typeof STEPS)[number];

const ELSEWHERE = { ...SETTINGS, port: 2 };

const steps = fc.array(
  fc.record({ step: fc.constantFrom(...STEPS), pause: fc.constantFrom(0, 5, 10, 15, 500) }),
  { maxLength: 12 },
);
const outcomes = fc.array(fc.constantFrom<Outcome>('opens', 'fails', 'opens and says it does not'), {
  maxLength: 4,
});

/** A call of a user, and the state that is expected after it. */
class User {
  /** A port, or `undefined`. */
  wanted: number | undefined = SETTINGS.port;
  /** Calls that have not ended. */
  calls = 0;

  constructor(private readonly bench: EndpointBench) {}

  do(step: Step): void {
    const { bench } = this;
    const { endpoint } = bench;
    if (step === 'open') this.call(SETTINGS.port, () => endpoint.open(SETTINGS));
    else if (step === 'open elsewhere') this.call(ELSEWHERE.port, () => endpoint.open(ELSEWHERE));
    else if (step === 'close') this.call(undefined, () => endpoint.close());
    else if (step === 'list') void bench.reconcile();
    else if (step === 'module closes') bench.opened.clear();
    else if (step === 'restart') bench.restart();
    else if (step === 'unplug') bench.unplug();
    else bench.plug();
  }

  private call(wanted: number | undefined, run: () => Promise<unknown>): void {
    this.wanted = wanted;
    this.calls++;
    const end = () => this.calls--;
    run().then(end, end);
  }
}

describe('A server', () => {
  it('ends in the state that the last call has set, with any events meanwhile', async () => {
    const scene = fc.asyncProperty(steps, outcomes, fc.constantFrom(0, 60_000), async (all, ends, start) => {
      const bench = new EndpointBench('server');
      const user = new User(bench);
      bench.outcomes.push(...ends);
      await bench.clock.advance(start);
      for (const { step, pause } of all) {
        user.do(step);
        await bench.clock.advance(pause);
      }
      bench.plug();
      // Longer than all pauses between attempts; a list shows what had no URC.
      for (const pause of [120_000, 0, 120_000]) {
        void bench.reconcile();
        await bench.clock.advance(pause);
      }
      const { clock, endpoint, opened } = bench;
      const { wanted } = user;
      assert.equal(user.calls, 0, 'a call has not ended');
      assert.deepEqual([...opened.values()], wanted === undefined ? [] : [wanted]);
      assert.equal(endpoint.state, wanted === undefined ? 'closed' : 'open');
      assert.deepEqual([...opened.keys()], endpoint.socketId === undefined ? [] : [endpoint.socketId]);
      assert.deepEqual([endpoint.heldId, endpoint.claimedId], [endpoint.socketId, endpoint.socketId]);
      assert.equal(clock.pending, 0);
    });
    await fc.assert(scene, { numRuns: 500 });
  });
});
