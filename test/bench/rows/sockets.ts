import { now, payload } from '../contenders/contender';
import { type Bed, FIRST_ID } from '../support/bed';
import { jain, ratios } from '../support/figures';
import { type Context, KB, MB, type Result, type Row } from './row';

const COUNTS = [1, 16, 256] as const;

/** Bytes a second, and what each socket has when half of it has arrived. */
interface Spread {
  readonly rate: number;
  readonly shares: readonly number[];
}

/** The same total over more and more sockets. */
export const sockets: Row = {
  name: 'sockets',
  doc: '4 MB each way over 1, 16 and 256 sockets: the rate, and how evenly they share it',
  run: async (context) => {
    const bytes = Math.max(256 * KB, 4 * MB * context.scale);
    // Fairness means nothing where nobody has more than a few messages.
    const counts = COUNTS.filter((count) => bytes / count >= 16 * KB);
    const bed = await context.bed({ contender: 'driver' });
    await bed.connect(Math.max(...counts));
    await send(bed, 16, bytes / 4);
    return [
      ...(await compare(context, counts, `${bytes / MB} MB sent`, (count) => send(bed, count, bytes))),
      ...(await compare(context, counts, `${bytes / MB} MB received`, (count) => receive(bed, count, bytes))),
    ];
  },
};

async function compare(
  { rounds }: Context,
  counts: readonly number[],
  name: string,
  spread: (count: number) => Promise<Spread>,
): Promise<Result[]> {
  const rates = new Map<number, number[]>(counts.map((count) => [count, []]));
  const fairness = new Map<number, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      const { rate, shares } = await spread(count);
      rates.get(count)?.push(rate / MB);
      fairness.get(count)?.push(jain(shares));
    }
  }
  return counts.flatMap((count): Result[] => {
    const work = `${name} over ${count} ${count === 1 ? 'socket' : 'sockets'}`;
    const values = rates.get(count) ?? [];
    const who = 'driver';
    const rate: Result = { work, who, unit: 'MB/s', values };
    if (count === 1) return [rate];
    return [
      { ...rate, ratio: { to: 'one socket', values: ratios(values, rates.get(1) ?? []) }, aim: '≥ 0.90' },
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
}

async function send(bed: Bed, count: number, bytes: number): Promise<Spread> {
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
  const job = { socketIds: idsOf(count), bytes: bytes / count, message: KB, isHostile: false };
  const ms = await bed.call('send', job);
  return { rate: bytes / (ms / 1000), shares: await half };
}

async function receive(bed: Bed, count: number, bytes: number): Promise<Spread> {
  const before = new Map(await bed.call('shares'));
  const half = bed.call('receive', bytes / 2);
  const started = now();
  const data = payload(bytes / count, false);
  for (const peer of bed.peers.slice(0, count)) peer.write(data);
  await half;
  const rest = bed.call('receive', bytes / 2);
  const at = new Map(await bed.call('shares'));
  const ms = (await rest) - started;
  const shares = idsOf(count).map((id) => (at.get(id) ?? 0) - (before.get(id) ?? 0));
  return { rate: bytes / (ms / 1000), shares };
}

const idsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => FIRST_ID + index);
