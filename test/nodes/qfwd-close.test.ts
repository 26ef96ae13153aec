import assert from 'node:assert/strict';
import { connectedFlow, node } from './support/flow';
import { connectPeer } from '../support/peers';

describe('qfwd-close', () => {
  it('closes a connection, which its server reports, and passes the message on', async () => {
    const { flow, peer, socketId, serverId } = await connectedFlow(node('close'));
    flow.input('close', { socketId, topic: 'mine' });
    assert.equal((await flow.from('close').next()).topic, 'mine');
    await peer.closed;
    const { payload } = await flow.event('server', 'client/close');
    assert.equal((payload as { serverId: number }).serverId, serverId);
  });

  it('closes a server, which stays closed, and keeps its connections open', async () => {
    const { flow, port, peer, socketId, serverId } = await connectedFlow(node('close'), node('send'));
    flow.input('close', { socketId: serverId });
    await flow.from('close').next();
    await flow.event('server', 'server/close');
    await assert.rejects(connectPeer(port));
    flow.input('send', { socketId, payload: 'still here' });
    assert.equal(await peer.text(10), 'still here');
  });

  it('closes a server with its connections', async () => {
    const { flow, peer, serverId } = await connectedFlow(node('close', { accepted: true }));
    flow.input('close', { socketId: serverId });
    await flow.from('close').next();
    await flow.event('server', 'client/close');
    await flow.event('server', 'server/close');
    await peer.closed;
  });

  it('reports that there is no such socket', async () => {
    const { flow } = await connectedFlow(node('close'));
    assert.equal((await flow.refusal('close', { socketId: 4711 })).code, 'QFWD_CLOSED');
  });
});
