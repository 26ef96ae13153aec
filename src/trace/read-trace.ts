/** Reads the file of a trace. */
import { readFile, stat } from 'node:fs/promises';
import { parseTrace, type TraceEntry } from './format';

/** Several times as large as those that are written. In bytes. */
const LIMIT = 64 * 1024 * 1024;

/** Rejects with an error that says what is wrong with the file. */
export async function readTrace(file: string): Promise<TraceEntry[]> {
  const { size } = await stat(file);
  if (size > LIMIT) throw new Error(`${file}: a trace may have up to ${LIMIT / 1024 / 1024} MB`);
  try {
    return parseTrace(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
