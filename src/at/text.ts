/**
 * Text from other people that the module passes on: the bodies of short messages and cell broadcasts (3GPP TS 27.005), and
 * strings that contain line ends, as in `+CUSD`. Nothing in it is a result code, a prompt or a URC.
 *
 * A header announces a text, and usually how it ends:
 *
 * - A PDU is one line of hexadecimal digits (AT+CMGF=0).
 * - A body of `<length>` characters ends with the line that completes them (AT+CMGF=1 and AT+CSDH=1). If the line is longer,
 *   the module shows each character as several digits, on one line.
 * - A string ends with a quote before a comma, a bracket or the end of the line. If what follows shows that this was not its
 *   end, it is handled as a body without a length.
 * - A body without a length may have any number of lines, and its author could imitate any mark of its end. So it includes
 *   everything until the line is quiet, or until it is too long. A URC at that moment is lost, but nobody can forge one.
 *   AT+CSDH=1 avoids this.
 *
 * A quiet line also ends a body that is shorter than announced, and a string whose closing quote was lost.
 */
import { parseParameters } from './parameters';
import { MAX_LINE_BYTES } from './scanner';

export interface Text {
  /** The line that announced it. */
  readonly header: string;
  /** The text so far, with its line ends unchanged. */
  readonly said: string;
  /** `undecided`: until the line is quiet. */
  readonly form: 'pdu' | 'counted' | 'string' | 'undecided';
  /** Number of characters before a line end can be the end of the text. */
  readonly missing: number;
  /** Number of lines that may be URCs or result codes. */
  readonly doubtful: number;
  readonly isEnded: boolean;
}

/** Maximum length of a text without a length, in characters: short messages have 160, broadcasts 93, USSD strings 182. */
const LONGEST = 256;
/** Maximum total length of a list of messages without lengths, in characters. */
export const MAX_TEXT = 256 * 1024;

const HEADER = /^[+^](CMT|CBM|CDS|CMGR|QCMGR|CMGL|HCMT):/;
/** URCs with one string from others, followed by numbers: USSD and caller names (3GPP TS 27.007 7.15, 7.30). */
const ONE_STRING = /^\+(CUSD|CNAP):/;
/** What may follow that string. */
const NUMBERS = /^(\s*,\s*\d*)*\s*$/;
const NAMED_LINE = /^[+^$*%!#][A-Z][A-Z0-9]*:/i;
const HEX = /^(?:[0-9A-F]{2})+$/i;
const NUMBER = /^\d{1,4}$/;

/**
 * The text that a line announces, if any.
 * @param isUnsolicited recognizes URCs, which announce no text, even if noise has changed their quotes
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

/** The text after a header of 3GPP TS 27.005 with these parameters; `undefined` if there is none. */
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
      // In text mode, a status report consists of its header only.
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

/** Adds to a text. @param raw a line with one character of its line end, or a piece of a very long line */
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
  // A header within a text may be that of the next text, which must not be taken for lines.
  const isHeader = HEADER.test(line.trim()) && !(text.form === 'counted' && missing >= 0);
  const isFalseEnd = text.form === 'string' && ONE_STRING.test(text.header) && hasFalseEnd(line, true);
  if (isHeader || isFalseEnd) return { ...next, ...UNDECIDED };
  if (isExact) return { ...next, doubtful: 0, isEnded: true };
  return { ...next, isEnded: missing <= 0 || said.length > MAX_TEXT };
}

/** Whether a line can be a PDU. */
export function isPdu(line: string): boolean {
  return HEX.test(line);
}

/** The header and its text as one line that contains line breaks. */
export function wholeLine({ header, said }: Text): string {
  const body = said.replace(/\r\n?/g, '\n').trimEnd();
  return body === '' ? header : `${header}\n${body}`;
}

/** Whether a string continues after the line. @param isOpen whether the line begins within a string */
function isInString(line: string, isOpen: boolean): boolean {
  let isInside = isOpen;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) {
    isInside = isInside ? !isClosing(line, at) : isOpening(line, at);
  }
  return isInside;
}

/** Whether a string seems to end in the line, but not only numbers follow. @param isOpen whether it begins within one */
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
