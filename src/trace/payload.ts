/** Where payload is in the dialogue with a module: the commands that send it and the lines that announce it. */

/** A body that ends with Ctrl-Z or ESC instead of after a number of bytes. */
export const TERMINATED = Infinity;

const CTRL_Z = '\x1a';
export const ESC = '\x1b';

/** Commands whose body has the length that they state. */
const FIXED = [/^AT\+QFWDSEND=\d+,0,(\d+)/i, /^AT\+Q(?:I|SSL)SEND=\d+,(\d+)/i];
/** … as two digits for each byte. */
const FIXED_HEX = [/^AT\+QFWDSEND=\d+,1,(\d+)/i];
const HEX = /^AT\+QFWDSEND=\d+,1\b/i;

/** Lines before raw data, with its length. */
const BLOCKS = [/^\+QFWDP?(?:RECV|ACK): ?\d+,(\d+)$/, /^\+Q(?:IRD|SSLRECV): ?(\d+)(?:,"[^"]*",\d+)?$/];

/**
 * The same on firmware that puts data on the line of its header, by a command on the line: of any sender, or with a length. The
 * header of the first kind begins like that of the second.
 */
const INLINE_BLOCKS = [
  [/(^AT|;)\+QIRD=\d+(?=;|$)/i, /^[\r\n]*\+QIRD: ?(\d+),"?[^",]*"?,\d+,/],
  [/(^AT|;)\+QIRD=\d+,\d*[1-9]/i, /^[\r\n]*\+QIRD: ?(\d+),/],
] as const;

/** Commands that read data, and those that send it, up to their length. */
const READ = /^(AT\+Q(?:FWDRECV|IRD|SSLRECV)=\d+)(?:,\d*[1-9]\d*)?$/i;
/** Where reading has no command of its own. */
const READ_BY_FIGURES = /^AT\+QFWDACK=\d+,\d+$/i;
const SEND = /^(AT\+Q(?:FWDSEND=\d+|(?:I|SSL)SEND=\d+(?!,0$)))(?:,\d+){0,2}/i;
const SEND_INLINE = /^(AT\+QISENDEX=\d+),.*/i;

/** Commands with payload among their parameters, before and within the quotes. */
const INLINE = /^(AT\+QISENDEX=\d+,"?)([^"]*)/i;

/** The length in bytes of the body that a command asks for when it prompts. */
export function bodyLength(command: string): number {
  const digits = firstNumber(FIXED_HEX, command);
  return digits === undefined ? (firstNumber(FIXED, command) ?? TERMINATED) : 2 * digits;
}

/** Where a terminated body ends; -1 if it goes on. */
export function endOfBody(text: string): number {
  return text.replaceAll(ESC, CTRL_Z).indexOf(CTRL_Z);
}

/** How many raw bytes follow this line. */
export function blockLength(line: string): number {
  return firstNumber(BLOCKS, line) ?? 0;
}

/**
 * The header at the begin of an answer that ends in front of its data, and the length of that.
 * @param line one command, or several
 */
export function inlineHeader(
  line: string,
  answer: string,
): { readonly length: number; readonly block: number } | undefined {
  for (const [read, header] of INLINE_BLOCKS) {
    const [found, block] = (read.test(line) ? header.exec(answer) : undefined) ?? [];
    if (found !== undefined) return { length: found.length, block: Number(block) };
  }
  return undefined;
}

/** What a command reads; `undefined` if it reads no data. */
export function readIn(command: string): { readonly socketId: number; readonly length?: number } | undefined {
  if (!isRead(command)) return undefined;
  const [socketId = NaN, length] = (command.match(/\d+/g) ?? []).map(Number);
  return { socketId, ...(length !== undefined && { length }) };
}

/** The bytes that a command sends, in its body or among its parameters. */
export function payloadOf(command: string, body: string): string {
  const inline = INLINE.exec(command)?.[2];
  const isHex = inline !== undefined || HEX.test(command);
  const text = inline ?? body;
  return isHex ? fromHex(text) : text;
}

/** As many bytes, also of digits that are masked. */
function fromHex(digits: string): string {
  const bytes = digits.match(/../gs) ?? [];
  return bytes.map((pair) => (pair === 'xx' ? 'x' : String.fromCharCode(parseInt(pair, 16) || 0))).join('');
}

export function isRead(command: string): boolean {
  return READ.test(command) || READ_BY_FIGURES.test(command);
}

/** A command that reads or sends data, without the length and format of that; others as they are. */
export function withoutLength(command: string): string {
  return [READ, SEND, SEND_INLINE].reduce((text, pattern) => text.replace(pattern, '$1'), command);
}

/** A command with payload among its parameters, without that; `undefined` for all others. */
export function withoutPayload(command: string): string | undefined {
  const [, before = '', payload = ''] = INLINE.exec(command) ?? [];
  return before === ''
    ? undefined
    : `${before}${crossed(payload)}${command.slice(before.length + payload.length)}`;
}

/** As many `x`. */
export function crossed(text: string): string {
  return 'x'.repeat(text.length);
}

function firstNumber(patterns: readonly RegExp[], text: string): number | undefined {
  const [found] = patterns.map((pattern) => pattern.exec(text)?.[1]).filter((it) => it !== undefined);
  return found === undefined ? undefined : Number(found);
}
