import assert from 'node:assert/strict';

import type { Packet } from '../../../src/simulator';
import { scenario, TCPIP } from '../../support/modem/family';
import { readyRig } from '../../support/modem/rig';
import { connectPeer } from '../../support/peers';

scenario(
  'A connection that is accepted as soon as its id is free, and ends at once',
  () => {
    it('is not reported as closed by a command', async () => {
      const rig = await readyRig();
      const { module } = rig;
      const server = await rig.openServer();
      const collector = rig.collect();
      // The result code of the close and the URC of the next connection are received in one chunk.
      let held: Packet | undefined;
      const waiting: Packet[] = [];
      module.inject({
        send(packet) {
          if (packet.kind === 'result' && module.commands.at(-1)?.startsWith('AT+QICLOSE')) {
            held = packet;
            return [];
          }
          if (!held || !packet.bytes.includes('"closed"')) return [packet];
          const all = [held, ...waiting.splice(0), packet];
          held = undefined;
          return all;
        },
      });
      module.inject({
        send(packet) {
          if (!held || packet.kind !== 'urc' || packet.bytes.includes('"closed"')) return [packet];
          waiting.push(packet);
          return [];
        },
      });
      const first = await server.connect();
      first.peer.socket.end('first');
      await rig.until(() => held !== undefined);
      const second = await connectPeer(server.settings.port);
      second.socket.end('second');
      const { socketId } = await server.event('client/incoming');
      assert.equal(socketId, first.socketId);
      await rig.pass(2000);
      await rig.quiet();
      assert.deepEqual(collector.missed.all, []);
    });
  },
  [TCPIP],
);
