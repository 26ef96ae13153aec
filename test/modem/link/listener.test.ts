import assert from 'node:assert/strict';

import type { Link, LinkEvents, Transport } from '../../../src/at';
import { CurrentLink } from '../../../src/modem/link/current-link';
import { Listener } from '../../../src/modem/link/listener';
import { ManualClock } from '../../support/manual-clock';

const NEVER = new Promise<never>(() => undefined);

/** A port that opens when the test says so; `opened` has the events of each opening. */
class FakePort implements Transport {
  readonly name = 'the second port';
  readonly opened: LinkEvents[] = [];
  closed = 0;

  constructor(
    private readonly opening: (link: Link) => Promise<Link> = (link) => Promise.resolve(link),
    private readonly closing: () => Promise<void> = () => Promise.resolve(),
  ) {}

  open(events: LinkEvents): Promise<Link> {
    this.opened.push(events);
    const close = (): Promise<void> => {
      this.closed++;
      return this.closing();
    };
    return this.opening({ write: () => assert.fail('it was written to'), close });
  }
}

function listenTo(port: Transport) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const problems: string[] = [];
  const listener = new Listener({
    clock,
    random: () => 0,
    transport: port,
    channel: { clock, timeout: 1000, isUnsolicited: () => false, onResync: () => undefined },
    current: new CurrentLink(port),
    isParallel: false,
    onLine: (line) => lines.push(line),
    onUsable: () => undefined,
    onLost: () => undefined,
    onProblem: ({ message }) => problems.push(message),
  });
  listener.start();
  return { clock, lines, problems, listener };
}

/** Resolves with whether it has stopped within ten seconds. */
async function stops({ listener, clock }: ReturnType<typeof listenTo>): Promise<boolean> {
  let isStopped = false;
  void listener.stop().then(() => (isStopped = true));
  await clock.advance(10_000);
  assert.equal(clock.pending, 0, 'timers were left behind');
  return isStopped;
}

describe('The second port of a module', () => {
  it('receives URCs, and is reopened when it is lost, which is reported once', async () => {
    const port = new FakePort();
    const it = listenTo(port);
    await it.clock.advance(0);
    port.opened[0]?.data(Buffer.from('\r\nRDY\r'));
    for (const times of [1, 2]) {
      port.opened.at(-1)?.closed(new Error(`unplugged ${times}`));
      await it.clock.advance(11_000);
      port.opened.at(-1)?.data(Buffer.from(`\r\n+CFUN: ${times}\r\n`));
    }
    assert.deepEqual(it.lines, ['RDY', '+CFUN: 1', '+CFUN: 2']);
    assert.deepEqual(it.problems, ['unplugged 1', 'unplugged 2']);
    assert.ok(await stops(it));
    assert.deepEqual([port.opened.length, port.closed], [3, 3]);
  });

  it('that cannot be opened is tried again with increasing pauses, and reported once', async () => {
    const port = new FakePort(() => Promise.reject(new Error('Access denied')));
    const it = listenTo(port);
    await it.clock.advance(3499);
    assert.equal(port.opened.length, 3);
    assert.deepEqual(it.problems, ['Access denied']);
    assert.ok(await stops(it));
  });

  it('that is lost soon after each opening is reopened with increasing pauses, and reported once', async () => {
    const port = new FakePort();
    const it = listenTo(port);
    const pauses: number[] = [];
    for (let times = 1; times <= 7; times++) {
      await it.clock.advance(1000);
      port.opened.at(-1)?.closed(new Error('busy'));
      await it.clock.advance(0);
      pauses.push(it.clock.untilNext);
      await it.clock.advance(it.clock.untilNext);
    }
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    assert.deepEqual(it.problems, ['busy']);
    assert.ok(await stops(it));
  });

  it('does not delay stop() if it does not open', async () => {
    const port = new FakePort(() => NEVER);
    assert.ok(await stops(listenTo(port)));
  });

  it('is closed if it opens only after stop()', async () => {
    let open: () => void = () => undefined;
    const port = new FakePort((link) => new Promise((resolve) => (open = () => resolve(link))));
    const it = listenTo(port);
    const stopping = it.listener.stop();
    open();
    await stopping;
    assert.equal(port.closed, 1);
  });

  it('does not delay stop() if the operating system does not close it', async () => {
    const port = new FakePort(undefined, () => NEVER);
    const it = listenTo(port);
    await it.clock.advance(0);
    assert.ok(await stops(it));
  });
});
