import assert from 'node:assert/strict';

import { readyRig } from '../../support/modem/rig';

describe('A port', () => {
  it('that is lost soon after each session is opened after increasing pauses, until a session lasts', async () => {
    const rig = await readyRig({ random: 0 });
    const waits: number[] = [];
    let isLost = false;
    const after = rig.clock.after.bind(rig.clock);
    rig.clock.after = (ms, action) => {
      // The next opening is then the first timer.
      if (isLost && rig.modem.state === 'offline') {
        isLost = false;
        waits.push(ms);
      }
      return after(ms, action);
    };
    for (const lived of [0, 0, 0, 0, 10_000, 0]) {
      await rig.pass(lived);
      isLost = true;
      rig.module.unplug();
      await rig.state('offline');
      await rig.state('ready');
    }
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 500, 1000]);
  });
});
