import { ReadlineParser } from 'serialport';
import { Scanner } from '../../../src/at';
import { median, ratios } from '../support/figures';
import { KB, MB, type Result, type Row } from './row';

const NS_PER_MS = 1e6;

/** What a read of so many bytes sends back, until there is enough of it. */
function answers(payload: number, total: number): Buffer {
  const header = `\r\n+QFWDRECV: 2,${payload}\r\n`;
  const answer = Buffer.concat([
    Buffer.from(header),
    Buffer.alloc(payload, 'a'),
    Buffer.from('\r\n\r\nOK\r\n'),
  ]);
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
    for (const chunk of [64 * KB, 1]) {
      const bytes = answers(KB, (chunk === 1 ? 1 : 32) * MB * scale);
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = -1; round < rounds; round++) {
        const one = scan(bytes, chunk, KB);
        const other = await readLines(bytes, chunk);
        // The first is for the compiler.
        if (round >= 0) {
          ours.push(one);
          theirs.push(other);
        }
      }
      const work = `scan in chunks of ${chunk === 1 ? '1 byte' : '64 KB'}`;
      const aim = chunk === 1 ? {} : { aim: '≥ 10' };
      results.push(
        { work, who: 'readline', unit: 'ns/byte', values: theirs },
        {
          work,
          who: 'scanner',
          unit: 'ns/byte',
          values: ours,
          ratio: { to: 'as fast', values: ratios(theirs, ours) },
          ...aim,
          note: 'payload of 1 KB',
        },
      );
    }
    return [...results, ...flatness(rounds, scale)];
  },
};

/** The cost of a byte must not grow with what it is part of. */
function flatness(rounds: number, scale: number): Result[] {
  const grid = [KB, 64 * KB, MB].flatMap((payload) => [64, KB, 64 * KB].map((chunk) => ({ payload, chunk })));
  const cost = grid.map(({ payload, chunk }) => {
    const bytes = answers(payload, 8 * MB * scale);
    scan(bytes, chunk, payload);
    return median(Array.from({ length: rounds }, () => scan(bytes, chunk, payload)));
  });
  return [
    {
      work: 'scan payloads of 1 KB to 1 MB',
      who: 'scanner',
      unit: 'ns/byte',
      values: cost,
      ratio: { to: 'the cheapest', values: [Math.max(...cost) / Math.min(...cost)] },
      aim: '≤ 3',
      note: 'in chunks of 64 bytes to 64 KB; ratio of the dearest',
    },
  ];
}
