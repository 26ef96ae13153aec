/** The final result code of a command line (V.250 5.7, 3GPP TS 27.007 9.1): nothing of its answer follows it. */
export type Result =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly cme?: CmeError };

/** What follows `+CME ERROR:`: a number under AT+CMEE=1, a text under AT+CMEE=2. */
export type CmeError = number | string;

const EXTENDED_ERROR = /^\+CM[ES] ERROR:\s*(.*)$/;

/** The result that a line is, or `undefined` when it is any other line. */
export function parseResult(line: string): Result | undefined {
  if (line === 'OK') return { ok: true, text: line };
  if (line === 'ERROR') return { ok: false, text: line };
  const detail = EXTENDED_ERROR.exec(line)?.[1];
  if (detail === undefined) return undefined;
  return { ok: false, text: line, cme: /^\d+$/.test(detail) ? Number(detail) : detail };
}
