/**
 * Traces of AT ports as JSON Lines: a header, then what was written and read, in order:
 *
 *     {"trace":1,"at":"2026-01-31T12:00:00.000Z","software":"0.2.0"}
 *     {"ms":12,"port":"usbat","dir":"out","data":"AT\r"}
 *     {"ms":14,"port":"usbat","dir":"in","data":"\r\nOK\r\n"}
 *
 * `data` has one character for each byte. A file may have several headers: one for each time that its port was opened.
 * Other properties are ignored.
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

/** The first line of a trace. */
export function headerLine(software: string, at = new Date()): string {
  return traceLine({ trace: TRACE_VERSION, at: at.toISOString(), software });
}

const HEADER = '{"trace":1,"at":"2026-01-31T12:00:00.000Z","software":"…"}';
const ENTRY = '{"ms":12,"port":"usbat","dir":"out","data":"AT\\r"}';

/**
 * The entries of a trace, with `ms` since its first header. The last line, also that before another header, is left out if it is
 * not whole, as the computer may have stopped while it was written.
 * @throws {Error} that says which line is wrong
 */
export function parseTrace(text: string): TraceEntry[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  if (isEmpty(json(lines.at(-1) ?? ''))) lines.pop();
  const entries: TraceEntry[] = [];
  // Of the last header, and of the last entry.
  let began: number | undefined;
  let last = 0;
  lines.forEach((line, at) => {
    if (line.trim() === '') return;
    const record = json(line);
    if (isEmpty(record) && isHeader(json(lines[at + 1] ?? ''))) return;
    if (began === undefined && !isHeader(record)) throw new Error(noHeader(record, at + 1));
    if (isHeader(record)) began = last;
    else if (isEntry(record)) {
      last = (began ?? 0) + record.ms;
      entries.push({ ...record, ms: last });
    } else throw new Error(`line ${at + 1} is no line of a trace, such as ${ENTRY}`);
  });
  if (began === undefined) throw new Error(noHeader({}, 1));
  return entries;
}

function noHeader({ trace }: Readonly<Record<string, unknown>>, line: number): string {
  return typeof trace === 'number'
    ? `this trace has version ${trace}, and only version ${TRACE_VERSION} is known`
    : `this is no trace: line ${line} is no header, such as ${HEADER}`;
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

/** Empty if it is no object. */
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
  const isTime = typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER;
  const areBytes = typeof data === 'string' && !/[^\0-\xff]/.test(data);
  return isTime && typeof port === 'string' && areBytes && (dir === 'out' || dir === 'in');
}
