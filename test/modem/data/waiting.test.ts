import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError, type Turn } from '../../../src/at';
import type { QfwdError } from '../../../src/modem';
import { AwakeClock } from '../../../src/modem/data/awake-clock';
import { Connection } from '../../../src/modem/data/connection';
import type { DataLine } from '../../../src/modem/data/data-line';
import type { DataOwner } from '../../../src/modem/data/data-owner';
import { Polling } from '../../../src/modem/data/polling';
import type { Reader } from '../../../src/modem/data/reader';
import { SendBudget } from '../../../src/modem/data/send-budget';
import { queueFull } from '../../../src/modem/data/send-failure';
import { Sender } from '../../../src/modem/data/sender';
import { newCounters } from '../../../src/modem/link/counters';
import type { SocketCommands } from '../../../src/sockets';
import { ManualClock } from '../../support/manual-clock';

/** A sender whose line is in use until the test releases it; then each command takes 10 ms. */
class Bench {
  readonly clock = new ManualClock();
  readonly budget: SendBudget;
  readonly connection = new Connection(
    { socketId: 5, protocol: 'tcp' },
    0,
    newCounters(),
    this.clock,
    'a run',
  );
  /** The result of each message, in order: its number, and the code of its error. */
  readonly ended: string[] = [];
  readonly sender: Sender;
  private readonly waiting = new Map<Turn, (error?: AtError) => void>();
  private isFree = false;
  private count = 0;

  constructor(queueLimit = 1 << 20) {
    this.budget = new SendBudget(queueLimit);
    const clock = new AwakeClock(this.clock);
    const line = {
      execute: (commandOf: (commands: SocketCommands) => unknown, turn: Turn) =>
        this.execute(commandOf, turn),
      withdraw: (turn: Turn) => this.waiting.get(turn)?.(new AtError('cancelled', 'withdrawn')),
    };
    this.sender = new Sender({
      clock,
      counters: newCounters(),
      polling: new Polling(clock),
      budget: this.budget,
      line: line as unknown as DataLine,
      owner: {} as DataOwner,
      reader: { noteSent: () => undefined } as unknown as Reader,
    });
  }

  /** @param length in bytes */
  send(length: number, timeout: number): void {
    const number = ++this.count;
    this.sender.send(this.connection, Buffer.alloc(length), timeout).then(
      () => this.ended.push(`${number}`),
      (error: unknown) => this.ended.push(`${number} ${(error as QfwdError).code}`),
    );
  }

  /** The line is free from now on. */
  free(): void {
    this.isFree = true;
    for (const go of this.waiting.values()) go();
  }

  private async execute(commandOf: (commands: SocketCommands) => unknown, turn: Turn): Promise<number> {
    if (!this.isFree) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.set(turn, (error) => (error ? reject(error) : resolve()));
      });
    }
    if (turn.isWanted?.() === false) throw new AtError('cancelled', 'it came too late');
    let taken = 0;
    const send = (_socketId: number, { length: bytes }: Buffer) => ({ bytes: (taken = bytes) });
    commandOf({ send } as unknown as SocketCommands);
    await new Promise<void>((resolve) => this.clock.after(10, resolve));
    return taken;
  }
}

describe('A message that waits', () => {
  it('fails at its deadline at any place in the queue, and those behind it are sent', async () => {
    const bench = new Bench();
    for (const timeout of [5000, 1000, 3000, 2000, 9000]) bench.send(1, timeout);
    await bench.clock.advance(999);
    assert.deepEqual(bench.ended, []);
    await bench.clock.advance(1);
    assert.deepEqual(bench.ended, ['2 QFWD_TIMEOUT']);
    await bench.clock.advance(2000);
    assert.deepEqual(bench.ended, ['2 QFWD_TIMEOUT', '4 QFWD_TIMEOUT', '3 QFWD_TIMEOUT']);
    await bench.clock.advance(2000);
    assert.deepEqual(bench.ended.slice(3), ['1 QFWD_TIMEOUT']);
    bench.free();
    await bench.clock.advance(100);
    assert.deepEqual(bench.ended.slice(4), ['5']);
    assert.deepEqual([bench.budget.waiting, bench.budget.messages, bench.clock.pending], [0, 0, 0]);
  });

  it('fails at its deadline and never before', async () => {
    const timeouts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 });
    const scene = fc.asyncProperty(timeouts, async (all) => {
      const bench = new Bench();
      for (const timeout of all) bench.send(1, timeout * 100);
      const numbers = all.map((timeout, index) => ({ timeout, text: `${index + 1} QFWD_TIMEOUT` }));
      for (let time = 1; time <= 20; time++) {
        await bench.clock.advance(100);
        const late = numbers.filter(({ timeout }) => timeout <= time).map(({ text }) => text);
        assert.deepEqual([...bench.ended].sort(), late.sort());
      }
      assert.deepEqual([bench.budget.waiting, bench.budget.messages, bench.clock.pending], [0, 0, 0]);
    });
    await fc.assert(scene, { numRuns: 50 });
  });

  it('gets back the time in which the process was stopped', async () => {
    const bench = new Bench();
    for (let count = 0; count < 120; count++) bench.send(20, 30_000);
    await bench.clock.advance(5000);
    await bench.clock.standStill(35_000);
    assert.deepEqual(bench.ended, []);
    bench.free();
    await bench.clock.advance(10_000);
    assert.deepEqual(
      bench.ended,
      Array.from({ length: 120 }, (_, index) => `${index + 1}`),
    );
  });

  it('fails when the time in which the process could run is over', async () => {
    const bench = new Bench();
    bench.send(20, 30_000);
    bench.send(20, 30_000);
    await bench.clock.standStill(35_000);
    await bench.clock.advance(28_000);
    assert.deepEqual(bench.ended, []);
    await bench.clock.advance(2000);
    assert.deepEqual([...bench.ended].sort(), ['1 QFWD_TIMEOUT', '2 QFWD_TIMEOUT']);
  });
});

describe('The number of waiting messages', () => {
  it('is limited to the queue limit in KB, even if they are empty', async () => {
    for (const length of [0, 1, 20]) {
      const bench = new Bench(100 * 1024);
      // The first one is on the line: it needs some bytes to wait there.
      bench.send(1, 30_000);
      for (let count = 1; count < 102; count++) bench.send(length, 30_000);
      await bench.clock.advance(0);
      assert.deepEqual(bench.ended, ['101 QFWD_QUEUE_FULL', '102 QFWD_QUEUE_FULL']);
      bench.free();
      await bench.clock.advance(2000);
      assert.deepEqual(bench.ended.length, 102);
      assert.deepEqual([bench.budget.waiting, bench.budget.messages], [0, 0]);
    }
  });

  it('suspends reading above half of the limit, until fewer wait', async () => {
    const bench = new Bench(10 * 1024);
    for (let count = 0; count < 5; count++) bench.send(1, 30_000);
    assert.equal(bench.budget.isThrottling, false);
    bench.send(1, 30_000);
    assert.equal(bench.budget.isThrottling, true);
    bench.free();
    await bench.clock.advance(10);
    assert.deepEqual(bench.ended, ['1']);
    assert.equal(bench.budget.isThrottling, false);
  });
});

describe('A rejected message', () => {
  it('says whether there are too many messages or too many bytes', () => {
    const budget = new SendBudget(10 * 1024);
    budget.add(10_000);
    assert.match(queueFull(budget, 500).message, /^queue full: 10000 of at most 10240 bytes .* 500 more/);
    for (let count = 1; count < 10; count++) budget.add(0);
    assert.match(queueFull(budget, 1).message, /^queue full: 10 of at most 10 messages /);
  });

  it('may be an empty datagram, but not an empty message on a stream', async () => {
    const bench = new Bench();
    const datagrams = new Connection(
      { socketId: 6, protocol: 'udp' },
      0,
      newCounters(),
      bench.clock,
      'a run',
    );
    await assert.rejects(bench.sender.send(datagrams, Buffer.alloc(0), 1000), { code: 'QFWD_INVALID' });
    const { bytes, commands } = await bench.sender.send(bench.connection, Buffer.alloc(0), 1000);
    assert.deepEqual({ bytes, commands }, { bytes: 0, commands: 0 });
    assert.equal(bench.budget.messages, 0);
  });
});
