import { ReadlineParser } from 'serialport';
import { Scanner } from '../../../src/at';
import { median, ratios } from '../support/figures';
import { KB, MB, type Result, type Row } from './row';

const NS_PER_MS = 1e6;

const CASES = [
  { chunk: 64 * KB, isBinary: true },
  { chunk: 64 * KB, isBinary: false },
  { chunk: 1, isBinary: true },
];

/** What a read of so many bytes sends back, until there is enough of it. */
function answers(payload: number, total: number, isBinary = false): Buffer {
  const header = `\r\n+QFWDRECV: 2,${payload}\r\n`;
  const data = isBinary
    ? Buffer.from(Array.from({ length: payload }, (_, at) => (at * 167) & 0xff))
    : Buffer.alloc(payload, 'a');
  const answer = Buffer.concat([Buffer.from(header), data, Buffer.from('\r\n\r\nOK\r\n')]);
  return Buffer.concat(Array.from({ length: Math.max(1, Math.round(total / answer.length)) }, () => answer));
}

/** ns for a byte. */
function scan(bytes: Buffer, chunk: number, payload: number): number {
  const scanner = new Scanner();
  let due = 0;
  let tokens = 0;
  const started = performance.now();
  for (let at = 0; at < bytes.length; at += chunk) {
    scanner.feed(bytes.subarray(at, at + chunk));
    for (;;) {
      const token = scanner.next(due > 0 ? { block: due } : {});
      if (!token) break;
      tokens++;
      due = token.type === 'line' && token.text.startsWith('+QFWDRECV:') ? payload : 0;
    }
  }
  if (tokens === 0) throw new Error('nothing was found');
  return ((performance.now() - started) * NS_PER_MS) / bytes.length;
}

/** What no scanner can do without, where the tokens are known beforehand: a copy of each payload, and the text of each line. */
function copy(bytes: Buffer, payload: number): number {
  const header = `\r\n+QFWDRECV: 2,${payload}\r\n`;
  const ending = '\r\n\r\nOK\r\n';
  const length = header.length + payload + ending.length;
  let characters = 0;
  const started = performance.now();
  for (let at = 0; at < bytes.length; at += length) {
    const block = at + header.length;
    const data = Buffer.from(bytes.subarray(block, block + payload));
    characters += bytes.toString('latin1', at + 2, block - 2).length + data.length;
    characters += bytes.toString('latin1', block + payload + 4, at + length - 2).length;
  }
  if (characters === 0) throw new Error('nothing was found');
  return ((performance.now() - started) * NS_PER_MS) / bytes.length;
}

/** The same by the parser that ships with serialport, which knows lines only. */
async function readLines(bytes: Buffer, chunk: number): Promise<number> {
  const parser = new ReadlineParser({ delimiter: '\r\n' });
  let lines = 0;
  parser.on('data', () => lines++);
  const ended = new Promise((resolve) => parser.once('end', resolve));
  const started = performance.now();
  for (let at = 0; at < bytes.length; at += chunk) parser.write(bytes.subarray(at, at + chunk));
  parser.end();
  await ended;
  if (lines === 0) throw new Error('nothing was found');
  return ((performance.now() - started) * NS_PER_MS) / bytes.length;
}

/** The scanner alone. */
export const scanner: Row = {
  name: 'scanner',
  doc: 'ns for each byte of the answers to reads, beside @serialport/parser-readline on the same bytes',
  run: async ({ rounds, scale }) => {
    const results: Result[] = [];
    for (const { chunk, isBinary } of CASES) {
      const bytes = answers(KB, (chunk === 1 ? 1 : 32) * MB * scale, isBinary);
      const ours: number[] = [];
      const theirs: number[] = [];
      const least: number[] = [];
      for (let round = -1; round < rounds; round++) {
        const one = scan(bytes, chunk, KB);
        const other = await readLines(bytes, chunk);
        const floor = copy(bytes, KB);
        // The first is for the compiler.
        if (round >= 0) {
          ours.push(one);
          theirs.push(other);
          least.push(floor);
        }
      }
      const work = `scan ${isBinary ? 'binary' : 'text'}, chunks of ${chunk === 1 ? '1 byte' : '64 KB'}`;
      const aim = chunk === 1 ? {} : { aim: '≥ 10' };
      results.push(
        { work, who: 'readline', unit: 'ns/byte', values: theirs },
        ...(chunk === 1 ? [] : [floorOf(work, theirs, least)]),
        {
          work,
          who: 'scanner',
          unit: 'ns/byte',
          values: ours,
          ratio: { to: 'as fast', values: ratios(theirs, ours) },
          ...aim,
          note: `payload of 1 KB, ${isBinary ? 'binary' : 'text'}`,
        },
      );
    }
    return [...results, ...flatness(rounds, scale)];
  },
};

function floorOf(work: string, theirs: readonly number[], values: readonly number[]): Result {
  const ratio = { to: 'as fast', values: ratios(theirs, values) };
  return { work, who: 'floor', unit: 'ns/byte', values, ratio, note: 'only copies what the tokens hold' };
}

/** The cost of a byte must not grow with what it is part of. */
function flatness(rounds: number, scale: number): Result[] {
  const cost = (payload: number, chunk: number): number => {
    const bytes = answers(payload, 8 * MB * scale);
    scan(bytes, chunk, payload);
    return median(Array.from({ length: rounds }, () => scan(bytes, chunk, payload)));
  };
  const result = (work: string, values: number[], ratio: number, to: string, note: string): Result => ({
    work,
    who: 'scanner',
    unit: 'ns/byte',
    values,
    ratio: { to, values: [ratio] },
    aim: '≤ 3',
    note,
  });
  const long = [KB, 64 * KB, MB].map((payload) => cost(payload, KB));
  const small = [256, KB, 4 * KB, 64 * KB].map((chunk) => cost(KB, chunk));
  return [
    result(
      'scan longer payloads',
      long,
      Math.max(...long) / (long[0] ?? NaN),
      'of 1 KB',
      '1 KB to 1 MB, in chunks of 1 KB',
    ),
    result(
      'scan smaller chunks',
      small,
      Math.max(...small) / Math.min(...small),
      'the cheapest',
      '64 KB to 256 bytes, payload of 1 KB',
    ),
  ];
}
