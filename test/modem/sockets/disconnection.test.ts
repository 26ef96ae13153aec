import assert from 'node:assert/strict';

import { scenario, TCPIP } from '../../support/modem/family';
import { readyRig } from '../../support/modem/rig';

scenario(
  'A connection that its peer has closed',
  ({ commands }) => {
    it('is closed once in the module, also when the flow closes it at the same time', async () => {
      const rig = await readyRig();
      const server = await rig.openServer();
      const collector = rig.collect();
      const { peer, socketId } = await server.connect();
      const connection = rig.modem.connection(socketId);
      peer.socket.end('bye');
      await collector.until(socketId, 3);
      // All data was read, and the flow has a short time to respond.
      await rig.asked(`AT+QIRD=${socketId},0`);
      await rig.quiet();
      assert.equal(connection.state, 'ending');
      await rig.modem.requests.closeConnection(connection);
      await rig.pass(5000);
      assert.equal(rig.count(commands.close), 1);
    });
  },
  [TCPIP],
);
