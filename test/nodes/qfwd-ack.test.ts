import assert from 'node:assert/strict';
import { connectedFlow, node, simulatorModem } from './support/flow';

describe('qfwd-ack', () => {
  it('returns the queue figures of a socket', async () => {
    const { flow, peer, socketId } = await connectedFlow(node('ack'));
    peer.socket.write('12345');
    await flow.from('urc').next(({ event }) => event === 'client/read');
    flow.input('ack', { socketId, topic: 'mine' });
    const { payload, topic } = await flow.from('ack').next();
    assert.deepEqual(payload, {
      socketId,
      sendUsed: 0,
      sendUnused: 16384,
      sendMax: 16384,
      recvUsed: 5,
      recvUnused: 16379,
      recvMax: 16384,
    });
    assert.equal(topic, 'mine');
  });

  it('queries the socket of the node, whatever the message contains', async () => {
    const { flow, socketId } = await connectedFlow(node('ack', { socketId: 2 }));
    assert.equal(socketId, 2);
    flow.input('ack', { socketId: 4711 });
    assert.equal((await flow.from('ack').next()).socketId, 2);
  });

  it('fails if there is no such socket, or none is given', async () => {
    const { flow } = await connectedFlow(node('ack'));
    assert.equal((await flow.refusal('ack', { socketId: 4711 })).code, 'QFWD_CLOSED');
    assert.equal((await flow.refusal('ack', {})).code, 'QFWD_INVALID');
  });

  it('fails if the firmware has no such command', async () => {
    const modem = simulatorModem({ lacks: 'QFWDACK' });
    const { flow, socketId } = await connectedFlow(modem, node('ack'));
    assert.equal((await flow.refusal('ack', { socketId })).code, 'QFWD_UNSUPPORTED');
  });
});
