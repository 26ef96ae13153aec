/** A response to a read that consists of its result code: there was no data, or it was lost on the line. */
import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { scenario } from '../../support/modem/family';
import { readyRig, type Rig } from '../../support/modem/rig';
import { UdpPeer } from '../../support/peers';

/** Firmware whose response to a read without data is only OK. */
function silence(rig: Rig): void {
  rig.module.inject({
    send: (packet) => (/^\r\n\+QFWDP?RECV: \d+,0\r\n$/.test(packet.bytes.toString()) ? [] : [packet]),
  });
}

scenario('A response to a read that consists of its result code', () => {
  it('means that data was lost if it was announced', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const collector = rig.collect();
    const { peer, socketId } = await server.connect();
    rig.module.inject(dropNext('block'));
    peer.socket.write('lost');
    const connection = await collector.missed.next();
    assert.equal(connection.socketId, socketId);
    peer.socket.write('found');
    assert.equal((await collector.until(socketId, 5)).toString(), 'found');
    assert.equal(collector.missed.all.length, 1);
  });

  it('means that a datagram was lost if it was announced', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ protocol: 'udp' });
    const collector = rig.collect();
    const peer = await UdpPeer.bind();
    rig.module.inject(dropNext('block'));
    peer.send('lost', server.settings.port);
    const { socketId } = await collector.missed.next();
    peer.send('found', server.settings.port);
    assert.equal((await collector.until(socketId, 5)).toString(), 'found');
  });

  it('means that data was lost if the firmware answers an empty read with a line', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const collector = rig.collect();
    const { peer, socketId } = await server.connect();
    peer.socket.write('first');
    await collector.until(socketId, 5);
    await rig.pass(10_000);
    rig.module.inject(dropNext('urc'));
    rig.module.inject(dropNext('block'));
    peer.socket.write('lost');
    assert.equal((await collector.missed.next()).socketId, socketId);
  });

  it('means that data was lost if it had to follow a full read', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    peer.socket.write(Buffer.alloc(2 * rig.family.receiveLength));
    await rig.pass(1000);
    let blocks = 0;
    rig.module.inject({ send: (packet) => (packet.kind === 'block' && ++blocks === 2 ? [] : [packet]) });
    const collector = rig.collect();
    assert.equal((await collector.missed.next()).socketId, socketId);
    assert.equal(collector.data(socketId).length, rig.family.receiveLength);
  });

  for (const [what, fault] of [
    ['was announced', undefined],
    ['nobody announced', dropNext('urc')],
  ] as const) {
    it(`means that data was lost that ${what}, which ends the request`, async () => {
      const rig = await readyRig();
      const server = await rig.openServer();
      const { peer, socketId } = await server.connect();
      if (fault) rig.module.inject(fault);
      rig.module.inject(dropNext('block'));
      peer.socket.write('lost');
      await rig.pass(1000);
      await assert.rejects(rig.modem.read(socketId), { code: 'QFWD_UNKNOWN_OUTCOME' });
      peer.socket.write('found');
      await rig.pass(1000);
      assert.equal((await rig.modem.read(socketId)).data.toString(), 'found');
    });
  }
});

describe('A response to a read that consists of its result code', () => {
  it('means that there was no data if the firmware does that, which is found out once', async () => {
    const rig = await readyRig();
    silence(rig);
    const server = await rig.openServer();
    const collector = rig.collect();
    const { peer, socketId } = await server.connect();
    for (const text of ['one', 'two', 'three']) {
      peer.socket.write(text);
      await collector.untilText(socketId, text);
      await rig.pass(15_000);
    }
    assert.equal(collector.data(socketId).toString(), 'onetwothree');
    assert.deepEqual(collector.missed.all, []);
    assert.deepEqual(rig.problems, []);
    rig.module.inject(dropNext('block'));
    peer.socket.write('lost');
    assert.equal((await collector.missed.next()).socketId, socketId);
  });
});
