/** Result codes of a failed open: Linux errno, and the corresponding code of AT+QIOPEN. */
const CODES: Readonly<Record<string, { errno: number; quectel: number }>> = {
  EACCES: { errno: 13, quectel: 556 },
  EAFNOSUPPORT: { errno: 97, quectel: 554 },
  EADDRINUSE: { errno: 98, quectel: 556 },
  EADDRNOTAVAIL: { errno: 99, quectel: 556 },
  ENETUNREACH: { errno: 101, quectel: 566 },
  ECONNREFUSED: { errno: 111, quectel: 566 },
  EHOSTUNREACH: { errno: 113, quectel: 566 },
  ENOTFOUND: { errno: 2, quectel: 565 },
};

const OTHER = { errno: 5, quectel: 550 };

/** The `<result>` of an open URC for an error from Node's `net` or `dgram`. */
export function openResult(error: unknown, codes: 'errno' | 'quectel'): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (CODES[code] ?? OTHER)[codes];
}
