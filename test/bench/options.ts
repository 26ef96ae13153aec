import { parseArgs } from 'node:util';
import type { Row } from './rows/row';

export interface Options {
  readonly help: boolean;
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** What part of the usual sizes. */
  readonly scale: number;
  /** A file, or `-` for the standard output. */
  readonly json?: string | undefined;
  readonly profile?: string | undefined;
}

export const MIN_ROUNDS = 5;
const QUICK = 1 / 16;

/** @throws {Error} that says what is wrong */
export function parseOptions(args: string[], rows: readonly Row[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      rows: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(MIN_ROUNDS) },
      scale: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const names = values.rows?.split(',');
  const unknown = names?.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) throw new Error(`there is no row ${unknown}`);
  const { help, json, profile } = values;
  return {
    help,
    rows: rows.filter(({ name }) => names?.includes(name) ?? true),
    rounds: positive('rounds', values.rounds),
    scale: positive('scale', values.scale ?? String(values.quick ? QUICK : 1)),
    json,
    profile,
  };
}

export function helpText(rows: readonly Row[]): string {
  return [
    'Usage: npm run bench -- [options]',
    '',
    '  --quick          a sixteenth of the usual sizes, in less than two minutes',
    '  --scale FACTOR   any part of them',
    `  --rounds N       how often everybody has a turn; ${MIN_ROUNDS} unless told`,
    '  --rows A,B       only these:',
    ...rows.map(({ name, doc }) => `      ${name.padEnd(10)} ${doc}`),
    '  --json FILE      writes all figures there, too; - prints them instead of the table',
    '  --profile DIR    writes a CPU profile of every process there',
    '',
  ].join('\n');
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} must be a number above 0, not ${text}`);
}
