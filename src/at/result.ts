/** The final result code of a command line (V.250 5.7, 3GPP TS 27.007 9.1): nothing of its answer follows it. */
export type Result =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly cme?: CmeError };

/** What follows `+CME ERROR:`: a number under AT+CMEE=1, a text under AT+CMEE=2. */
export type CmeError = number | string;

/** Negative ones that mean nothing else: of V.250, of 3GPP TS 27.007 (ABORTED), and of several makers. */
const REJECTIONS: ReadonlySet<string> = new Set([
  'ERROR',
  'ABORTED',
  'COMMAND NOT SUPPORT',
  'COMMAND NOT SUPPORTED',
  'TOO MANY PARAMETERS',
]);

const EXTENDED_ERROR = /^\+(?:CME|CMS|EXT) ERROR:\s*(.*)$/;

/** How a call ends (V.250 6.3.1; the last two: several vendors). A command may end so too, though it dials nothing. */
const CALL_RESULTS: ReadonlySet<string> = new Set([
  'NO CARRIER',
  'BUSY',
  'NO ANSWER',
  'NO DIALTONE',
  'NO DIAL TONE',
  'DELAYED',
  'BLACKLISTED',
]);

/** The result that a line is, whatever the command was; `undefined` when it is any other line. */
export function parseResult(line: string): Result | undefined {
  if (line === 'OK') return { ok: true, text: line };
  if (REJECTIONS.has(line)) return { ok: false, text: line };
  const detail = EXTENDED_ERROR.exec(line)?.[1];
  if (detail === undefined) return undefined;
  return { ok: false, text: line, cme: /^\d+$/.test(detail) ? Number(detail) : detail };
}

/** The result that a line is if it does not tell of a call instead. */
export function parseCallResult(line: string): Result | undefined {
  return CALL_RESULTS.has(line) ? { ok: false, text: line } : undefined;
}

/** OK or ERROR as a number, as a module under ATV0 says them (V.250 6.2.6). */
export function parseNumericResult(line: string): Result | undefined {
  if (line === '0') return { ok: true, text: 'OK' };
  return line === '4' ? { ok: false, text: 'ERROR' } : undefined;
}
