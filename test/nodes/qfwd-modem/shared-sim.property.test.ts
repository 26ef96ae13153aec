import assert from 'node:assert/strict';
import fc from 'fast-check';

import { Pins } from '../../../nodes/qfwd-modem/pins';
import { AtError, type Command } from '../../../src/at';
import { SimKeeper } from '../../../src/modem/link/sim';
import { ManualClock } from '../../support/manual-clock';

const RIGHT = '1234';
const ALL_TRIES = 3;
const IMEI = '861107030000017';

/** A module with several AT ports and one SIM. */
class Module {
  readonly entered: string[] = [];
  triesLeft = ALL_TRIES;
  private isUnlocked = false;

  /** @param isCounted whether it tells how many tries are left, and which SIM it has */
  constructor(private readonly isCounted: boolean) {}

  answer(text: string): string[] {
    if (text === 'AT+CPIN?') return [`+CPIN: ${this.state}`];
    if (text === 'AT+CGSN') return [IMEI];
    const pin = /^AT\+CPIN="(.*)"/.exec(text)?.[1];
    if (pin !== undefined) return this.enter(pin);
    if (this.isCounted && text === 'AT+QCCID') return ['+QCCID: 89490200001234567890'];
    if (this.isCounted && text === 'AT+QPINC="SC"') return [`+QPINC: "SC",${this.triesLeft},10`];
    throw new AtError('rejected', 'ERROR', false);
  }

  private get state(): string {
    if (this.triesLeft === 0) return 'SIM PUK';
    return this.isUnlocked ? 'READY' : 'SIM PIN';
  }

  private enter(pin: string): string[] {
    if (this.isUnlocked) throw new AtError('rejected', '+CME ERROR: 3', false, 3);
    this.entered.push(pin);
    this.isUnlocked = pin === RIGHT && this.triesLeft > 0;
    this.triesLeft = this.isUnlocked ? ALL_TRIES : Math.max(0, this.triesLeft - 1);
    if (!this.isUnlocked) throw new AtError('rejected', '+CME ERROR: 16', false, 16);
    return [];
  }
}

/** A port of the module: answers come at any time, some never. */
function portOf(module: Module, scheduler: fc.Scheduler, losses: Iterator<boolean>) {
  return {
    async execute<T>(command: Command<T>, turn: { isWanted?(): boolean } = {}): Promise<T> {
      await scheduler.schedule(Promise.resolve());
      if (turn.isWanted?.() === false) throw new AtError('cancelled', 'not wanted');
      await scheduler.schedule(Promise.resolve());
      const isLost = losses.next().value === true;
      try {
        const lines = module.answer(command.text);
        if (isLost) throw new AtError('timeout', 'no answer', true);
        return command.decode({ lines });
      } finally {
        await scheduler.schedule(Promise.resolve());
      }
    },
  };
}

describe('The PINs of several modem nodes on one module', () => {
  const run = async (
    scheduler: fc.Scheduler,
    pins: readonly string[],
    isCounted: boolean,
    losses: readonly boolean[],
  ): Promise<Module> => {
    const module = new Module(isCounted);
    const memories = new Pins(undefined);
    const clock = new ManualClock();
    const isLost = losses[Symbol.iterator]();
    const keepers = pins.map((pin, at) => {
      const pinOf = { pin, memory: memories.memoryOf(`node ${at}`, pin) };
      const keeper = new SimKeeper(portOf(module, scheduler, isLost), clock, pinOf, {
        onStatus: () => undefined,
      });
      keeper.start();
      return keeper;
    });
    for (let times = 0; times < 10; times++) {
      await scheduler.waitIdle();
      await clock.advance(30_000);
    }
    for (const keeper of keepers) void keeper.stop();
    await scheduler.waitIdle();
    return module;
  };

  it('never lock the SIM, and each that is wrong is entered only once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom(RIGHT, '1111', '2222', '3333', '4444'), { minLength: 2, maxLength: 5 }),
        fc.boolean(),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (scheduler, pins, isCounted, losses) => {
          const { entered, triesLeft } = await run(scheduler, pins, isCounted, losses);
          assert.ok(triesLeft > 0, `locked by ${entered.join()}`);
          const wrong = entered.filter((pin) => pin !== RIGHT);
          assert.deepEqual(wrong, [...new Set(wrong)]);
        },
      ),
      { numRuns: 25 },
    );
  }).timeout(60_000);
});
