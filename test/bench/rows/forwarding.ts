import { now, payload } from '../contenders/contender';
import { type Bed, FIRST_ID } from '../support/bed';
import { ratios } from '../support/figures';
import { KB, MB, type Result, type Row } from './row';

const CONTENDERS = ['driver', 'inward', 'outward'] as const;

/** A forwarded port against the driver that sends and receives by itself, both until the last byte is at its end. */
export const forwarding: Row = {
  name: 'forwarding',
  doc: 'a port forwarded inward and outward, against the driver alone, at a tty that is not paced',
  run: async (context) => {
    const bytes = 4 * MB * context.scale;
    const beds: Bed[] = [];
    for (const contender of CONTENDERS) beds.push(await context.bed({ contender, baud: 0 }));
    for (const bed of beds) await bed.connect();
    const results: Result[] = [];
    for (const [direction, run] of [
      ['sent', send],
      ['received', receive],
    ] as const) {
      const rates = new Map(beds.map((bed) => [bed, [] as number[]]));
      for (const bed of beds) await run(bed, bytes / 8);
      for (let round = 0; round < context.rounds; round++) {
        const first = round % beds.length;
        for (const bed of [...beds.slice(first), ...beds.slice(0, first)])
          rates.get(bed)?.push(bytes / MB / ((await run(bed, bytes)) / 1000));
      }
      const [alone = []] = rates.values();
      for (const [bed, values] of rates) {
        const isForwarded = bed.contender !== 'driver';
        results.push({
          work: `forwarding, ${direction}`,
          who: bed.contender,
          unit: 'MB/s',
          values,
          ...(isForwarded && { ratio: { to: 'driver', values: ratios(values, alone) }, aim: '≥ 0.90' }),
        });
      }
    }
    return results;
  },
};

async function send(bed: Bed, bytes: number): Promise<number> {
  const [peer] = bed.peers;
  if (!peer) throw new Error('connect first');
  const arrived = peer.received(peer.total + bytes);
  const started = now();
  await bed.call('send', { socketIds: [FIRST_ID], bytes, message: KB, isHostile: false });
  return (await arrived) - started;
}

async function receive(bed: Bed, bytes: number): Promise<number> {
  const received = bed.call('receive', bytes);
  const started = now();
  bed.peers[0]?.write(payload(bytes, false));
  return (await received) - started;
}
