/** Codes of +CME ERROR (3GPP TS 27.007, 9.2) with their AT+CMEE=2 texts; from 550, codes of Quectel's TCP/IP stack. */
const CME = {
  3: 'operation not allowed',
  4: 'operation not supported',
  10: 'SIM not inserted',
  11: 'SIM PIN required',
  12: 'SIM PUK required',
  13: 'SIM failure',
  14: 'SIM busy',
  16: 'incorrect password',
  50: 'Incorrect parameters',
  100: 'unknown',
  558: 'Socket write failed',
  559: 'Socket read failed',
  563: 'Socket identity has been used',
} as const;

export type CmeCode = keyof typeof CME;

/** Thrown by a command that ends with an error result code; `none`: the module gives no number for the error. */
export class AtError extends Error {
  readonly code: number | 'none';

  constructor(code: CmeCode | 'none');
  constructor(code: number, text: string);
  constructor(code: number | 'none', text?: string) {
    super(text ?? (code === 'none' ? 'ERROR' : CME[code as CmeCode]));
    this.code = code;
    this.name = 'AtError';
  }
}

/** The final result code of a failed command, in the format set by AT+CMEE=`cmee`. */
export function errorResult(error: unknown, cmee: number): string {
  const { code, message } = error instanceof AtError ? error : new AtError(100);
  return cmee === 0 || code === 'none' ? 'ERROR' : `+CME ERROR: ${cmee === 1 ? code : message}`;
}
