/**
 * Text that others wrote, as the module hands it on: the bodies of short messages and cell broadcasts (3GPP TS 27.005),
 * and strings with line ends in them, as in `+CUSD`. Whatever it holds, it is no result code, no prompt and no URC.
 *
 * A header says that a text follows, and mostly how it ends:
 *
 * - A PDU is one line of hexadecimal digits (AT+CMGF=0).
 * - A body of `<length>` characters ends with the line in which it has as many (AT+CMGF=1 and AT+CSDH=1). If there are
 *   more, the module shows each of its characters as several digits, on one line.
 * - A string ends with a quote before a comma, a bracket or the end of the line. If what follows shows that this was not its
 *   end, it is a body without a length.
 * - A body without a length may have any number of lines. Nothing in it tells the last one, as whoever wrote it could
 *   have written that, too. So all is taken for the body that comes before the line falls quiet, or is too long for one:
 *   what the module says itself in that moment is lost, but nobody can speak in its name. AT+CSDH=1 avoids this.
 *
 * The same ends a body that is shorter than its header says, and a string whose closing quote was lost.
 */
import { parseParameters } from './parameters';
import { MAX_LINE_BYTES } from './scanner';

export interface Text {
  /** The line that announced it. */
  readonly header: string;
  /** What followed, with line ends as they came. */
  readonly said: string;
  /** `undecided` goes on until the line is quiet. */
  readonly form: 'pdu' | 'counted' | 'string' | 'undecided';
  /** So many characters have to come before the end of a line can be its end. */
  readonly missing: number;
  /** How many lines are taken that may be the module's own. */
  readonly doubtful: number;
  readonly isEnded: boolean;
}

/** No text without a length is longer, in characters: not a short message (160), a page of a broadcast (93), a USSD string (182). */
const LONGEST = 256;
/** All messages of a store, listed without their lengths, have no more characters. */
export const MAX_TEXT = 256 * 1024;

const HEADER = /^[+^](CMT|CBM|CDS|CMGR|QCMGR|CMGL|HCMT):/;
/** URCs with one string, of others, and numbers behind it: of USSD, and the name of a caller (3GPP TS 27.007 7.15, 7.30). */
const ONE_STRING = /^\+(CUSD|CNAP):/;
/** What may follow that string. */
const NUMBERS = /^(\s*,\s*\d*)*\s*$/;
const NAMED_LINE = /^[+^$*%!#][A-Z][A-Z0-9]*:/i;
const HEX = /^(?:[0-9A-F]{2})+$/i;
const NUMBER = /^\d{1,4}$/;

/**
 * The text that a line announces, if it does.
 * @param isUnsolicited of the module's own lines, which announce none: what noise has done to their quotes does not matter
 */
export function announced(header: string, isUnsolicited: (line: string) => boolean): Text | undefined {
  const name = HEADER.exec(header)?.[1];
  const form = name === undefined ? undefined : bodyAfter(name, parseParameters(header));
  if (form) return textAfter(header, form);
  if (ONE_STRING.test(header) && hasFalseEnd(header, false)) return textAfter(header, UNDECIDED);
  if (!isInString(header, false) || !NAMED_LINE.test(header) || isUnsolicited(header)) return undefined;
  return textAfter(header, STRING);
}

function textAfter(header: string, form: Form): Text {
  return { header, said: '', doubtful: 0, isEnded: false, ...form };
}

type Form = Pick<Text, 'form' | 'missing'>;

const STRING: Form = { form: 'string', missing: MAX_LINE_BYTES };
const PDU: Form = { form: 'pdu', missing: 0 };
const UNDECIDED: Form = { form: 'undecided', missing: LONGEST };

/** What follows a header of 3GPP TS 27.005 with these parameters; `undefined` when nothing does. */
function bodyAfter(name: string, parameters: string[]): Form | undefined {
  const count = parameters.length;
  const length = parameters.at(-1) ?? '';
  const counted = (places: number): Form =>
    count === places && NUMBER.test(length) ? { form: 'counted', missing: Number(length) } : UNDECIDED;
  switch (name) {
    case 'CMT':
      return count <= 2 && NUMBER.test(length) ? PDU : counted(10);
    case 'CBM':
      return count === 1 ? PDU : UNDECIDED;
    case 'CDS':
      // In text mode, a status report is all in its header.
      return count === 1 ? PDU : undefined;
    case 'CMGL': {
      const [index = '', status = ''] = parameters;
      if (!NUMBER.test(index)) return undefined;
      return NUMBER.test(status) ? PDU : counted(7);
    }
    case 'CMGR':
      return NUMBER.test(parameters[0] ?? '') ? PDU : counted(11);
    case 'QCMGR':
      return NUMBER.test(parameters[0] ?? '') ? PDU : UNDECIDED;
    default:
      return UNDECIDED;
  }
}

/** The text with more of it. @param raw a line with the character that ends it, or a piece of a very long one */
export function add(text: Text, raw: string): Text {
  const isLine = /[\r\n]$/.test(raw);
  const line = isLine ? raw.slice(0, -1) : raw;
  const said = text.said + raw;
  const missing = text.missing - line.length;
  const isFirst = text.form !== 'string' && text.said === '';
  const doubtful = text.doubtful + (isFirst || line.trim() === '' ? 0 : 1);
  const next: Text = { ...text, said, missing: missing - raw.length + line.length, doubtful };
  if (!isLine) return { ...next, isEnded: said.length > MAX_TEXT };
  const isExact = text.form === 'counted' ? missing === 0 : text.form === 'string' && !isInString(line, true);
  // A header within a text may be the next one's, whose text must not be laid bare.
  const isHeader = HEADER.test(line.trim()) && !(text.form === 'counted' && missing >= 0);
  const isFalseEnd = text.form === 'string' && ONE_STRING.test(text.header) && hasFalseEnd(line, true);
  if (isHeader || isFalseEnd) return { ...next, ...UNDECIDED };
  if (isExact) return { ...next, doubtful: 0, isEnded: true };
  return { ...next, isEnded: missing <= 0 || said.length > MAX_TEXT };
}

/** Whether a line is what a PDU can be. */
export function isPdu(line: string): boolean {
  return HEX.test(line);
}

/** The header and its text, as one line with line breaks in it. */
export function wholeLine({ header, said }: Text): string {
  const body = said.replace(/\r\n?/g, '\n').trimEnd();
  return body === '' ? header : `${header}\n${body}`;
}

/** Whether a string goes on beyond the end of the line. @param isOpen whether one did before it */
function isInString(line: string, isOpen: boolean): boolean {
  let isInside = isOpen;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) {
    isInside = isInside ? !isClosing(line, at) : isOpening(line, at);
  }
  return isInside;
}

/** Whether a string seems to end in the line, but more than numbers follows. @param isOpen whether one was open before it */
function hasFalseEnd(line: string, isOpen: boolean): boolean {
  let isInside = isOpen;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) {
    if (isInside && isClosing(line, at)) return !NUMBERS.test(line.slice(at + 1));
    isInside ||= isOpening(line, at);
  }
  return false;
}

function isOpening(line: string, at: number): boolean {
  let before = at - 1;
  while (line[before] === ' ') before--;
  return before < 0 || ':,('.includes(line.charAt(before));
}

function isClosing(line: string, at: number): boolean {
  let after = at + 1;
  while (line[after] === ' ') after++;
  return after === line.length || ',)'.includes(line.charAt(after));
}
