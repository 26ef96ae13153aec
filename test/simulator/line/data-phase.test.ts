import assert from 'node:assert/strict';
import fc from 'fast-check';

import { DataPhase, type BodyRules } from '../../../src/simulator/line/data-phase';

const CTRL_Z = '\x1a';
const ESC = '\x1b';

/** Feeds bytes in pieces of `size`; returns the body and what was left over. */
function take(rules: BodyRules, input: Buffer, size = input.length) {
  const phase = new DataPhase(rules);
  for (let at = 0; at < input.length;) {
    const { used, body } = phase.take(input.subarray(at, at + size));
    at += used;
    if (body !== undefined) {
      return { body: typeof body === 'string' ? body : body.data, rest: input.subarray(at).toString() };
    }
  }
  return undefined;
}

describe('data phase', () => {
  it('of fixed length accepts any byte, wherever chunks end', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 1024 }),
        fc.integer({ min: 1, max: 300 }),
        (data, size) => {
          const body = Buffer.from(data);
          const taken = take(
            { length: body.length, limit: 1024, controls: false },
            Buffer.concat([body, Buffer.from('AT')]),
            size,
          );
          assert.deepEqual(taken, { body, rest: 'AT' });
        },
      ),
    );
  });

  it('of fixed length may end at Ctrl-Z', () => {
    const rules = { length: 10, limit: 1024, controls: true };
    assert.deepEqual(take(rules, Buffer.from(`ab${CTRL_Z}cd`)), { body: Buffer.from('ab'), rest: 'cd' });
    assert.deepEqual(take(rules, Buffer.from(`ab${ESC}cd`)), { body: 'cancelled', rest: 'cd' });
    assert.deepEqual(take(rules, Buffer.from(`0123456789${CTRL_Z}`)), {
      body: Buffer.from('0123456789'),
      rest: CTRL_Z,
    });
  });

  it('of variable length ends at Ctrl-Z and is canceled by ESC, whichever comes first', () => {
    const rules = { limit: 1024, controls: true };
    for (const size of [1, 2, 100]) {
      assert.deepEqual(take(rules, Buffer.from(`ab${CTRL_Z}${ESC}`), size), {
        body: Buffer.from('ab'),
        rest: ESC,
      });
      assert.deepEqual(take(rules, Buffer.from(`ab${ESC}${CTRL_Z}`), size), {
        body: 'cancelled',
        rest: CTRL_Z,
      });
    }
    assert.equal(take(rules, Buffer.from('no end')), undefined);
  });

  it('discards what is too long up to its end', () => {
    const rules = { limit: 4, controls: true };
    assert.deepEqual(take(rules, Buffer.from(`12345${CTRL_Z}AT`), 3), { body: 'too-long', rest: 'AT' });
    assert.deepEqual(take(rules, Buffer.from(`1234${CTRL_Z}AT`), 3), {
      body: Buffer.from('1234'),
      rest: 'AT',
    });
  });
});
