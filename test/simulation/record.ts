/** Numbered records that name who they are of, full of what a driver could take for something else. */
import { crc32 } from 'node:zlib';

/** Bytes of a record. */
export const LENGTH = 64;

/** A command that nobody may ever execute. */
export const FORBIDDEN = 'AT+QPOWD';

const NOISE = [
  `\r\nOK\r\n${FORBIDDEN}=1\r`,
  '\r\n> \r\n> \x1a\x1b\x1a',
  '\r\n+QFWDURC: "client/close",2',
  '\r\nERROR\r\n\r\nRDY\r\n\r\nOK',
  '+CMT: "1",,"2"\r\n+++ATH\r\n',
];

/** Fills a record up. */
export const FILLER = '.';

export interface Record {
  /** Who sends it to whom. */
  readonly label: string;
  readonly number: number;
}

export function record(label: string, number: number): Buffer {
  const text = `<${label}#${number}:${NOISE[number % NOISE.length]!}`.padEnd(LENGTH - 9, FILLER);
  const body = Buffer.from(text, 'latin1').subarray(0, LENGTH - 9);
  return Buffer.concat([body, Buffer.from(`${crc32(body).toString(16).padStart(8, '0')}>`)]);
}

export function records(label: string, first: number, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => record(label, first + index)));
}

export interface Parsed {
  /** Whole records, in order. */
  readonly records: readonly Record[];
  /** What stands between them, before and behind. */
  readonly fragments: readonly string[];
}

export function parse(bytes: Buffer): Parsed {
  const text = bytes.toString('latin1');
  const found: Record[] = [];
  const fragments: string[] = [];
  let rest = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const read = recordAt(text, at);
    if (!read) {
      at++;
      continue;
    }
    if (at > rest) fragments.push(text.slice(rest, at));
    found.push(read);
    rest = at += LENGTH;
  }
  if (rest < text.length) fragments.push(text.slice(rest));
  return { records: found, fragments };
}

function recordAt(text: string, at: number): Record | undefined {
  const [, label, number] = /^<([^#<]*)#(\d+):/.exec(text.slice(at, at + LENGTH)) ?? [];
  if (label === undefined) return undefined;
  const expected = record(label, Number(number)).toString('latin1');
  return text.startsWith(expected, at) ? { label, number: Number(number) } : undefined;
}
