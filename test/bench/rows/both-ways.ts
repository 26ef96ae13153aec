import { payload } from '../contenders/contender';
import { type Bed, FIRST_ID } from '../support/bed';
import { ratios } from '../support/figures';
import { KB, MB, type Result, type Row } from './row';

/** Data in both directions at once, over one AT port and over two. */
export const bothWays: Row = {
  name: 'both-ways',
  doc: 'data sent and received at the same time, over one AT port and over two',
  run: async (context) => {
    const results: Result[] = [];
    for (const { baud, bytes, aim } of [
      { baud: 921_600, bytes: 128 * KB, aim: '≥ 1.8' },
      { baud: 0, bytes: 4 * MB, aim: undefined },
    ]) {
      const size = Math.max(64 * KB, bytes * Math.min(1, 2 * context.scale));
      const beds = [
        await context.bed({ contender: 'driver', baud }),
        await context.bed({ contender: 'driver', baud, isParallel: true }),
      ] as const;
      const rates: [number[], number[]] = [[], []];
      for (const bed of beds) {
        await bed.connect();
        await exchange(bed, size / 4);
      }
      for (let round = 0; round < context.rounds; round++) {
        for (const turn of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
          rates[turn].push(await exchange(beds[turn], size));
        }
      }
      const work = `both ways at once, ${baud === 0 ? 'line not paced' : `${baud} baud`}`;
      const common = { work, unit: 'kB/s', note: 'raw; sent and received together' };
      const [one, two] = rates;
      results.push(
        { ...common, who: 'one port', values: one },
        {
          ...common,
          who: 'two ports',
          values: two,
          ratio: { to: 'one port', values: ratios(two, one) },
          ...(aim !== undefined && { aim }),
        },
      );
    }
    return results;
  },
};

/** As many bytes each way; gives kB a second, both ways together, until one of them has no more to do. */
async function exchange(bed: Bed, bytes: number): Promise<number> {
  const [peer] = bed.peers;
  if (!peer) throw new Error('connect first');
  const moved = async (): Promise<number> => peer.total + new Map(await bed.call('shares')).get(FIRST_ID)!;
  const before = await moved();
  const started = performance.now();
  const arrived = peer.received(peer.total + bytes);
  const received = bed.call('receive', bytes);
  const sent = bed.call('send', { socketIds: [FIRST_ID], bytes, message: KB, isHostile: false });
  peer.write(payload(bytes, false));
  await Promise.race([arrived, received]);
  const rate = ((await moved()) - before) / (performance.now() - started);
  await Promise.all([arrived, received, sent]);
  return rate;
}
