import { type Bed, FIRST_ID } from '../support/bed';
import { quantile } from '../support/figures';
import { KB, MB, type Row } from './row';

/** A short message that has to get past megabytes for somebody else. */
export const overtaking: Row = {
  name: 'overtaking',
  doc: 'messages of 20 bytes while another socket moves 8 MB: how long they take, in command times',
  run: async (context) => {
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
