/** Numbered records with hostile bytes: they show what is lost, doubled or out of order. */
import assert from 'node:assert/strict';

import { QfwdError } from '../../../src/modem';
import type { Collector } from './collector';
import type { Rig } from './rig';

/** Bytes of a record. */
export const RECORD = 40;

/** Maximum bytes in one response. */
const MOST_READ = 1024;

/** The result of a send: the code of its error, or nothing. */
export type Outcomes = Map<number, string>;

export function record(number: number): Buffer {
  return Buffer.from(`#${number}`.padEnd(RECORD - 12, '.') + '\r\nOK\r\n> \x1a\x1b\r\n');
}

/** Sends some records at once; returns the error code of each that failed. */
export async function sendBatch(
  rig: Rig,
  socketId: number,
  first: number,
  count: number,
  timeout = 120_000,
): Promise<Outcomes> {
  const codes: Outcomes = new Map();
  const sends = Array.from({ length: count }, (_, index) =>
    rig.modem.send(socketId, record(first + index), timeout).catch((error: unknown) => {
      codes.set(first + index, codeOf(error));
    }),
  );
  await Promise.all(sends);
  return codes;
}

/** The numbers of complete records, which must be received once each and in order. */
export function numbersIn(bytes: Buffer): Set<number> {
  assert.equal(bytes.length % RECORD, 0);
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; at += RECORD) {
    const number = Number(/^#(\d+)/.exec(bytes.toString('latin1', at, at + RECORD))?.[1]);
    assert.deepEqual(bytes.subarray(at, at + RECORD), record(number));
    assert.ok(number > (numbers.at(-1) ?? -1), `${number} is doubled or late`);
    numbers.push(number);
  }
  return new Set(numbers);
}

/** Records that were sent were received, and others not; only those of unknown outcome may be either. */
export function assertAccounted(arrived: Set<number>, codes: Outcomes, count: number): void {
  for (let number = 0; number < count; number++)
    assert.ok(arrived.has(number) || codes.has(number), `${number} is lost`);
  assertNotSent(arrived, codes);
}

/** Records that failed were not received, unless their outcome is unknown. */
export function assertNotSent(arrived: Set<number>, codes: Outcomes): void {
  for (const [number, code] of codes)
    assert.ok(code === 'QFWD_UNKNOWN_OUTCOME' || !arrived.has(number), `${number} was sent: ${code}`);
}

/** All records up to `count` were received once and in order, except those that a lost response may have contained. */
export function assertRead({ missed }: Collector, bytes: Buffer, count: number): void {
  if (missed.all.length === 0) {
    assert.equal(numbersIn(bytes).size, count);
    return;
  }
  const numbers = [...bytes.toString('latin1').matchAll(/#(\d+)\./g)].map(([, number]) => Number(number));
  assertIncreasing(numbers);
  const lost = count * RECORD - bytes.length;
  assert.ok(lost >= 0 && lost <= missed.all.length * MOST_READ, `${lost} bytes are lost`);
}

export function assertIncreasing(numbers: readonly number[]): void {
  const sorted = [...new Set(numbers)].sort((one, other) => one - other);
  assert.deepEqual(numbers, sorted, 'doubled or out of order');
}

export function codeOf(error: unknown): string {
  return error instanceof QfwdError ? error.code : String(error);
}
