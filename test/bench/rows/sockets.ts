import { type Bed, FIRST_ID } from '../support/bed';
import { jain, median, quantile, ratios } from '../support/figures';
import { type Context, KB, MB, type Result, type Row } from './row';

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

/** A short message that has to get past megabytes for somebody else. */
export const overtaking: Row = {
  name: 'overtaking',
  doc: 'messages of 20 bytes while another socket moves 8 MB: how long they take, in command times',
  run: async (context: Context) => {
    const bytes = 8 * MB * context.scale;
    const bed = await context.bed({ contender: 'driver' });
    await bed.connect(2);
    const middle: number[] = [];
    const worst: number[] = [];
    for (let round = 0; round < context.rounds; round++) {
      const { commandTime, times } = await overtake(bed, bytes);
      middle.push(quantile(times, 0.5) / commandTime);
      worst.push(quantile(times, 0.99) / commandTime);
    }
    const common = { work: '20 bytes beside bulk', who: 'driver', unit: 'command times' };
    return [
      { ...common, values: middle, note: 'p50' },
      { ...common, values: worst, aim: '≤ 3', note: `p99; beside ${bytes / MB} MB` },
    ];
  },
};

async function overtake(bed: Bed, bytes: number): Promise<{ commandTime: number; times: number[] }> {
  const job = { socketIds: [FIRST_ID], bytes, message: KB, isHostile: false };
  const abort = new AbortController();
  const bulk = bed.call('send', job).finally(() => abort.abort());
  const times: number[] = [];
  const note = { socketIds: [FIRST_ID + 1], bytes: 20, message: 20, isHostile: false };
  while (!abort.signal.aborted) {
    times.push(await bed.call('send', note));
    // At any moment of a command's life.
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
  }
  // What a command takes when nothing else happens: the bulk had one for every message, its own and the short ones.
  const commandTime = (await bulk) / (bytes / KB + times.length);
  return { commandTime, times };
}

/** Silence until something arrives. */
export const latency: Row = {
  name: 'latency',
  doc: 'from 20 bytes leaving their peer to the message in the flow, on a line that has nothing else to do',
  run: async (context: Context) => {
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
    const started = process.hrtime.bigint();
    bed.peers[0]!.write(Buffer.alloc(20, 'x'));
    times.push((await received) - Number(started) / 1e6);
  }
  return times;
}
