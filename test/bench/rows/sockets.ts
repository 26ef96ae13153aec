import { type Bed, FIRST_ID } from '../support/bed';
import { jain, ratios } from '../support/figures';
import { KB, MB, type Result, type Row } from './row';

const COUNTS = [1, 16, 256] as const;

/** The same total over more and more sockets. */
export const sockets: Row = {
  name: 'sockets',
  doc: '4 MB sent over 1, 16 and 256 sockets: the rate, and how evenly they share it',
  run: async (context) => {
    const bytes = Math.max(256 * KB, 4 * MB * context.scale);
    // Fairness means nothing where nobody has more than a few messages.
    const counts = COUNTS.filter((count) => bytes / count >= 16 * KB);
    const bed = await context.bed({ contender: 'driver' });
    await bed.connect(Math.max(...counts));
    const rates = new Map<number, number[]>(counts.map((count) => [count, []]));
    const fairness = new Map<number, number[]>(counts.map((count) => [count, []]));
    await spread(bed, 16, bytes / 4);
    for (let round = 0; round < context.rounds; round++) {
      for (const count of counts) {
        const { rate, shares } = await spread(bed, count, bytes);
        rates.get(count)?.push(rate / MB);
        fairness.get(count)?.push(jain(shares));
      }
    }
    return counts.flatMap((count): Result[] => {
      const work = `${bytes / MB} MB sent over ${count} ${count === 1 ? 'socket' : 'sockets'}`;
      const values = rates.get(count) ?? [];
      const who = 'driver';
      const rate: Result = { work, who, unit: 'MB/s', values };
      if (count === 1) return [rate];
      return [
        {
          ...rate,
          ratio: { to: 'one socket', values: ratios(values, rates.get(1) ?? []) },
          aim: '≥ 0.90',
        },
        {
          work,
          who,
          unit: '',
          values: fairness.get(count) ?? [],
          aim: '≥ 0.95',
          note: "Jain's fairness when half of it has arrived",
        },
      ];
    });
  },
};

/** Bytes a second, and what each peer has when half of it has arrived. */
async function spread(bed: Bed, count: number, bytes: number): Promise<{ rate: number; shares: number[] }> {
  const peers = bed.peers.slice(0, count);
  const before = peers.map(({ total }) => total);
  const shares = (): number[] => peers.map(({ total }, index) => total - (before[index] ?? 0));
  const sum = (): number => shares().reduce((all, share) => all + share, 0);
  const half = new Promise<number[]>((resolve) => {
    const timer = setInterval(() => {
      if (sum() < bytes / 2) return;
      clearInterval(timer);
      resolve(shares());
    }, 2);
  });
  const socketIds = peers.map((_, index) => FIRST_ID + index);
  const job = { socketIds, bytes: bytes / count, message: KB, isHostile: false };
  const ms = await bed.call('send', job);
  return { rate: bytes / (ms / 1000), shares: await half };
}
