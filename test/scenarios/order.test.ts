import assert from 'node:assert/strict';

import type { Transport } from '../../src/at';
import { inProcessTransport } from '../../src/transport';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';

/** Holds back what the module says from one text to another, and then hands it on in one piece. */
function inOnePiece(transport: Transport, from: string, to: string): Transport {
  let held = '';
  return {
    name: transport.name,
    open: (events, abandoned) =>
      transport.open(
        {
          ...events,
          data: (chunk) => {
            const text = chunk.toString('latin1');
            if (held === '' && !text.includes(from)) return events.data(chunk);
            held += text;
            if (!held.includes(to)) return;
            const piece = Buffer.from(held, 'latin1');
            held = '';
            events.data(piece);
          },
        },
        abandoned,
      ),
  };
}

scenario('The order of events', (family) => {
  it('has the opening of a server before its first connection, even if both are received together', async () => {
    const [opened, incoming]: [string, string] =
      family.name === 'QFWD' ? ['"server/open"', '"client/incoming"'] : ['+QIOPEN: 0,0', '"incoming"'];
    const rig = await readyRig({
      transport: (module) =>
        inOnePiece(
          inProcessTransport('the module', () => module.attach()),
          opened,
          incoming,
        ),
    });
    const server = await rig.declareServer();
    await rig.asked(family.commands.openServer);
    await rig.quiet();
    const peer = await server.dial();
    peer.socket.write('abc');
    const collector = rig.collect();
    const { socketId } = await server.event('client/incoming');
    await collector.until(socketId, 3);
    assert.deepEqual(server.events, ['server/open', 'client/incoming']);
  });
});
