import assert from 'node:assert/strict';

import { TlsLayer } from '../../src/modem';
import { CA, SERVER } from '../support/certificates';
import { hostileBytes } from '../support/hostile';
import { Collector } from '../support/modem/collector';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';
import { connectPeer } from '../support/peers';
import { tlsPeer } from '../support/tls';

/** In ms, for each piece that is sent back. */
const TIMEOUT = 10_000;
const LENGTH = 150_000;

scenario('An echo of much data over a slow line', () => {
  const texts: [string, Buffer][] = [
    ['text', Buffer.alloc(LENGTH, 'The quick brown fox. ')],
    ['what is sent as HEX', hostileBytes(LENGTH, 'slow')],
  ];
  for (const [what, data] of texts)
    for (const joined of ['executed', 'refused'] as const)
      it(`lets no message wait for so long that it fails: ${what}, lines of several commands are ${joined}`, async () => {
        const rig = await readyRig({ simulator: { baud: 115_200, joined } });
        const failures: unknown[] = [];
        const echo = new Collector(({ socketId }, bytes) => {
          rig.modem.send(socketId, bytes, TIMEOUT).catch((error: unknown) => failures.push(error));
        });
        rig.modem.addConsumer(echo);
        const { settings } = await rig.openServer();
        const peer = await connectPeer(settings.port);
        peer.socket.write(data);
        await rig.until(() => failures.length > 0 || peer.received.length >= LENGTH);
        assert.deepEqual(failures, []);
        assert.ok(peer.received.equals(data));
      });

  it('reads on as soon as all is sent', async () => {
    const rig = await readyRig({ simulator: { baud: 115_200 } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    const sends = Array.from({ length: 10 }, () => rig.modem.send(socketId, Buffer.alloc(10_000), 20_000));
    const collector = rig.collect();
    await sends[8];
    peer.socket.write(Buffer.alloc(20_000));
    await Promise.all(sends);
    await rig.within(4000, collector.until(socketId, 20_000));
  });

  for (const layer of [undefined, new TlsLayer(SERVER)])
    it(`holds up no reading because of a peer that does not read${layer ? ', with TLS' : ''}`, async () => {
      const rig = await readyRig();
      const slow = await rig.openServer({ ...(layer && { layer }), owner: 'another server' });
      const stuck = layer ? await tlsPeer(slow.settings.port, { ca: CA }) : await slow.dial();
      const { socketId: stuckId } = await slow.event('client/incoming');
      const server = await rig.openServer();
      const { peer, socketId } = await server.connect();
      rig.module.holdSending(stuckId);
      const sends = Array.from({ length: 20 }, (_, index) =>
        rig.modem.send(stuckId, Buffer.alloc(20_000), TIMEOUT + 1000 * index),
      );
      const sent = Promise.allSettled(sends);
      const collector = rig.collect();
      for (let count = 1; count <= 50; count++) {
        peer.socket.write('a');
        await rig.within(200, collector.until(socketId, count));
        await rig.pass(500);
      }
      stuck.socket.destroy();
      await sent;
    });
});
