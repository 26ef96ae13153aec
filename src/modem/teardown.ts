import type { EventEmitter } from 'node:events';
import { type Clock, within } from '../at';
import type { Handover } from './handover';
import type { ModemEvents } from './options';
import type { Parts } from './wiring';

/** How long stopping may take before the port is closed in any case, in ms; Node-RED waits for 15 s. */
const STOP_LIMIT = 9000;
/** How long of that for payload that waits to be sent. */
const DRAIN_LIMIT = 4000;
/** How long of that for anything in which no data is at stake. */
const CLOSE_LIMIT = 2000;

/** Ends the work of a modem in an order in which no data is lost. */
export class Teardown {
  constructor(
    private readonly parts: Parts,
    private readonly clock: Clock,
    private readonly handover: Handover,
    private readonly events: EventEmitter<ModemEvents>,
  ) {}

  /** See `Modem.settle`. */
  async settle(): Promise<void> {
    const { connections, current } = this.parts;
    const { reader, sender } = connections.data;
    const inTime = this.limited(STOP_LIMIT);
    if (current.session) await inTime(sender.drained(), DRAIN_LIMIT);
    // Data that was read may have to be proved to be of the connection that was read.
    await inTime(reader.ended());
    this.handover.bequeath();
  }

  /** See `Modem.stop`. */
  async stop(closesSockets: boolean): Promise<void> {
    const { calibrator, closer, connections, current, declarations, endpoints, ports, timers } = this.parts;
    const { budget, reader, sender, wire } = connections.data;
    const inTime = this.limited(STOP_LIMIT);

    reader.halt();
    // Without a session nothing can be sent.
    if (current.session) await inTime(sender.drained(), DRAIN_LIMIT);
    if (sender.count > 0) this.events.emit('warning', unsent(sender.count, budget.waiting));
    // Nobody can go on with them.
    await inTime(Promise.all(connections.table.all().map(async ({ clear }) => clear?.end())), CLOSE_LIMIT);
    if (closesSockets) endpoints.releaseAll();
    await inTime(calibrator.stop(), CLOSE_LIMIT);
    // There may be many, as long as the module answers.
    for (let before = Infinity; closer.pending > 0 && closer.pending < before;) {
      before = closer.pending;
      await inTime(closer.settled(), CLOSE_LIMIT);
    }
    // The response that is due may bring data that the module has no longer, or the outcome of a payload.
    const isDataDue = reader.isReading || sender.count > 0;
    if (current.session) await inTime(reader.ended());
    const finishing = current.session?.lines.finish() ?? Promise.resolve();
    await inTime(finishing, isDataDue ? STOP_LIMIT : CLOSE_LIMIT);
    this.handover.bequeath();
    for (const endpoint of declarations.all()) endpoint.retire();
    await ports.stop();
    sender.stop();
    wire.stop();
    connections.termination.leave();
    timers.clear();
  }

  /** Waits for one work after the other, so long for all of them, and at most `limit` for each; both in ms. */
  private limited(all: number): (work: Promise<unknown>, limit?: number) => Promise<unknown> {
    const deadline = this.clock.now() + all;
    return (work, limit = Infinity) =>
      within(this.clock, Math.max(0, Math.min(limit, deadline - this.clock.now())), work);
  }
}

function unsent(count: number, bytes: number): string {
  return `${count} messages with ${bytes} bytes were waiting to be sent when the modem was stopped, and are not sent`;
}
