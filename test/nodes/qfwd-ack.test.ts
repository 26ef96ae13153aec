import assert from 'node:assert/strict';
import { connectedFlow, node, simulatorModem } from './support/flow';

describe('qfwd-ack', () => {
  it('tells what is in the queues of a socket', async () => {
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

  it('asks about the configured socket whatever the message says', async () => {
    const { flow, socketId } = await connectedFlow(node('ack', { socketId: 2 }));
    assert.equal(socketId, 2);
    flow.input('ack', { socketId: 4711 });
    assert.equal((await flow.from('ack').next()).socketId, 2);
  });

  it('says so when there is no such socket, and when none is named', async () => {
    const { flow } = await connectedFlow(node('ack'));
    assert.equal((await flow.refusal('ack', { socketId: 4711 })).code, 'QFWD_CLOSED');
    assert.equal((await flow.refusal('ack', {})).code, 'QFWD_INVALID');
  });

  it('says so when the firmware has no such command', async () => {
    const modem = simulatorModem({ lacks: 'QFWDACK' });
    const { flow, socketId } = await connectedFlow(modem, node('ack'));
    assert.equal((await flow.refusal('ack', { socketId })).code, 'QFWD_UNSUPPORTED');
  });
});
