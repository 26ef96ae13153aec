import assert from 'node:assert/strict';

import { tcpipFamily } from '../../../src/tcpip';
import { calibrated } from '../../support/modem/calibrated';
import { readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

describe('A calibration without a loopback connection', () => {
  it('reports that the module does not connect to its own server', async () => {
    const opened: string[] = [];
    const script = new ScriptedModule((line) => {
      const [command, id = ''] = /^AT\+QFWD(SEVER|CLIENT)=\d+,(\d+)/.exec(line)?.slice(1) ?? [];
      if (command === undefined) return undefined;
      opened.push(id);
      const urc = command === 'SEVER' ? `"server/open",${id},0` : `"client/open",${id},111`;
      return `\r\nOK\r\n\r\n+QFWDURC: ${urc}\r\n`;
    });
    const rig = await readyRig({ transport: () => script });
    const profile = await rig.modem.calibrate();
    assert.match(profile.obstacle ?? '', /result 111/);
    assert.equal(profile.facts.fixed, undefined);
    const closed = script.commands.filter((line) => line.startsWith('AT+QFWDCLOSE=6'));
    assert.deepEqual(
      closed,
      opened.reverse().map((id) => `AT+QFWDCLOSE=${id}`),
    );
    assert.equal(rig.modem.state, 'ready');
  });

  it('reports that the module no longer answers', async () => {
    const script = new ScriptedModule(() => undefined);
    const rig = await readyRig({ transport: () => script });
    const profile = await rig.modem.calibrate();
    assert.match(profile.obstacle ?? '', /did not say/);
    assert.equal(rig.modem.state, 'ready');
  });

  it('reports that the module cannot open clients', async () => {
    const rig = await readyRig({ simulator: { lacks: 'QFWDCLIENT' } });
    const profile = await rig.modem.calibrate();
    assert.match(profile.obstacle ?? '', /operation not supported/);
    assert.deepEqual(profile.lacks, ['QFWDCLIENT']);
    assert.deepEqual(await rig.servers(), []);
  });

  for (const lacks of ['QFWDSEND', 'QFWDRECV']) {
    it(`leaves open what needs ${lacks}`, async () => {
      const { profile } = await calibrated({ simulator: { lacks } });
      assert.deepEqual(profile.lacks, [lacks]);
      assert.equal(profile.facts.fixed, undefined);
    });
  }
});

describe('A calibration with the TCP/IP commands', () => {
  for (const stateLocalPort of ['zero', 'configured'] as const) {
    it(`finds its connection where the local port of a client is listed as 0 (${stateLocalPort})`, async () => {
      const simulator = { family: 'tcpip', stateLocalPort } as const;
      const { profile } = await calibrated({ simulator, families: [tcpipFamily] });
      assert.equal(profile.obstacle, undefined);
      assert.equal(profile.facts.fixed, 'transparent');
    });
  }
});
