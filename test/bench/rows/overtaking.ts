import { type Bed, FIRST_ID } from '../support/bed';
import { quantile } from '../support/figures';
import { type Context, KB, MB, type Result, type Row } from './row';

/** One line that is limited by its pace, and one by the machine, where now and then a command takes many times the usual. */
const LINES = [
  { baud: 921_600, bytes: 512 * KB, name: 'bulk, 921600 baud' },
  { baud: 0, bytes: 8 * MB, name: 'bulk, not paced' },
] as const;

/** A short message that has to get past megabytes for somebody else. */
export const overtaking: Row = {
  name: 'overtaking',
  doc: 'messages of 20 bytes while another socket moves megabytes: how long they take, in command times',
  run: async (context) => {
    const results: Result[] = [];
    for (const line of LINES) results.push(...(await beside(context, line)));
    return results;
  },
};

async function beside(
  context: Context,
  { baud, bytes: all, name }: (typeof LINES)[number],
): Promise<Result[]> {
  const bytes = all * context.scale;
  const bed = await context.bed({ contender: 'driver', baud });
  await bed.connect(2);
  const middle: number[] = [];
  const worst: number[] = [];
  const commands: number[] = [];
  for (let round = 0; round < context.rounds; round++) {
    const { commandTime, short, pairs } = await overtake(bed, bytes);
    middle.push(quantile(short, 0.5) / commandTime);
    worst.push(quantile(short, 0.99) / commandTime);
    commands.push(quantile(pairs, 0.99) / commandTime);
  }
  const common = { work: `20 bytes beside ${name}`, who: 'driver', unit: 'command times' };
  return [
    { ...common, values: middle, note: 'p50' },
    { ...common, values: worst, aim: '≤ 3', note: `p99; beside ${bytes / MB} MB` },
    { ...common, who: 'line', values: commands, note: 'p99 of two commands of the bulk in a row' },
  ];
}

async function overtake(
  bed: Bed,
  bytes: number,
): Promise<{ commandTime: number; short: readonly number[]; pairs: number[] }> {
  const job = { socketIds: [FIRST_ID], bytes, message: KB, isHostile: false };
  const { short, gaps, total } = await bed.call('overtake', job, FIRST_ID + 1, 20);
  // What a command takes when nothing else happens: the bulk had one for every message, its own and the short ones.
  const commandTime = total / (bytes / KB + short.length);
  const pairs = gaps.slice(1).map((gap, index) => gap + (gaps[index] ?? NaN));
  return { commandTime, short, pairs };
}
