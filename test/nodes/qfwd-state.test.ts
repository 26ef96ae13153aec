import assert from 'node:assert/strict';
import { connectedFlow, node } from './support/flow';
import { connectPeer } from '../support/peers';

describe('qfwd-state', () => {
  it('lists the connections of a server', async () => {
    const { flow, port, peer, socketId, serverId } = await connectedFlow(node('state'));
    const second = await connectPeer(port);
    const { socketId: secondId } = await flow.event('server', 'client/incoming');
    flow.input('state', { socketId: serverId });
    const { payload } = await flow.from('state').next();
    const row = (index: number, id: unknown, remotePort: number | undefined) => ({
      index,
      socketId: id,
      ip: '127.0.0.1',
      port: remotePort,
      localIp: '0.0.0.0',
      localPort: port,
    });
    assert.deepEqual(payload, [row(1, socketId, peer.port), row(2, secondId, second.port)]);
  });

  it('lists the servers', async () => {
    const { flow, port, serverId } = await connectedFlow(
      node('state', { scope: 'servers', socketId: 'unused' }),
    );
    flow.input('state', {});
    const { payload } = await flow.from('state').next();
    assert.deepEqual(payload, [{ socketId: serverId, protocol: 'tcp', port, urcPort: 'usbat' }]);
  });

  it('lists the clients, including accepted connections', async () => {
    const { flow, port, peer, socketId } = await connectedFlow(node('state', { scope: 'clients' }));
    flow.input('state', {});
    const { payload } = await flow.from('state').next();
    assert.deepEqual(payload, [
      {
        socketId,
        direction: 'income',
        protocol: 'tcp',
        ip: '127.0.0.1',
        port: peer.port,
        localIp: '0.0.0.0',
        localPort: port,
        urcPort: 'usbat',
      },
    ]);
  });

  it('reports the modem and its network', async () => {
    const { flow } = await connectedFlow(node('state', { scope: 'modem' }));
    flow.input('state', { topic: 'kept' });
    const { payload, topic } = await flow.from('state').next();
    const { state, signal, registered, sockets, counters } = payload as Record<string, unknown>;
    assert.equal(topic, 'kept');
    assert.deepEqual({ state, registered, sockets }, { state: 'ready', registered: true, sockets: 1 });
    assert.deepEqual(signal, { rssi: -73, rsrp: -101, rsrq: -9, sinr: 12.8 });
    assert.ok((counters as { commands: number }).commands > 0);
  });

  it('fails if there is no such server', async () => {
    const { flow } = await connectedFlow(node('state'));
    assert.equal((await flow.refusal('state', { socketId: 4711 })).code, 'QFWD_CLOSED');
  });
});
