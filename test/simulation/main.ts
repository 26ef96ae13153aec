/**
 * `npm run simulate -- --seeds 10000 --from 1`: runs so many worlds, and tells of those in which a rule is broken.
 * `npm run simulate -- --seed 7 --trace`: one of them, with all that is said on the line; with `--incidents "mute; late (2)"`
 * and `--visits "0; mute"`, only with these.
 */
import { parseArgs } from 'node:util';

import { report } from './report';
import { partOf, planOf } from './plan';
import { run, shrink } from './run';

const HOUR = 3_600_000;
/** The clock of this process, which worlds put theirs in place of. */
const started = process.hrtime.bigint();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      incidents: { type: 'string' },
      visits: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  const first = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1)
    throw new TypeError('Seeds are whole numbers: npm run simulate -- --seeds 1000 --from 1');
  const part = {
    incidents: listed(values.incidents),
    visits: listed(values.visits),
  };
  let hours = 0;
  const failed: number[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const lived = await run(partOf(planOf(seed), part));
    hours += lived.time / HOUR;
    if (values.trace) console.log(lived.trace.join('\n'));
    if (lived.violations.length === 0) continue;
    failed.push(seed);
    console.log(report(values.trace ? lived : await shrink(lived)));
  }
  const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000;
  console.log(
    `${count} worlds, ${hours.toFixed(0)} hours of their time in ${seconds.toFixed(0)} s; ` +
      (failed.length === 0 ? 'all rules hold' : `rules broken with the seeds ${failed.join(', ')}`),
  );
  process.exit(failed.length === 0 ? 0 : 1);
}

function listed(labels: string | undefined): string[] | undefined {
  return labels
    ?.split(';')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

void main();
