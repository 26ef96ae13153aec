import assert from 'node:assert/strict';

import { Timers } from '../../../src/at';
import { Connection } from '../../../src/modem/data/connection';
import { Consumers } from '../../../src/modem/data/consumers';
import type { DataOwner } from '../../../src/modem/data/data-owner';
import { ReadBurst } from '../../../src/modem/data/read-burst';
import type { ReadTurn } from '../../../src/modem/data/read-turn';
import { SendBudget } from '../../../src/modem/data/send-budget';
import { Unread } from '../../../src/modem/data/unread';
import { newCounters } from '../../../src/modem/link/counters';
import { CurrentLink } from '../../../src/modem/link/current-link';
import type { Session } from '../../../src/modem/link/session';
import { ManualClock } from '../../support/manual-clock';
import { Collector } from '../../support/modem/collector';

const LENGTH = 4;

describe('Reads that share a line', () => {
  it('are delivered in order, if the first has to be proved and the second does not', async () => {
    const clock = new ManualClock();
    const counters = newCounters();
    const port = { name: 'a port', open: () => assert.fail('it is not opened') };
    const current = new CurrentLink(port);
    const connection = new Connection({ socketId: 2, protocol: 'tcp' }, 0, counters, clock, 'a run');
    const turns: ReadTurn[] = [];
    const results: (() => void)[] = [];
    const session = {
      commands: { limits: { receiveLength: LENGTH } },
      reads: {
        receive: (_socketId: number, _length: number, turn: ReadTurn) => {
          const data = Buffer.from(turns.push(turn) === 1 ? 'full' : 'last');
          return new Promise((resolve) => results.push(() => resolve({ data })));
        },
      },
    } as unknown as Session;
    const owner = {
      admits: () => true,
      isAlive: () => Promise.resolve(true),
      prove: () => Promise.resolve(true),
    } as unknown as DataOwner;
    const unread = new Unread(new Map());
    const consumers = new Consumers({ timers: new Timers(clock), counters, unread, owner });
    const collector = new Collector();
    consumers.add(collector);
    const burst = new ReadBurst(
      session,
      connection,
      {
        current,
        budget: new SendBudget(65_536),
        consumers,
        owner,
        isWanted: () => true,
        doubt: () => assert.fail('it belongs to the connection'),
        onFailed: () => assert.fail('no read fails'),
      },
      false,
    );
    const reads = burst.run(2, 'likely', false);
    const [first, second] = turns;
    first!.onAnswer({ data: Buffer.from('full') });
    // From now on, the port of its URCs is known, so that data behind them is its own.
    connection.reportedTo = port;
    second!.onAnswer({ data: Buffer.from('last') });
    for (const result of results) result();
    assert.deepEqual(
      (await reads).map(({ isFull }) => isFull),
      [true, true],
    );
    assert.equal(collector.dataOf(connection).toString(), 'fulllast');
  });
});
