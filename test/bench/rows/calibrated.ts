import { type Bed, FIRST_ID } from '../support/bed';
import { ratios } from '../support/figures';
import { KB, type Result, type Row } from './row';

const BAUD = 115_200;

/** What it is worth to know the firmware. */
export const calibrated: Row = {
  name: 'calibrated',
  doc: `32 KB with Ctrl-Z and ESC in every piece at ${BAUD} baud: as HEX, and raw once calibration has shown that this is safe`,
  run: async (context) => {
    const before = await context.bed({ contender: 'driver', baud: BAUD });
    const after = await context.bed({ contender: 'driver', baud: BAUD });
    for (const bed of [before, after]) await bed.connect();
    await after.call('calibrate');
    const bytes = Math.ceil(32 * context.scale) * KB;
    const hex: number[] = [];
    const raw: number[] = [];
    for (let round = 0; round < context.rounds; round++) {
      hex.push(await rate(before, bytes));
      raw.push(await rate(after, bytes));
    }
    const common = { work: `${bytes / KB} KB of binary data sent`, who: 'driver', unit: 'kB/s' };
    const results: Result[] = [
      { ...common, values: hex, note: 'HEX, variable length' },
      {
        ...common,
        values: raw,
        ratio: { to: 'HEX', values: ratios(raw, hex) },
        note: 'raw, fixed length, after calibration',
      },
    ];
    return results;
  },
};

async function rate(bed: Bed, bytes: number): Promise<number> {
  return bytes / (await bed.call('send', { socketIds: [FIRST_ID], bytes, message: KB, isHostile: true }));
}
