/** An owner that is removed and returns while the link is lost, as by a deploy at that moment. */
import assert from 'node:assert/strict';

import { scenario } from '../../support/modem/family';
import { tcpServer } from '../../support/peers';
import { readyRig } from '../../support/modem/rig';

const LONG = 60_000;

scenario('An owner that returns while the link is lost', () => {
  it('gets back its socket, and no report that it was closed', async () => {
    const host = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: host.port });
    const { socketId } = await client.event('client/open');
    const heal = rig.module.inject({ send: () => [] });
    rig.modem.endpoints.release('a client', false);
    const again = rig.declareClient({ port: host.port });
    await rig.pass(LONG);
    heal();
    assert.equal((await again.event('client/open')).socketId, socketId);
    assert.deepEqual(again.events, ['client/open', 'client/incoming']);
  });

  it('and then goes for good leaves nothing open', async () => {
    const host = await tcpServer();
    const rig = await readyRig();
    await rig.declareClient({ port: host.port }).event('client/open');
    const heal = rig.module.inject({ send: () => [] });
    rig.modem.endpoints.release('a client', false);
    rig.declareClient({ port: host.port });
    await rig.pass(LONG);
    rig.modem.endpoints.release('a client', false);
    heal();
    await rig.pass(LONG);
    assert.deepEqual(await rig.clients(), []);
  });
});
