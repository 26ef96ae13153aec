import assert from 'node:assert/strict';

import type { SimulatorOptions } from '../../src/simulator';
import { hostileBytes } from '../support/hostile';
import { scenario, TCPIP } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';
import { UdpPeer } from '../support/peers';

/** Firmware with a form of data that cannot be set back. */
const STUCK: Partial<SimulatorOptions> = { lacks: 'QICFG/VIEWMODE', qicfg: 'viewmode=1' };

scenario(
  'Data on the line of its header, which cannot be changed',
  () => {
    const variants: [string, Partial<SimulatorOptions>][] = [
      ['whole', {}],
      ['with a URC behind it', { recvInRead: true }],
      ['with OK right behind it', { readEnd: 'none' }],
    ];
    for (const [what, variant] of variants)
      it(`is read from a connection, ${what}`, async () => {
        const rig = await readyRig({ simulator: { ...STUCK, ...variant } });
        const echo = rig.echo();
        const { peer } = await (await rig.openServer()).connect();
        // Begins like the address of a sender.
        const data = Buffer.concat([Buffer.from('"192.0.2.1",7,'), hostileBytes(20_000, what)]);
        peer.socket.write(data);
        assert.ok((await peer.read(data.length)).equals(data));
        assert.deepEqual(echo.failures, []);
        assert.equal(rig.modem.counters.resyncs, 0);
      });

    it('is read from a UDP server, with its sender', async () => {
      const rig = await readyRig({ simulator: STUCK });
      rig.echo();
      const { settings } = await rig.openServer({ protocol: 'udp' });
      const peer = await UdpPeer.bind();
      for (const text of ['a', '"192.0.2.1",7,\r\nOK\r\n', '12,']) {
        peer.send(text, settings.port);
        assert.equal((await peer.datagrams.next()).data.toString(), text);
      }
    });
  },
  [TCPIP],
);
