import assert from 'node:assert/strict';
import { eventMessage, socketIdOf } from '../../../nodes/runtime/messages';

describe('messages', () => {
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
