import { performance } from 'node:perf_hooks';

import { settled } from './manual-clock';

/** Turns of the event loop in which nothing happens, after which nothing will without time. The loopback needs one. */
const QUIET_TURNS = 20;

/**
 * Resolves when nothing goes on in this process without time: neither sockets nor pipes have anything for it.
 * @param noted grows with what happens besides, such as immediates
 */
export async function quiet(noted: () => number = () => 0): Promise<void> {
  const happened = () => performance.nodeTiming.uvMetricsInfo.events + noted();
  for (let turns = 0, before = happened(); turns < QUIET_TURNS; turns++) {
    await settled();
    const now = happened();
    if (now !== before) turns = 0;
    before = now;
  }
}
