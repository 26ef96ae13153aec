import assert from 'node:assert/strict';

import { observed } from '../support/modem/observed';
import { tcpServer, UdpPeer } from '../support/peers';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';

/** What would do harm as a command line, in the company of what could end a body. */
const INJECTION = ['\x1a', '\x1b', '\r', '\n', '"', '\r\n', '\x1a\r\n', '\x1b\r']
  .map((end) => `${end}AT+CFUN=0\r${end}AT+QFWDCLOSE=2\r${end}ATE1\r`)
  .join('AT+QPOWD\r');

scenario('No part of a payload is executed as a command', () => {
  for (const payloadMode of ['auto', 'hex'] as const) {
    for (const fixedLength of ['ends-at-ctrl-z', 'transparent'] as const) {
      it(`in mode ${payloadMode}, if the module takes a body of fixed length as ${fixedLength}`, async () => {
        const lines: string[] = [];
        const rig = await readyRig({
          simulator: { fixedLength, partial: 100 },
          modem: { payloadMode },
          transport: observed(lines),
        });
        const outside = await tcpServer();
        const client = rig.declareClient({ port: outside.port });
        const { socketId } = await client.event('client/open');
        const peer = await outside.peers.next();
        const payload = Buffer.from(INJECTION.repeat(10), 'latin1');
        for (const part of [payload, payload.subarray(1), payload.subarray(2)]) {
          await rig.modem.send(socketId, part, 60_000);
        }
        const expected = Buffer.concat([payload, payload.subarray(1), payload.subarray(2)]);
        assert.ok((await peer.until(expected.length)).equals(expected));

        const far = await UdpPeer.bind();
        const udp = rig.declareClient({ owner: 'udp', protocol: 'udp', port: far.port });
        const datagram = Buffer.from(INJECTION.slice(0, 400), 'latin1');
        await rig.modem.send((await udp.event('client/open')).socketId, datagram, 60_000);
        assert.ok((await far.datagrams.next()).data.equals(datagram));
        assert.deepEqual(rig.module.commands, lines);
      });
    }
  }
});
