import assert from 'node:assert/strict';
import fc from 'fast-check';

import { DatagramQueue } from '../../../src/simulator/sockets/datagram-queue';

const datagrams = fc.array(
  fc.record({
    data: fc.string({ maxLength: 9 }).map((text) => Buffer.from(text)),
    from: fc.record({ address: fc.constant('127.0.0.1'), port: fc.integer({ min: 1, max: 65_535 }) }),
  }),
  { maxLength: 8 },
);

describe('a queue of datagrams', () => {
  it('returns each datagram in order, in pieces with its sender, and the rest of it only if it is set to keep that', () => {
    fc.assert(
      fc.property(datagrams, fc.integer({ min: 1, max: 9 }), fc.boolean(), (all, max, keepsRest) => {
        const queue = new DatagramQueue();
        for (const datagram of all) queue.push(datagram);
        for (const { data, from } of all) {
          const reads = keepsRest ? Math.max(1, Math.ceil(data.length / max)) : 1;
          for (let at = 0; at < reads * max; at += max)
            assert.deepEqual(queue.take(max, keepsRest), { data: data.subarray(at, at + max), from });
        }
        assert.deepEqual([queue.length, queue.bytes, queue.take(max, keepsRest)], [0, 0, undefined]);
      }),
    );
  });

  it('counts its bytes', () => {
    const queue = new DatagramQueue();
    for (const text of ['hello', '', 'there'])
      queue.push({ data: Buffer.from(text), from: { address: '::1', port: 1 } });
    assert.deepEqual([queue.length, queue.bytes], [3, 10]);
    queue.take(2, true);
    assert.deepEqual([queue.length, queue.bytes], [3, 8]);
    queue.take(2, false);
    assert.deepEqual([queue.length, queue.bytes], [2, 5]);
  });
});
