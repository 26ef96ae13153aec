import assert from 'node:assert/strict';

import { type Family, scenario, TCPIP } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';
import { UdpPeer } from '../support/peers';

const LENGTH = 150_000;

scenario('An echo of much data', (family: Family) => {
  it('takes one send for each read', async () => {
    const rig = await readyRig({ simulator: { answerDelay: 5 } });
    const echo = rig.echo();
    const { peer } = await (await rig.openServer()).connect();
    const data = Buffer.alloc(LENGTH, 'The quick brown fox. ');
    peer.socket.write(data);
    assert.ok((await peer.until(LENGTH)).equals(data));
    assert.deepEqual(echo.failures, []);
    // Those that come before all data has arrived in the module may be shorter.
    const most = Math.ceil(LENGTH / family.sendLength) * 1.2;
    const sends = rig.count(family.commands.send);
    assert.ok(sends <= most, `${sends} sends`);
  });
});

scenario(
  'A datagram that is longer than a read of a stream',
  () => {
    it('is read as a whole', async () => {
      const rig = await readyRig({ simulator: { datagramRest: 'lost' } });
      const collector = rig.collect();
      const peer = await UdpPeer.bind();
      const client = rig.declareClient({ protocol: 'udp', port: peer.port });
      const { socketId } = await client.event('client/open');
      await rig.modem.send(socketId, Buffer.from('hello'), 10_000);
      const { from } = await peer.datagrams.next();
      const data = Buffer.alloc(1500, 'x');
      peer.send(data, from.port);
      assert.ok((await collector.until(socketId, data.length)).equals(data));
    });
  },
  [TCPIP],
);
