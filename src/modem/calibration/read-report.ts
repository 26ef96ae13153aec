import type { CommonFacts } from '../../sockets';

/** One URC for readable data. */
export interface ReadReport {
  readonly length?: number;
}

/** Classifies `client/read` from the URCs for a first and a second portion of data, without a read in between. */
export function readReport(
  first: readonly ReadReport[],
  second: readonly ReadReport[],
): CommonFacts['readReport'] {
  const report = first[0] ?? second[0];
  if (!report) return 'none';
  if (report.length !== undefined) return 'length';
  return first.length > 0 && second.length > 0 ? 'repeated' : 'once';
}
