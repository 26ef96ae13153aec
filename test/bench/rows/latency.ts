import { now } from '../contenders/contender';
import type { Bed } from '../support/bed';
import { median } from '../support/figures';
import type { Result, Row } from './row';

/** Silence until something arrives. */
export const latency: Row = {
  name: 'latency',
  doc: 'from 20 bytes leaving their peer to the message in the flow, on a line that has nothing else to do',
  run: async (context) => {
    const contenders = ['bare', 'driver', 'nodes'] as const;
    const count = Math.ceil(200 * context.scale);
    const beds: Bed[] = [];
    for (const contender of contenders) beds.push(await context.bed({ contender }));
    for (const bed of beds) await bed.connect();
    for (const bed of beds) await arrivals(bed, count);
    const values = new Map<string, number[]>(contenders.map((name) => [name, []]));
    for (let round = 0; round < context.rounds; round++) {
      for (const bed of beds) values.get(bed.contender)?.push(median(await arrivals(bed, count)));
    }
    const bare = values.get('bare') ?? [];
    return contenders.flatMap((who): Result[] => {
      const its = values.get(who) ?? [];
      const result: Result = {
        work: '20 bytes arrive',
        who,
        unit: 'ms',
        values: its,
        note: 'p50 of a round',
      };
      if (who === 'bare') return [{ ...result, note: `${result.note}; URC, one command, no more` }];
      const beyond = its.map((value, round) => value - (bare[round] ?? NaN));
      return [result, { ...result, work: '… beyond bare', values: beyond, aim: '< 0.3 ms' }];
    });
  },
};

async function arrivals(bed: Bed, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const received = bed.call('receive', 20);
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
    const started = now();
    bed.peers[0]!.write(Buffer.alloc(20, 'x'));
    times.push((await received) - started);
  }
  return times;
}
