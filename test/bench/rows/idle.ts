import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from './row';

/** What it costs to have nothing to do. */
export const idle: Row = {
  name: 'idle',
  doc: 'commands in 20 s with 10 open sockets and nothing to do',
  run: async (context) => {
    const seconds = Math.max(10, 20 * context.scale);
    const bed = await context.bed({ contender: 'driver', trace: true });
    await bed.connect(10);
    // For so long it is looked whether the report of first data got lost.
    await sleep(10_000);
    const before = bed.commands;
    await sleep(seconds * 1000);
    const values = [((bed.commands - before) * 10) / seconds];
    return [{ work: 'idle, 10 sockets', who: 'driver', unit: 'commands / 10 s', values, aim: '≤ 1' }];
  },
};
