/**
 * Traces of AT ports as JSON Lines: a header, then what was written and read, in order:
 *
 *     {"trace":1,"at":"2026-01-31T12:00:00.000Z","software":"0.2.0"}
 *     {"ms":12,"port":"usbat","dir":"out","data":"AT\r"}
 *     {"ms":14,"port":"usbat","dir":"in","data":"\r\nOK\r\n"}
 *
 * `data` has one character for each byte. A file may have several headers: one for each time that its port was opened.
 */
export const TRACE_VERSION = 1;

export interface TraceHeader {
  readonly trace: typeof TRACE_VERSION;
  /** ISO 8601 */
  readonly at: string;
  readonly software: string;
}

/** `out`: to the module. */
export type Direction = 'out' | 'in';

export interface TraceEntry {
  /** Since the header. */
  readonly ms: number;
  readonly port: string;
  readonly dir: Direction;
  readonly data: string;
}

/** One line, without its end. All characters are printable ASCII. */
export function traceLine(record: TraceHeader | TraceEntry): string {
  return JSON.stringify(record).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The entries of a trace. @throws {Error} that says which line is wrong */
export function parseTrace(text: string): TraceEntry[] {
  const records = text.split('\n').map((line, at) => (line.trim() === '' ? undefined : parsed(line, at + 1)));
  const [first, ...others] = records.filter((record) => record !== undefined);
  if (!first || !('trace' in first)) throw new Error('this is no trace: its first line is no header');
  return others.filter((record) => !('trace' in record)) as TraceEntry[];
}

function parsed(line: string, number: number): TraceHeader | TraceEntry {
  const record = json(line);
  if (isHeader(record) || isEntry(record)) return record;
  throw new Error(`line ${number} is no line of a trace of version ${TRACE_VERSION}`);
}

function json(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isHeader(record: object): record is TraceHeader {
  return 'trace' in record && record.trace === TRACE_VERSION;
}

function isEntry(record: object): record is TraceEntry {
  const { ms, port, dir, data } = record as Readonly<Record<string, unknown>>;
  const isText = typeof port === 'string' && typeof data === 'string';
  return typeof ms === 'number' && isText && (dir === 'out' || dir === 'in');
}
