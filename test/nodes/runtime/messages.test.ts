import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { eventMessage, socketIdOf, toBytes } from '../../../nodes/runtime/messages';
import { QfwdError } from '../../../src/modem';
import { HOSTILE_VALUES, throwing } from '../../support/hostile-values';

/** Of values that are hostile elsewhere: text, and objects that JSON can write. */
const SENDABLE = new Set([
  'an object without a prototype',
  'an object whose tag cannot be read',
  'five million characters',
]);

describe('messages', () => {
  const payloads: [what: string, payload: unknown, bytes: string][] = [
    ['text as UTF-8', 'ä€', 'c3a4e282ac'],
    ['a Buffer as it is', Buffer.from([0, 255]), '00ff'],
    ['part of an array of bytes', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), '0203'],
    ['an array of bytes of a function node', runInNewContext('new Uint8Array([1, 2])'), '0102'],
    ['the bytes of an ArrayBuffer', new Uint8Array([1, 2]).buffer, '0102'],
    ['those of a function node', runInNewContext('new Uint8Array([1, 2]).buffer'), '0102'],
    ['the bytes of shared memory', shared(1, 2), '0102'],
    ['part of an array of words', new Uint16Array([1, 0x0203, 4]).subarray(1, 2), '0302'],
    ['a view of bytes', new DataView(new Uint8Array([1, 2, 3]).buffer, 1), '0203'],
    ['fractions', new Float32Array([1]), '0000803f'],
    ['zero', 0, '30'],
    ['true', true, '74727565'],
    ['an object as JSON', { a: 'ä' }, Buffer.from('{"a":"ä"}').toString('hex')],
    ['an empty list', [], '5b5d'],
    ['an empty object', {}, '7b7d'],
    ['one of a function node', runInNewContext('({})'), '7b7d'],
    ['one without a prototype', Object.create(null), '7b7d'],
    ['a date', new Date(0), Buffer.from('"1970-01-01T00:00:00.000Z"').toString('hex')],
    ['what JSON can of an object', { a: new Map([[1, 2]]), b: () => 1, c: undefined }, '7b2261223a7b7d7d'],
    ['no text', '', ''],
  ];
  for (const [what, payload, bytes] of payloads) {
    it(`can write ${what}`, () => assert.equal(toBytes(payload).toString('hex'), bytes));
  }

  const unwritable: (readonly [what: string, payload: unknown])[] = [
    ['a big integer', 1n],
    ['a big integer in an object', { n: 1n }],
    ['an object without JSON', { toJSON: () => undefined }],
    ['an object whose JSON throws', throwing({}, 'toJSON', new Error('no'))],
    ['a map', new Map([[1, 2]])],
    ['a set of a function node', runInNewContext('new Set([1])')],
    ['weak maps and sets', new WeakMap()],
    ['a promise', Promise.resolve(1)],
    ['an error', new QfwdError('QFWD_CLOSED', 'x')],
    ['an error of a function node', runInNewContext('new RangeError("x")')],
    ['a pattern', /x/],
    ['a blob', new Blob(['x'])],
    ['parameters of an address', new URLSearchParams('a=b')],
    ['a weak reference', new WeakRef({})],
    [
      'a generator',
      (function* () {
        yield 1;
      })(),
    ],
    ['headers', new Headers({ a: 'b' })],
    ['a view of a detached array', detachedView()],
    ...HOSTILE_VALUES.filter(([what]) => !SENDABLE.has(what)),
  ];
  for (const [what, payload] of unwritable) {
    it(`cannot write ${what}`, () => {
      assert.throws(
        () => toBytes(payload),
        ({ code, message }: QfwdError) => code === 'QFWD_INVALID' && message.length < 200,
      );
    });
  }

  it('can name a socket by its number', () => {
    assert.equal(socketIdOf({ _msgid: '', socketId: 7 }), 7);
    assert.equal(socketIdOf({ _msgid: '', socketId: '65535' }), 65_535);
    for (const socketId of [undefined, null, '', -1, 65_536, 1.5, '2\rATD', [2], {}]) {
      assert.throws(() => socketIdOf({ _msgid: '', socketId }), { code: 'QFWD_INVALID' });
    }
  });

  it('about an event have its name as topic', () => {
    const message = eventMessage({ event: 'client/open', socketId: 5, result: 0 });
    assert.deepEqual(Object.keys(message), ['event', 'payload', 'socketId']);
  });

  it('about an event have addresses as properties, and all fields as payload', () => {
    assert.deepEqual(eventMessage({ event: 'client/open', socketId: 5, result: 0 }), {
      event: 'client/open',
      socketId: 5,
      payload: { socketId: 5, result: 0 },
    });
    const ends = { ip: '10.0.0.1', port: 1, localIp: '10.0.0.2', localPort: 2 };
    assert.deepEqual(eventMessage({ event: 'client/close', socketId: 5, serverId: 4, ...ends }), {
      event: 'client/close',
      socketId: 5,
      serverId: 4,
      ...ends,
      payload: { socketId: 5, serverId: 4, ...ends },
    });
  });
});

function shared(...bytes: number[]): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

function detachedView(): Uint8Array {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}
