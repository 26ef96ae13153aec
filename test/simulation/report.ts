import type { Run } from './run';

const LAST_LINES = 40;

/** What broke in a world, and how to see it again. */
export function report({ plan, violations, trace }: Run): string {
  const { seed, family, incidents, visits, flow, ports } = plan;
  return [
    `seed ${seed} (${family}, ${flow}, ports: ${ports}, ${visits.length} visits):`,
    ...violations.map((text) => `  ${text}`),
    'with:',
    ...incidents.map(({ at, name }) => `  ${name} at ${at} ms`),
    'the end of its trace:',
    ...trace.slice(-LAST_LINES).map((line) => `  ${line.slice(0, 200)}`),
    `all of it: npm run simulate -- --seed ${seed} --trace`,
  ].join('\n');
}
