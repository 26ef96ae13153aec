/** The lines that a modem keeps in its memory, as a trace. */
import { bodyLength, crossed, TERMINATED } from './payload';
import { TraceRecorder } from './recorder';
import { softwareVersion } from './software';

/** A line as the modem shows it: `text` has secrets masked, and payload as its length. */
export interface LogLine {
  /** In ms. */
  readonly at: number;
  readonly direction: 'out' | 'in' | 'note';
  readonly text: string;
}

/** Before the lines of the second port. */
const SECOND = '[2] ';
const BYTES = /^\[(\d+) bytes\]$/;
const CHARACTERS = /^\[(\d+) characters\]$/;
/** Stands for a secret, and for the first digits of an identity. */
const IDENTITY = /…(?=\d{4})/g;
const SECRET = /…/g;

/**
 * A trace with all its lines. The line ends that a module sends are not in the log: they are those of V.250.
 * @param date of the first line
 */
export function traceOfLog(log: readonly LogLine[], date: Date): string {
  const lines: string[] = [];
  let now = log[0]?.at ?? 0;
  const recorder = new TraceRecorder({
    software: softwareVersion(),
    now: () => now,
    write: (line) => lines.push(line()),
  });
  lines.push(recorder.begin(date));
  const commands = new Map<string, string>();
  for (const { at, direction, text } of log) {
    if (direction === 'note') continue;
    now = at;
    const isSecond = text.startsWith(SECOND);
    const port = isSecond ? 'usbmodem' : 'usbat';
    const said = text
      .slice(isSecond ? SECOND.length : 0)
      .replace(IDENTITY, '0'.repeat(11))
      .replace(SECRET, 'xxxx');
    if (direction === 'out' && !BYTES.test(said)) commands.set(port, said);
    const data = direction === 'out' ? written(said, commands.get(port) ?? '') : read(said);
    recorder.record(port, direction, Buffer.from(data, 'latin1'));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function written(text: string, command: string): string {
  if (text === 'ESC') return '\x1b';
  if (text === 'CR') return '\r';
  const body = payload(BYTES, text);
  if (body === undefined) return `${text}\r`;
  return bodyLength(command) === TERMINATED ? `${body.slice(1)}\x1a` : body;
}

function read(text: string): string {
  if (text === '>') return '\r\n> ';
  return payload(BYTES, text) ?? `\r\n${payload(CHARACTERS, text) ?? text}\r\n`;
}

function payload(length: RegExp, text: string): string | undefined {
  const [, count] = length.exec(text) ?? [];
  return count === undefined ? undefined : crossed(' '.repeat(Number(count)));
}
