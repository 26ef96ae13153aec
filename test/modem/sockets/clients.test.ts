import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { scenario } from '../../support/modem/family';
import { readyRig } from '../../support/modem/rig';
import { tcpServer } from '../../support/peers';

scenario('A client after whose open URC nothing more is received', (family) => {
  for (const openOrder of ['ok-first', 'urc-first'] as const) {
    it(`is reported as open, and not as closed before (${openOrder})`, async () => {
      const outside = await tcpServer();
      const rig = await readyRig({ simulator: { openOrder } });
      // A context is activated first.
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
