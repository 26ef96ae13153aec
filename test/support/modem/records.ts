/** Numbered records with everything in them that a driver could stumble over: what is lost, doubled or late shows. */
import assert from 'node:assert/strict';

import { QfwdError } from '../../../src/modem';
import type { Rig } from './rig';

/** Bytes of a record. */
export const RECORD = 40;

/** What a send came to: the code of its error, or nothing. */
export type Outcomes = Map<number, string>;

export function record(number: number): Buffer {
  return Buffer.from(`#${number}`.padEnd(RECORD - 12, '.') + '\r\nOK\r\n> \x1a\x1b\r\n');
}

/** Sends some records at once; gives the error code of each that failed. */
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

/** The numbers of whole records, which must come once each and in order. */
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

/** What was sent has arrived, what was not has not, and only of an unknown outcome nobody knows. */
export function assertAccounted(arrived: Set<number>, codes: Outcomes, count: number): void {
  for (let number = 0; number < count; number++) {
    const code = codes.get(number);
    if (code === undefined) assert.ok(arrived.has(number), `${number} is lost`);
    else if (code !== 'QFWD_UNKNOWN_OUTCOME')
      assert.ok(!arrived.has(number), `${number} was sent all the same: ${code}`);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof QfwdError ? error.code : String(error);
}
