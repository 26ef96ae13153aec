/** A reader of one connection, at a module of which a test gives the responses. */
import assert from 'node:assert/strict';

import { AtError, Timers, type Turn } from '../../src/at';
import { Connection } from '../../src/modem/data/connection';
import { Consumers } from '../../src/modem/data/consumers';
import type { DataOwner } from '../../src/modem/data/data-owner';
import { Reader } from '../../src/modem/data/reader';
import { SendBudget } from '../../src/modem/data/send-budget';
import { Unread } from '../../src/modem/data/unread';
import { newCounters } from '../../src/modem/link/counters';
import { CurrentLink } from '../../src/modem/link/current-link';
import type { Session } from '../../src/modem/link/session';
import type { Received } from '../../src/sockets';
import { ManualClock } from './manual-clock';
import { Collector } from './modem/collector';

const LENGTH = 4;

/** The data of a read, or how it fails. */
export type Response = string | AtError;

/** One connection of a module that gives these responses, each after some ms, and then no data. */
export function reading(...responses: readonly (readonly [response: Response, ms: number])[]) {
  const clock = new ManualClock();
  const remaining = [...responses];
  const session = {
    commands: { limits: { receiveLength: LENGTH } },
    reads: {
      atOnce: (_socketId: number, _length: number, wanted: number) => Promise.resolve(wanted),
      receive: (_socketId: number, _length: number, turn: Turn<Received>) => {
        const [response, ms] = remaining.shift() ?? ['', 0];
        return new Promise((resolve, reject) =>
          clock.after(ms, () => {
            if (response instanceof AtError) return reject(response);
            const received = { data: Buffer.from(response) };
            turn.onAnswer?.(received);
            resolve(received);
          }),
        );
      },
    },
  } as unknown as Session;
  const current = new CurrentLink({ name: 'a port', open: () => assert.fail('it is not opened') });
  current.session = session;
  current.noteListed(session);
  const counters = newCounters();
  const owner = { admits: () => true, onUnreported: () => undefined } as unknown as DataOwner;
  const unread = new Unread(new Map());
  const consumers = new Consumers({ timers: new Timers(clock), counters, unread, owner });
  const reader = new Reader({ clock, unread, current, budget: new SendBudget(65_536), consumers, owner });
  const collector = new Collector();
  reader.addConsumer(collector);
  const origin = { socketId: 1, protocol: 'tcp', isExclusive: true } as const;
  const connection = new Connection(origin, 0, counters, clock, 'a run');
  return { clock, collector, connection, reader };
}
