import assert from 'node:assert/strict';

import type { SimulatorOptions } from '../../src/simulator';
import { readyRig } from '../support/modem/rig';
import { connectPeer } from '../support/peers';

const PEERS = 24;
const GAP = 130;

const MODULES: readonly Partial<SimulatorOptions>[] = [
  {},
  { commandUrcs: 'held' },
  { joined: 'ignored', mostJoined: 3 },
  { joined: 'first', mostJoined: 3, commandUrcs: 'held' },
];

/** With the TCP/IP commands, an id is free only after AT+QICLOSE. */
describe('Peers that each send much and end, while the next one comes', () => {
  for (const options of MODULES) {
    it(`never get mixed up, on a module with ${JSON.stringify(options)}`, async () => {
      const rig = await readyRig({ simulator: { answerDelay: 40, halfClose: 0, ...options } });
      const collector = rig.collect();
      const { port } = (await rig.openServer()).settings;
      const sent = new Map<number, Buffer>();
      for (let index = 0; index < PEERS; index++) {
        const peer = await connectPeer(port);
        const bytes = Buffer.alloc(1024 * (4 + (index % 9)) + 100 * (index % 3), 'a'.charCodeAt(0) + index);
        sent.set(peer.port, bytes);
        peer.socket.write(bytes);
        await rig.pass(GAP + 7 * index);
        peer.socket.end();
      }
      await rig.pass(60_000);
      assert.ok(rig.module.commands.some((line) => /^AT\+(QFWDRECV)=[^;]*;/.test(line)));
      const connections = collector.connections();
      for (const connection of connections) {
        const bytes = sent.get(connection.ends?.port ?? 0);
        assert.ok(bytes);
        sent.delete(connection.ends?.port ?? 0);
        if (collector.missed.all.includes(connection)) continue;
        assert.deepEqual(collector.dataOf(connection), bytes);
      }
      assert.ok(sent.size <= collector.missed.all.length, `${sent.size} peers were not heard`);
    });
  }
});
