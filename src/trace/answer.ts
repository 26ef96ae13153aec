/** The answer to a command line: information text with its data, and a final result code. */
import { parseResult } from '../at';
import { blockLength } from './payload';

export interface Parts {
  /** Lines, each with the line ends before it and the data after it. */
  readonly infos: readonly string[];
  /** With the line ends before it; empty if it has not come yet. */
  readonly result: string;
  /** What follows the result code. */
  readonly rest: string;
}

export function partsOf(text: string): Parts {
  const infos: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, end).trim();
    at = end;
    if (line === '') continue;
    if (isResult(line)) return { infos, result: text.slice(start, end), rest: text.slice(end) };
    at += dataLength(line);
    infos.push(text.slice(start, at));
    start = at;
  }
  return { infos, result: '', rest: '' };
}

/** The answer to a read as if there had been nothing to read. */
export function withoutData(answer: string): string {
  const { infos, result, rest } = partsOf(answer);
  return `${infos.map(withoutBlock).join('')}${result}${rest}`;
}

/** Answers to commands as the answer to a line of all of them. */
export function joined(answers: readonly string[]): string {
  if (answers.length === 1) return answers[0] ?? '';
  const parts = answers.map(partsOf);
  return `${parts.flatMap(({ infos }) => infos).join('')}${parts.at(-1)?.result ?? ''}`;
}

/** The data in an answer. */
export function dataIn(answer: string): string {
  return partsOf(answer)
    .infos.map((info) => splitAtBlock(info)?.data ?? '')
    .join('');
}

/** The answer to a read as if it had found this data. */
export function withData(answer: string, data: string): string {
  const { infos, result, rest } = partsOf(answer);
  const info = infos.map((text) => {
    const { header, end } = splitAtBlock(text) ?? {};
    return header === undefined ? text : `${header.replace(LENGTH, String(data.length))}${data}${end ?? ''}`;
  });
  return `${info.join('')}${result}${rest}`;
}

/** … in the header of data. */
const LENGTH = /\d+(?=(,"[^"]*",\d+)?\r?\n$)/;
/** … with the sender, which is named with data only. */
const LENGTH_AND_SENDER = /\d+(,"[^"]*",\d+)?(?=\r?\n$)/;

function withoutBlock(info: string): string {
  return splitAtBlock(info)?.header.replace(LENGTH_AND_SENDER, '0') ?? info;
}

/** `undefined` if there is no data. */
function splitAtBlock(
  info: string,
): { readonly header: string; readonly data: string; readonly end: string } | undefined {
  const line = info.trimStart().split('\n', 1)[0]?.trim() ?? '';
  const length = dataLength(line);
  if (length === 0) return undefined;
  const block = info.slice(-length);
  return { header: info.slice(0, -length), data: block.slice(0, -2), end: block.slice(-2) };
}

/** A line end follows the data. */
function dataLength(line: string): number {
  const length = blockLength(line);
  return length > 0 ? length + 2 : 0;
}

function isResult(line: string): boolean {
  return parseResult(line) !== undefined || /^SEND (OK|FAIL)$/.test(line);
}
