/** Cutting a stream into messages. One framer for each connection; pure. */

export interface Framer {
  /** The messages that are complete now. */
  push(data: Buffer): Buffer[];
  /** The rest, when the stream has ended. */
  end(): Buffer[];
}

/** A message whose end does not come within so many bytes is passed on as it is. */
export const MAX_FRAME = 1024 * 1024;

/** Each piece as it comes. */
export function streamFramer(): Framer {
  return { push: (data) => [data], end: () => [] };
}

/** Messages that end with `delimiter`, which is cut off. */
export function delimiterFramer(delimiter: Buffer): Framer {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push: (data) => {
      const frames: Buffer[] = [];
      // What was searched before need not be searched again, except where a delimiter may straddle the border.
      let from = Math.max(0, pending.length - delimiter.length + 1);
      let start = 0;
      const bytes = pending.length > 0 ? Buffer.concat([pending, data]) : data;
      for (let at = bytes.indexOf(delimiter, from); at >= 0; at = bytes.indexOf(delimiter, from)) {
        frames.push(bytes.subarray(start, at));
        start = from = at + delimiter.length;
      }
      pending = bytes.subarray(start);
      if (pending.length < MAX_FRAME) return frames;
      const rest = pending;
      pending = Buffer.alloc(0);
      return [...frames, rest];
    },
    end: () => (pending.length > 0 ? [pending] : []),
  };
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
      const bytes = Buffer.concat(pending);
      const whole = size - (size % length);
      pending = [bytes.subarray(whole)];
      size -= whole;
      return Array.from({ length: whole / length }, (_, index) =>
        bytes.subarray(index * length, (index + 1) * length),
      );
    },
    end: () => (size > 0 ? [Buffer.concat(pending)] : []),
  };
}

/** A delimiter as it is typed: `\n`, `\r`, `\t`, `\0`, `\\`, `\xHH`, and anything else as it stands. */
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
