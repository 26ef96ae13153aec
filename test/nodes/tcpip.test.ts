/** The nodes on a module whose firmware has the TCP/IP commands only. */
import assert from 'node:assert/strict';

import { connectPeer, UdpPeer } from '../support/peers';
import { freePort } from '../support/free-port';
import { connectedFlow, node, simulatorModem, startFlow } from './support/flow';

const tcpip = (properties: object = {}, simulator: object = {}) =>
  simulatorModem({ family: 'tcpip', ...simulator }, { commands: 'tcpip', ...properties });

describe('On a module with TCP/IP commands', () => {
  it('qfwd-ack returns queue figures, and the bytes since the socket was opened', async () => {
    const { flow, peer, socketId } = await connectedFlow(tcpip(), node('ack'));
    assert.equal(socketId, 11);
    peer.socket.write('12345');
    await flow.from('urc').next(({ event }) => event === 'client/read');
    flow.input('ack', { socketId });
    const { payload } = await flow.from('ack').next();
    assert.deepEqual(payload, { socketId, sendUsed: 0, sendTotal: 0, recvUsed: 5, recvTotal: 5 });
  });

  it('qfwd-cfg returns the URC port of all sockets, and the command that sets it', async () => {
    const { flow, socketId } = await connectedFlow(tcpip(), node('cfg'));
    flow.input('cfg', { socketId });
    assert.deepEqual((await flow.from('cfg').next()).payload, { socketId, urcPort: 'usbat' });
    const refusal = await flow.refusal('cfg', { socketId, urcPort: 'uart1' });
    assert.equal(refusal.code, 'QFWD_UNSUPPORTED');
    assert.match(refusal.message, /AT\+QURCCFG="urcport"/);
    assert.equal((await flow.refusal('cfg', { socketId: 5 })).code, 'QFWD_CLOSED');
  });

  it('an id that no socket of the module can have is invalid', async () => {
    const { flow, serverId } = await connectedFlow(
      tcpip(),
      ...['ack', 'send', 'close', 'cfg'].map((type) => node(type)),
    );
    assert.equal(serverId, 0);
    for (const type of ['ack', 'send', 'close', 'cfg']) {
      const { code, message } = await flow.refusal(type, { socketId: 12, payload: 'x' });
      assert.equal(code, 'QFWD_INVALID', type);
      assert.match(message, /0 to 11/);
    }
  });

  it('qfwd-close fails if there is no such socket, and closes one', async () => {
    const { flow, peer, socketId } = await connectedFlow(tcpip(), node('close'));
    assert.equal((await flow.refusal('close', { socketId: 7 })).code, 'QFWD_CLOSED');
    flow.input('close', { socketId });
    await flow.from('close').next();
    await peer.ended;
  });

  it('messages of a UDP server name the sender of each datagram, and are sent to it', async () => {
    const port = await freePort();
    const flow = await startFlow(
      tcpip(),
      node('server', { port, protocol: 'udp' }),
      node('recv', { to: ['send'] }),
      node('send'),
    );
    await flow.event('server', 'server/open');
    const peers = [await UdpPeer.bind(), await UdpPeer.bind()];
    for (const peer of peers) peer.send(`from ${peer.port}`, port);
    for (const peer of peers) {
      assert.equal((await peer.datagrams.next()).data.toString(), `from ${peer.port}`);
      const message = await flow.from('recv').next();
      assert.deepEqual([message.ip, message.socketId], ['127.0.0.1', 0]);
      assert.equal(String(message.payload), `from ${String(message.port)}`);
    }
    const refusal = await flow.refusal('send', { socketId: 0, payload: 'to whom?' });
    assert.equal(refusal.code, 'QFWD_INVALID');
  });

  it('a server reports that no further peer can connect, and the URC is emitted', async () => {
    const { flow, port } = await connectedFlow(tcpip());
    for (let count = 1; count < 12; count++) await connectPeer(port).catch(() => undefined);
    const full = await flow.from('urc').next(({ event }) => event === 'server/full');
    assert.equal(full.raw, '+QIURC: "incoming full"');
  });

  it('qfwd-at takes no data from the receive nodes, and returns queue figures', async () => {
    const { flow, socketId } = await connectedFlow(tcpip(), node('at'));
    for (const payload of [`AT+QIRD=${socketId},1500`, `at +qird = ${socketId}`])
      assert.equal((await flow.refusal('at', { payload })).code, 'QFWD_INVALID');
    flow.input('at', { payload: `AT+QIRD=${socketId},0` });
    const { lines } = (await flow.from('at').next()).payload as { lines: string[] };
    assert.deepEqual(lines, ['+QIRD: 0,0,0']);
  });
});
