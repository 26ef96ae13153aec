import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { UdpPeer } from '../../support/peers';
import { scenario } from '../../support/modem/family';
import { newModule, readyRig, startRig } from '../../support/modem/rig';

describe('A UDP server', () => {
  for (const ipVersion of ['IP', 'IPV6'] as const) {
    it(`with an id for each peer answers each of them (${ipVersion})`, async () => {
      const rig = await readyRig();
      rig.echo();
      const server = await rig.openServer({ protocol: 'udp', ipVersion });
      const peers = [];
      for (const text of ['one', 'two']) {
        const peer = await UdpPeer.bind(ipVersion === 'IP' ? '127.0.0.1' : '::1');
        peer.send(text, server.settings.port);
        assert.equal((await server.event('client/incoming')).port, peer.port);
        assert.equal((await peer.datagrams.next()).data.toString(), text);
        peers.push(peer);
      }
      peers[0]!.send('again', server.settings.port);
      assert.equal((await peers[0]!.datagrams.next()).data.toString(), 'again');
      assert.equal(server.events.length, 3);
    });
  }

  it('with one id for all peers answers the last sender', async () => {
    const rig = await readyRig({ simulator: { udpServer: 'shared' } });
    const collector = rig.echo();
    const server = await rig.openServer({ protocol: 'udp' });
    for (const text of ['one', 'two']) {
      const peer = await UdpPeer.bind();
      peer.send(text, server.settings.port);
      assert.equal((await peer.datagrams.next()).data.toString(), text);
    }
    assert.equal(collector.data(server.socketId).toString(), 'onetwo');
    const [connection] = rig.modem.connections();
    assert.deepEqual(
      { socketId: connection?.socketId, ends: connection?.ends, owner: connection?.owner },
      { socketId: server.socketId, ends: undefined, owner: 'a server' },
    );
    await server.endpoint.close();
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('keeps datagrams separate and whole', async () => {
    const rig = await readyRig({ simulator: { readUrc: 'latched' } });
    const collector = rig.collect();
    const server = await rig.openServer({ protocol: 'udp' });
    const peer = await UdpPeer.bind();
    const sizes = [1, 1024, 512, 1023, 2];
    for (const size of sizes) peer.send(Buffer.alloc(size, 'u'), server.settings.port);
    const { socketId } = await server.event('client/incoming');
    await collector.until(
      socketId,
      sizes.reduce((sum, size) => sum + size),
    );
    assert.deepEqual(
      collector.pieces(socketId).map((piece) => piece.length),
      sizes,
    );
    await rig.modem.send(socketId, Buffer.alloc(1024, 'x'), 1000);
    assert.equal((await peer.datagrams.next()).data.length, 1024);
    const before = rig.count('AT+QFWDSEND=');
    await assert.rejects(rig.modem.send(socketId, Buffer.alloc(1025), 1000), { code: 'QFWD_INVALID' });
    assert.equal(rig.count('AT+QFWDSEND='), before);
  });

  it('returns one datagram for each request', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ protocol: 'udp' });
    const peer = await UdpPeer.bind();
    peer.send('one', server.settings.port);
    peer.send('two', server.settings.port);
    const { socketId } = await server.event('client/incoming');
    assert.equal((await rig.modem.read(socketId)).data.toString(), 'one');
    assert.equal((await rig.modem.read(socketId)).data.toString(), 'two');
    assert.equal((await rig.modem.read(socketId)).data.length, 0);
  });

  it('that is closed reports the end of its peers, after their last datagrams', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer({ protocol: 'udp' });
    const peer = await UdpPeer.bind();
    peer.send('one', server.settings.port);
    const { socketId } = await server.event('client/incoming');
    await collector.until(socketId, 3);
    collector.paused.add(socketId);
    peer.send('two', server.settings.port);
    peer.send('three', server.settings.port);
    await server.endpoint.close();
    await rig.pass(60_000);
    assert.ok(!server.events.includes('client/close'));
    collector.paused.clear();
    rig.modem.resumeReading();
    await server.event('client/close');
    assert.equal(collector.data(socketId).toString(), 'onetwothree');
  });

  it('closes the sockets of peers that are not admitted', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer({ protocol: 'udp', allow: ['10.0.0.0/8'] });
    const peer = await UdpPeer.bind();
    peer.send('one', server.settings.port);
    await rig.asked('AT+QFWDCLOSE=2');
    assert.deepEqual(server.events, ['server/open']);
    assert.deepEqual(collector.connections(), []);
  });

  it('that admits no peer frees its id when it is closed', async () => {
    const rig = await readyRig();
    const first = await rig.openServer({
      protocol: 'udp',
      allow: ['10.0.0.0/8'],
      socketId: 2,
      owner: 'first',
    });
    await first.endpoint.close();
    const server = await rig.openServer({ owner: 'second' });
    rig.module.inject(dropNext('urc'));
    const peer = await server.dial();
    const { socketId, port } = await server.event('client/incoming');
    assert.deepEqual({ socketId, port }, { socketId: 2, port: peer.port });
  });
});

scenario('A UDP server that is found open', () => {
  it('is read, although the URC for its data is not repeated', async () => {
    const module = newModule({ udpServer: 'shared', readUrc: 'latched', stateLocalPort: 'zero' });
    const before = await readyRig({ module });
    const { settings } = await before.openServer({ protocol: 'udp' });
    module.unplug();
    const peer = await UdpPeer.bind();
    peer.send('while nobody is there', settings.port);
    await before.stop();

    const rig = startRig({ module });
    const collector = rig.collect();
    const { socketId } = await rig.openServer({ protocol: 'udp', port: settings.port });
    await collector.until(socketId, 21);
  });
});
