/** Meanings of +CME ERROR (3GPP TS 27.007 9.2), of those that modules with sockets report. */
const MEANINGS = new Map([
  [3, 'operation not allowed'],
  [4, 'operation not supported'],
  [10, 'SIM not inserted'],
  [11, 'SIM PIN required'],
  [12, 'SIM PUK required'],
  [13, 'SIM failure'],
  [14, 'SIM busy'],
  [16, 'incorrect password'],
  [30, 'no network service'],
  [31, 'network time-out'],
  [50, 'incorrect parameters'],
  [100, 'unknown'],
]);

/** A result code as received, with its meaning if known. */
export function describeResult(text: string, cme: number | string | undefined): string {
  const meaning = typeof cme === 'number' ? MEANINGS.get(cme) : undefined;
  return meaning ? `${text} (${meaning})` : text;
}
