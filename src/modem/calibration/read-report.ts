import type { CommonFacts } from '../../sockets';

/** One URC for readable data. */
export interface ReadReport {
  readonly length?: number;
}

/** What `client/read` does, from those that came of a first portion and of a second, while nothing was read. */
export function readReport(
  first: readonly ReadReport[],
  second: readonly ReadReport[],
): CommonFacts['readReport'] {
  const report = first[0] ?? second[0];
  if (!report) return 'none';
  if (report.length !== undefined) return 'length';
  return first.length > 0 && second.length > 0 ? 'repeated' : 'once';
}
