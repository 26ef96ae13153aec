/** `npm run bench`: everybody does the same work in turns, at the same simulator and in the same layout of processes. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseOptions, helpText } from './options';
import { ROWS } from './rows';
import type { Context, Result, Row } from './rows/row';
import { Bed, type Place } from './support/bed';
import { table } from './support/table';

/** Far longer than any row takes at the usual sizes, in ms. */
const LIMIT = 300_000;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), ROWS);
  if (options.help) {
    process.stdout.write(helpText(ROWS));
    return;
  }
  const { rounds, scale, json, profile } = options;
  const place: Place = { root: process.cwd(), cache: __dirname, profile };
  const results: Result[] = [];
  for (const row of options.rows) {
    const started = performance.now();
    const beds: Bed[] = [];
    const clear = async (): Promise<void> => {
      await Promise.all(beds.splice(0).map((bed) => bed.close()));
    };
    const context: Context = {
      rounds,
      scale,
      bed: async (bedOptions) => {
        const bed = await Bed.make(place, bedOptions);
        beds.push(bed);
        return bed;
      },
      clear,
    };
    try {
      results.push(...(await withinLimit(row, row.run(context), LIMIT * Math.max(1, scale))));
    } finally {
      await clear();
    }
    process.stderr.write(`${row.name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  }
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  const report = JSON.stringify({ machine, rounds, scale, results }, null, 2);
  if (json !== '-') process.stdout.write(`\n${table(results)}`);
  if (json === '-') process.stdout.write(`${report}\n`);
  else if (json !== undefined) await writeFile(json, `${report}\n`);
}

async function withinLimit<T>({ name }: Row, running: Promise<T>, limit: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`row ${name} does not end`)), limit);
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(
      `bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
