/**
 * Which lines cannot belong to the answer of a command that does not say how its answer begins, as one that a user typed.
 * Answers mostly begin with the name of their command, but not always: ATI has plain lines, `AT+CCID` may answer
 * `+QCCID:`. So in doubt a line belongs to the answer.
 */

/** Unsolicited result codes of 3GPP TS 27.005 and 27.007, and of Quectel's modules, without their first character. */
const URC_NAMES: ReadonlySet<string> = new Set([
  ...['CREG', 'CGREG', 'CEREG', 'C5GREG', 'CSCON', 'CGEV', 'CIEV', 'CTZV', 'CTZE', 'CTZEU', 'CPIN', 'CFUN'],
  ...['CMT', 'CMTI', 'CBM', 'CBMI', 'CDS', 'CDSI', 'HCMT', 'CUSD', 'CSSI', 'CSSU'],
  ...['CRING', 'CLIP', 'CCWA', 'CNAP', 'CDIP', 'COLP', 'CALV', 'DSCI'],
  ...['QIND', 'QUSIM', 'QSIMSTAT', 'QIURC', 'QSSLURC', 'QFWDURC', 'QMTRECV', 'QMTSTAT', 'QGPSURC', 'QJDR'],
]);

/** The same, of those that are whole lines. */
const URC_LINES: ReadonlySet<string> = new Set([
  ...['RING', 'RDY', 'APP RDY', 'POWERED DOWN', 'NORMAL POWER DOWN', 'Call Ready', 'SMS Ready', 'PB DONE'],
]);

const NAMED_LINE = /^[+^$*%!#]([A-Z][A-Z0-9]*):/i;
const COMMAND_NAME = /[+^$*%!#]\s*([A-Z][A-Z0-9]*)/gi;
/** Names that begin alike for so long are of one family: `AT+QFWDRECV=?` is answered with `+QFWDPRECV:`. */
const FAMILY = 4;

/** @param text of the command */
export function isForeign(line: string, text: string): boolean {
  if (URC_LINES.has(line)) return true;
  const name = NAMED_LINE.exec(line)?.[1]?.toUpperCase();
  if (name === undefined) return false;
  const own = namesIn(text);
  if (own.includes(name)) return false;
  return URC_NAMES.has(name) || (own.length > 0 && !own.some((it) => isAkin(it, name)));
}

/** Names of the extended commands of a command line. */
function namesIn(text: string): string[] {
  const unquoted = text.replace(/"[^"]*"/g, '');
  return [...unquoted.matchAll(COMMAND_NAME)].map(([, name = '']) => name.toUpperCase());
}

function isAkin(one: string, other: string): boolean {
  return one.includes(other) || other.includes(one) || one.slice(0, FAMILY) === other.slice(0, FAMILY);
}
