import assert from 'node:assert/strict';

import type { Profile } from '../../../src/modem';
import { calibrated } from '../../support/modem/calibrated';
import { newModule, readyRig, type Rig, startRig } from '../../support/modem/rig';
import { tcpServer } from '../../support/peers';

const FIRMWARE = 'EC25EFAR06A03M4G';

describe('A profile', () => {
  const binary = Buffer.alloc(2048, '\x1a\x1b\x00\xff', 'latin1');

  async function sentBinary(rig: Rig): Promise<string[]> {
    const outside = await tcpServer();
    const { socketId } = await rig.declareClient({ port: outside.port }).event('client/open');
    const peer = await outside.peers.next();
    await rig.modem.send(socketId, binary, 20_000);
    assert.deepEqual(await peer.until(binary.length), binary);
    return rig.module.commands
      .filter((it) => it.startsWith(`AT+QFWDSEND=${socketId},`))
      .map((it) => it.slice(it.indexOf(',') + 1));
  }

  it('makes binary data be sent raw, in half as many commands', async () => {
    const { rig } = await calibrated();
    assert.deepEqual(await sentBinary(rig), ['0,1024', '0,1024']);
  });

  it('makes binary data be sent as HEX if raw is not safe, in known units', async () => {
    const { rig } = await calibrated({ simulator: { fixedLength: 'ends-at-ctrl-z', hexActual: 'chars' } });
    assert.deepEqual(await sentBinary(rig), ['1', '1', '1', '1']);
  });

  it('is used again while the firmware is the same', async () => {
    const { profile } = await calibrated();
    assert.equal(profile.firmware, FIRMWARE);
    const rig = startRig({ profile });
    const news: Profile[] = [];
    rig.modem.on('profile', (it) => news.push(it));
    await rig.state('ready');
    assert.deepEqual(await sentBinary(rig), ['0,1024', '0,1024']);
    assert.deepEqual(rig.modem.calibrator.current, profile);
    assert.deepEqual(news, []);
  });

  it('is not used with another firmware', async () => {
    const { profile } = await calibrated();
    const rig = await readyRig({ profile: { ...profile, firmware: 'EC25EFAR06A04M4G' } });
    assert.deepEqual(await sentBinary(rig), ['1', '1', '1', '1', '1']);
    assert.equal(rig.modem.calibrator.current, undefined);
    const { firmware, stored } = rig.modem.calibrator;
    assert.deepEqual([stored?.firmware, firmware], ['EC25EFAR06A04M4G', FIRMWARE]);
  });

  it('is measured after the first connect if that is configured, and emitted', async () => {
    const module = newModule();
    const rig = startRig({ module, modem: { calibrate: true } });
    const profile = await new Promise<Profile>((resolve) => rig.modem.once('profile', resolve));
    assert.equal(profile.facts.fixed, 'transparent');
    await rig.replug();
    assert.deepEqual(await sentBinary(rig), ['0,1024', '0,1024']);
    await rig.stop();
    const sent = module.commands.length;
    await readyRig({ module, modem: { calibrate: true }, profile });
    assert.ok(!module.commands.slice(sent).some((line) => /SEVER=\d/.test(line)));
  });

  it('is measured by one calibration at a time', async () => {
    const rig = await readyRig();
    const first = rig.modem.calibrate();
    await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_INVALID' });
    await first;
  });

  it('is measured only while the modem is ready', async () => {
    const rig = startRig();
    await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_OFFLINE' });
  });
});
