import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { scenario } from '../../support/modem/family';
import { readyRig } from '../../support/modem/rig';
import { tcpServer } from '../../support/peers';

scenario('A client whose open URC came, and then nothing', (family) => {
  for (const openOrder of ['ok-first', 'urc-first'] as const) {
    it(`is reported as open, and nothing before it as closed (${openOrder})`, async () => {
      const outside = await tcpServer();
      const rig = await readyRig({ simulator: { openOrder } });
      // A context is activated before.
      const [first] = [rig.declareClient({ port: outside.port })];
      await first.event('client/open');
      rig.module.on('command', (line) => {
        if (line.startsWith(family.commands.openClient)) rig.module.inject(dropNext('result'));
      });
      const client = rig.declareClient({ port: outside.port, owner: 'another client' });
      await client.event('client/open');
      await rig.pass(1000);
      assert.deepEqual(client.events, ['client/open']);
    });
  }
});
