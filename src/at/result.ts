/** Final result codes (V.250 5.7, 3GPP TS 27.007 9.1), which end the response to a command line. */
export type Result =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly cme?: CmeError };

/** The value of `+CME ERROR:`: a number under AT+CMEE=1, a text under AT+CMEE=2. */
export type CmeError = number | string;

/** Result codes that always mean failure: V.250, 3GPP TS 27.007 (ABORTED), and several vendors. */
const REJECTIONS: ReadonlySet<string> = new Set([
  'ERROR',
  'ABORTED',
  'COMMAND NOT SUPPORT',
  'COMMAND NOT SUPPORTED',
  'TOO MANY PARAMETERS',
]);

const EXTENDED_ERROR = /^\+(?:CME|CMS|EXT) ERROR:\s*(.*)$/;

/** Results of a call (V.250 6.3.1; the last two: several vendors). Commands that dial nothing may end with them, too. */
const CALL_RESULTS: ReadonlySet<string> = new Set([
  'NO CARRIER',
  'BUSY',
  'NO ANSWER',
  'NO DIALTONE',
  'NO DIAL TONE',
  'DELAYED',
  'BLACKLISTED',
]);

/** The result if the line is a final result code of any command, otherwise `undefined`. */
export function parseResult(line: string): Result | undefined {
  if (line === 'OK') return { ok: true, text: line };
  if (REJECTIONS.has(line)) return { ok: false, text: line };
  const detail = EXTENDED_ERROR.exec(line)?.[1];
  if (detail === undefined) return undefined;
  return { ok: false, text: line, cme: /^\d+$/.test(detail) ? Number(detail) : detail };
}

/** The result if the line is a result code that may also be about a call. */
export function parseCallResult(line: string): Result | undefined {
  return CALL_RESULTS.has(line) ? { ok: false, text: line } : undefined;
}

/** OK or ERROR as numbers, which modules send under ATV0 (V.250 6.2.6). */
export function parseNumericResult(line: string): Result | undefined {
  if (line === '0') return { ok: true, text: 'OK' };
  return line === '4' ? { ok: false, text: 'ERROR' } : undefined;
}
