/** Splits a stream into messages. One framer per connection; pure. */

export interface Framer {
  /** The messages that are complete now. */
  push(data: Buffer): Buffer[];
  /** The rest, when the stream has ended. */
  end(): Buffer[];
}

/** A message that exceeds this many bytes without an end is emitted as it is. */
export const MAX_FRAME = 1024 * 1024;

/** Each chunk as it arrives. */
export function streamFramer(): Framer {
  return { push: (data) => [data], end: () => [] };
}

/** Messages that end with `delimiter`, which is removed. */
export function delimiterFramer(delimiter: Buffer): Framer {
  const overlap = delimiter.length - 1;
  let pending: Buffer[] = [];
  let size = 0;
  // The end of the pending data, which may contain the start of a delimiter.
  let tail = NOTHING;
  return {
    push: (data) => {
      const unsearched = joined([tail, data]);
      pending.push(data);
      size += data.length;
      tail = lastOf(unsearched, overlap);
      if (size < MAX_FRAME && !unsearched.includes(delimiter)) return [];
      // Concatenated only now; otherwise a long message would be copied for each of its chunks.
      const { frames, rest } = split(joined(pending), delimiter);
      pending = [rest];
      size = rest.length;
      tail = lastOf(rest, overlap);
      return frames;
    },
    end: () => (size > 0 ? [joined(pending)] : []),
  };
}

function split(bytes: Buffer, delimiter: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, start)) {
    frames.push(bytes.subarray(start, at));
    start = at + delimiter.length;
  }
  const rest = bytes.subarray(start);
  return rest.length < MAX_FRAME ? { frames, rest } : { frames: [...frames, rest], rest: NOTHING };
}

/** Messages of exactly `length` bytes. */
export function lengthFramer(length: number): Framer {
  let pending: Buffer[] = [];
  let size = 0;
  return {
    push: (data) => {
      pending.push(data);
      size += data.length;
      if (size < length) return [];
      const bytes = joined(pending);
      const whole = size - (size % length);
      pending = [bytes.subarray(whole)];
      size -= whole;
      return Array.from({ length: whole / length }, (_, index) =>
        bytes.subarray(index * length, (index + 1) * length),
      );
    },
    end: () => (size > 0 ? [joined(pending)] : []),
  };
}

const NOTHING: Buffer = Buffer.alloc(0);

function joined(pieces: readonly Buffer[]): Buffer {
  const [first = NOTHING, ...others] = pieces.filter(({ length }) => length > 0);
  return others.length === 0 ? first : Buffer.concat([first, ...others]);
}

function lastOf(bytes: Buffer, length: number): Buffer {
  return bytes.subarray(Math.max(0, bytes.length - length));
}

/** Parses a delimiter as typed by the user: `\n`, `\r`, `\t`, `\0`, `\\`, `\xHH`; other characters are literal. */
export function unescapeDelimiter(text: string): Buffer {
  const parts = text.match(/\\x[0-9a-f]{2}|\\[nrt0\\]|[^]/giu) ?? [];
  return Buffer.concat(parts.map((part) => ESCAPES.get(part) ?? hexEscape(part) ?? Buffer.from(part)));
}

const ESCAPES = new Map(
  Object.entries({ '\\n': '\n', '\\r': '\r', '\\t': '\t', '\\0': '\0', '\\\\': '\\' }).map(
    ([typed, meant]) => [typed, Buffer.from(meant)],
  ),
);

function hexEscape(part: string): Buffer | undefined {
  return /^\\x/i.test(part) ? Buffer.from(part.slice(2), 'hex') : undefined;
}
