/**
 * Recognizes lines that cannot belong to the response to a command without known response prefixes, such as one from a
 * user. A response usually starts with the name of its command, but not always: ATI has plain lines, and the response to
 * `AT+CCID` may start with `+QCCID:`. So a line belongs to the response unless the opposite is certain.
 */

/** Unsolicited result codes (3GPP TS 27.005, 3GPP TS 27.007, Quectel), without their first character. */
const URC_NAMES: ReadonlySet<string> = new Set([
  ...['CREG', 'CGREG', 'CEREG', 'C5GREG', 'CSCON', 'CGEV', 'CIEV', 'CTZV', 'CTZE', 'CTZEU', 'CPIN', 'CFUN'],
  ...['CMT', 'CMTI', 'CBM', 'CBMI', 'CDS', 'CDSI', 'HCMT', 'CUSD', 'CSSI', 'CSSU'],
  ...['CRING', 'CLIP', 'CCWA', 'CNAP', 'CDIP', 'COLP', 'CALV', 'DSCI'],
  ...['QIND', 'QUSIM', 'QSIMSTAT', 'QIURC', 'QSSLURC', 'QFWDURC', 'QMTRECV', 'QMTSTAT', 'QGPSURC', 'QJDR'],
]);

/** Unsolicited result codes that are whole lines. */
const URC_LINES: ReadonlySet<string> = new Set([
  ...['RING', 'RDY', 'APP RDY', 'POWERED DOWN', 'NORMAL POWER DOWN', 'Call Ready', 'SMS Ready', 'PB DONE'],
]);

const NAMED_LINE = /^[+^$*%!#]([A-Z][A-Z0-9]*):/i;
const COMMAND_NAME = /[+^$*%!#]\s*([A-Z][A-Z0-9]*)/gi;
/** Names with this many equal first characters are related: the response to `AT+QFWDRECV=?` is `+QFWDPRECV:`. */
const RELATED = 4;

/** Whether it is a known unsolicited result code. */
export function isUrc(line: string): boolean {
  return URC_LINES.has(line) || URC_NAMES.has(nameOf(line) ?? '');
}

/** @param text the command line */
export function isForeign(line: string, text: string): boolean {
  if (URC_LINES.has(line)) return true;
  const name = nameOf(line);
  if (name === undefined) return false;
  const own = namesIn(text);
  if (own.includes(name)) return false;
  return URC_NAMES.has(name) || (own.length > 0 && !own.some((it) => isRelated(it, name)));
}

function nameOf(line: string): string | undefined {
  return NAMED_LINE.exec(line)?.[1]?.toUpperCase();
}

/** The names of the extended commands in a command line. */
function namesIn(text: string): string[] {
  const unquoted = text.replace(/"[^"]*"/g, '');
  return [...unquoted.matchAll(COMMAND_NAME)].map(([, name = '']) => name.toUpperCase());
}

function isRelated(one: string, other: string): boolean {
  return one.includes(other) || other.includes(one) || one.slice(0, RELATED) === other.slice(0, RELATED);
}
