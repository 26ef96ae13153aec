import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { eventMessage, socketIdOf, toBytes } from '../../../nodes/runtime/messages';

describe('messages', () => {
  const payloads: [what: string, payload: unknown, bytes: string][] = [
    ['text as UTF-8', 'ä€', 'c3a4e282ac'],
    ['a Buffer as it is', Buffer.from([0, 255]), '00ff'],
    ['part of an array of bytes', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), '0203'],
    ['an array of bytes of a function node', runInNewContext('new Uint8Array([1, 2])'), '0102'],
    ['zero', 0, '30'],
    ['true', true, '74727565'],
    ['an object as JSON', { a: 'ä' }, Buffer.from('{"a":"ä"}').toString('hex')],
    ['an empty list', [], '5b5d'],
    ['no text', '', ''],
  ];
  for (const [what, payload, bytes] of payloads) {
    it(`write ${what}`, () => assert.equal(toBytes(payload).toString('hex'), bytes));
  }

  const circular: { self?: object } = {};
  circular.self = circular;
  const unwritable: [what: string, payload: unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an object that contains itself', circular],
    ['a big integer', { n: 1n }],
    ['an object without JSON', { toJSON: () => undefined }],
  ];
  for (const [what, payload] of unwritable) {
    it(`cannot carry ${what}`, () => assert.throws(() => toBytes(payload), { code: 'QFWD_INVALID' }));
  }

  it('name a socket by its number', () => {
    assert.equal(socketIdOf({ _msgid: '', socketId: 7 }), 7);
    assert.equal(socketIdOf({ _msgid: '', socketId: '65535' }), 65_535);
    for (const socketId of [undefined, null, '', 0, 65_536, 1.5, '2\rATD', [2], {}]) {
      assert.throws(() => socketIdOf({ _msgid: '', socketId }), { code: 'QFWD_INVALID' });
    }
  });

  it('of an event begin with what happened', () => {
    const message = eventMessage({ event: 'client/open', socketId: 5, result: 0 });
    assert.deepEqual(Object.keys(message), ['event', 'payload', 'socketId']);
  });

  it('of an event have its addresses on the message, and all its fields as payload', () => {
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
