import assert from 'node:assert/strict';
import { connectedFlow, type NodeConfig, node, simulatorModem } from '../support/flow';
import { connectPeer } from '../../support/peers';

/** A question of a peer that has gone, and another peer that has its socket id now. */
async function afterChange(...nodes: NodeConfig[]) {
  const { flow, peer, port, socketId } = await connectedFlow(
    simulatorModem({ halfClose: 0 }),
    node('recv'),
    ...nodes,
  );
  peer.socket.write('question');
  const question = await flow.from('recv').next();
  peer.socket.end();
  await flow.event('server', 'client/close');
  const other = await connectPeer(port);
  const incoming = await flow.event('server', 'client/incoming');
  assert.equal(incoming.socketId, socketId);
  return { flow, port, question, other, incoming };
}

describe('A message about a closed connection whose socket id is another one', () => {
  it('is not sent to the other one', async () => {
    const { flow, question, other, incoming } = await afterChange(node('send'));
    assert.equal((await flow.refusal('send', { ...question, payload: 'answer' })).code, 'QFWD_CLOSED');
    flow.input('send', { ...incoming, payload: 'welcome' });
    assert.equal(await other.text(7), 'welcome');
  });

  it('closes, reads and queries nothing', async () => {
    const { flow, question, other, incoming } = await afterChange(
      node('close'),
      node('ack'),
      { ...node('recv', { mode: 'request' }), id: 'request' },
      node('send'),
    );
    for (const id of ['close', 'ack', 'request']) {
      assert.equal((await flow.refusal(id, { ...question })).code, 'QFWD_CLOSED', id);
    }
    flow.input('send', { ...incoming, payload: 'still here' });
    assert.equal(await other.text(10), 'still here');
  });

  it('is sent to the connection with the given socket id', async () => {
    const { flow, port, question } = await afterChange(node('send'));
    const third = await connectPeer(port);
    const { socketId } = await flow.event('server', 'client/incoming');
    flow.input('send', { ...question, socketId, payload: 'passed on' });
    assert.equal(await third.text(9), 'passed on');
  });
});

describe('A message about a connection', () => {
  it('is rejected by another modem, and after the close, with the address of its peer', async () => {
    const { flow, peer, socketId } = await connectedFlow(node('send'), node('recv'));
    peer.socket.write('question');
    const question = await flow.from('recv').next();
    const session = question._session as object;
    const foreign = { ...question, _session: { ...session, modem: 'another' } };
    const { code, message } = await flow.refusal('send', foreign);
    const address = `peer 127.0.0.1, port ${peer.socket.localPort}`;
    assert.equal(code, 'QFWD_INVALID');
    assert.ok(message.includes(`another modem has socket ${socketId} (${address})`), message);
    peer.socket.end();
    await flow.event('server', 'client/close');
    const closed = await flow.refusal('send', { ...question });
    assert.equal(closed.code, 'QFWD_CLOSED');
    assert.ok(closed.message.includes(`closed: the connection of socket ${socketId} has ended (${address})`));
  });

  it('keeps the properties that another node needs to respond', async () => {
    const { flow, peer, socketId } = await connectedFlow(node('recv', { mode: 'request' }));
    peer.socket.write('data');
    await flow.from('urc').next(({ event }) => event === 'client/read');
    const _session = { type: 'tcp', id: 'x' };
    flow.input('recv', { socketId, _session });
    const message = await flow.from('recv').next();
    assert.deepEqual([message._session, String(message.payload)], [_session, 'data']);
  });
});
