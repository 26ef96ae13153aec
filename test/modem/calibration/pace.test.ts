import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { calibrated, checkClean } from '../../support/modem/calibrated';
import { readyRig } from '../../support/modem/rig';

describe('A calibration', () => {
  it('measures the speed of the line', async () => {
    for (const baud of [115_200, 460_800]) {
      const { rate = 0 } = (await calibrated({ simulator: { baud } })).profile.facts;
      // Ten bits for each byte, some of them for the command and its response.
      assert.ok(rate > baud / 12 && rate < baud / 10, `${rate} bytes a second`);
    }
  });

  it('measures response times', async () => {
    const { profile } = await calibrated({ simulator: { answerDelay: 250 } });
    assert.equal(profile.facts.roundTrip, 250);
    // The response to a payload, after its prompt.
    assert.equal(profile.facts.slowest, 500);
  });

  it('sets the time limits of later commands, unless the user does', async () => {
    const { profile } = await calibrated();
    const facts = { ...profile.facts, slowest: 10 };
    const missed = async (adaptsTimeout: boolean): Promise<number> => {
      const rig = await readyRig({ profile: { ...profile, facts }, modem: { adaptsTimeout } });
      // The version was queried, so the profile is in use.
      await rig.modem.requests.servers();
      rig.module.inject(dropNext('result'));
      const start = rig.clock.now();
      await rig.modem.requests.servers();
      const took = rig.clock.now() - start;
      await rig.stop();
      return took;
    };
    // Including the fence after a timeout.
    assert.deepEqual([await missed(false), await missed(true)], [4100, 1100]);
  });

  it('ends at its time limit without results', async () => {
    const rig = await readyRig({ modem: { commandTimeout: 100_000 } });
    rig.module.inject({ delay: () => (/^AT.QFWDSEND=\d/.test(rig.module.commands.at(-1)!) ? 60_000 : 0) });
    const { obstacle, facts } = await rig.modem.calibrate();
    assert.match(obstacle ?? '', /it was not done after \d+ s/);
    assert.equal(facts.fixed, undefined);
    await checkClean(rig);
  });
});
