import type { Clock, Timers } from '../../at';
import type { Received } from '../../sockets';
import type { Counters } from '../link/counters';
import type { CurrentLink } from '../link/current-link';
import { AwakeClock } from './awake-clock';
import type { Connection } from './connection';
import { Consumers } from './consumers';
import { DataLine } from './data-line';
import type { DataOwner } from './data-owner';
import { Delivery } from './delivery';
import { Polling } from './polling';
import { Reader } from './reader';
import { RequestReader } from './request-reader';
import { SendBudget } from './send-budget';
import { Sender } from './sender';
import { Unread } from './unread';

export interface DataPathHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly current: CurrentLink;
  /** Bytes that may wait to be sent. */
  readonly queueLimit: number;
  /** See {@link Unread}. */
  readonly unread: Map<string, Received[]>;
}

/** The data of connections, out and in. */
export class DataPath {
  readonly budget: SendBudget;
  readonly unread: Unread;
  readonly line: DataLine;
  readonly consumers: Consumers;
  readonly reader: Reader;
  /** For messages of flows. */
  readonly sender: Sender;
  /** For streams, which bound their memory themselves. */
  readonly wire: Sender;
  readonly delivery: Delivery;
  readonly requestReader: RequestReader;

  constructor(host: DataPathHost, owner: DataOwner) {
    const { clock, counters, current, queueLimit, timers } = host;
    // Time during which the process is stopped must not count toward timeouts.
    const awake = new AwakeClock({ now: () => clock.now(), after: (ms, action) => timers.after(ms, action) });
    const polling = new Polling(awake);
    const budget = new SendBudget(queueLimit);
    const unread = new Unread(host.unread);
    const line = new DataLine(clock, current);
    this.budget = budget;
    this.unread = unread;
    this.line = line;
    this.consumers = new Consumers({ timers, counters, unread, owner });
    this.reader = new Reader({ clock, current, budget, unread, consumers: this.consumers, owner });
    const sending = { clock: awake, counters, polling, line, owner, reader: this.reader };
    this.sender = new Sender({ ...sending, budget });
    this.wire = new Sender({ ...sending, budget: new SendBudget(Infinity), isForStreams: true });
    this.delivery = new Delivery({ clock: awake, polling, line, owner });
    this.requestReader = new RequestReader({ current, unread, owner, reader: this.reader });
  }

  /** The connection is closed. */
  forget(connection: Connection): void {
    this.reader.forget(connection);
    this.consumers.end(connection);
    this.sender.forget(connection);
    this.wire.forget(connection);
  }
}
