import type { Result } from '../rows/row';
import { median } from './figures';

const HEAD = ['work', 'who', 'median', 'lowest … highest', 'ratio', 'aim', 'on the wire, notes'];

/** The results as a table in Markdown. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1), ''].join('\n');
}

function cells({ work, who, unit, values, ratio, aim = '', note = '' }: Result): string[] {
  const range = values.length > 1 ? `${digits(Math.min(...values))} … ${digits(Math.max(...values))}` : '';
  const against = ratio ? `${digits(median(ratio.values))} × ${ratio.to}` : '';
  return [work, who, `${digits(median(values))} ${unit}`, range, against, aim, note];
}

/** Three digits that count. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4));
}
