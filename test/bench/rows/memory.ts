import { payload } from '../contenders/contender';
import { FIRST_ID } from '../support/bed';
import { KB, MB, type Result, type Row } from './row';

/** Memory over much data, and of a backlog. */
export const memory: Row = {
  name: 'memory',
  doc: 'heap and buffers while 64 MB (--scale 16: 1 GB) go through server → recv → send, and with 1 MB waiting to be sent',
  run: async (context) => {
    const total = 64 * MB * context.scale;
    const forward = await context.bed({ contender: 'forward' });
    await forward.connect();
    const peer = forward.peers[0]!;
    const steps = 8;
    const part = payload(Math.ceil(total / steps), false);
    const used: number[] = [];
    const resident: number[] = [];
    for (let step = 0; step < steps; step++) {
      const back = peer.received(peer.total + part.length);
      peer.write(part);
      await back;
      const figures = await forward.call('memory');
      used.push(figures.used / MB);
      resident.push(figures.resident / MB);
    }
    const work = `${total / MB} MB forwarded`;
    const growth = (values: readonly number[]): number[] =>
      values.slice(1).map((value) => value / (values[0] ?? NaN));
    const backlog = await context.bed({ contender: 'driver' });
    await backlog.connect();
    const taken: number[] = [];
    for (let round = 0; round <= context.rounds; round++) {
      taken.push((await backlog.call('backlog', FIRST_ID, MB, KB)) / MB);
    }
    const results: Result[] = [
      {
        work,
        who: 'nodes',
        unit: 'MB used',
        values: used,
        ratio: { to: 'first eighth', values: growth(used).slice(-1) },
        aim: 'flat',
        note: 'after each eighth; ratio of the last',
      },
      {
        work,
        who: 'nodes',
        unit: 'MB resident',
        values: resident,
        ratio: { to: 'first eighth', values: growth(resident).slice(-1) },
      },
      // The first also pays for what stays.
      {
        work: '1 MB waits',
        who: 'driver',
        unit: 'MB used',
        values: taken.slice(1),
        aim: '≤ 2',
        note: 'messages of 1 KB, their payload included',
      },
    ];
    return results;
  },
};
