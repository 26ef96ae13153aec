import type { Run } from './run';

/** Of the trace, what follows the last incident, and what is said before the end. */
const LINES_AFTER = 40;
const LAST_LINES = 5;

/** What broke in a world, and how to see it again. */
export function report({ plan, violations, trace }: Run): string {
  const { seed, family, incidents, visits, flow, ports } = plan;
  const labelsOf = (part: readonly { readonly label: string }[]): string =>
    part.map(({ label }) => label).join('; ');
  return [
    `seed ${seed} (${family}, ${flow}, ports: ${ports}, ${visits.length} visits):`,
    ...violations.map((text) => `  ${text}`),
    'with:',
    ...incidents.map(({ at, label }) => `  ${label} at ${at} ms`),
    'its trace since the last of them:',
    ...excerpt(trace).map((line) => `  ${line.slice(0, 200)}`),
    `all of it: npm run simulate -- --seed ${seed} --incidents "${labelsOf(incidents)}" --visits "${labelsOf(visits)}" --trace`,
  ].join('\n');
}

function excerpt(trace: readonly string[]): string[] {
  const start = trace.reduce((last, line, at) => (line.includes(' ** ') ? at : last), 0);
  const rest = trace.slice(start);
  if (rest.length <= LINES_AFTER + LAST_LINES) return rest;
  return [...rest.slice(0, LINES_AFTER), '…', ...rest.slice(-LAST_LINES)];
}
