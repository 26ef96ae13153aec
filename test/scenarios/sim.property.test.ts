import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { SimulatedModule } from '../../src/simulator';
import { newModule, type Rig, startRig } from '../support/modem/rig';

const PIN = '1234';

const INCIDENTS: Record<string, (module: SimulatedModule, rig: Rig) => void> = {
  'the SIM is removed': (module) => module.ejectSim(),
  'the SIM is inserted': (module) => module.insertSim(),
  'the module restarts': (module) => void module.reboot(),
  'the module says RDY': (module) => module.urc('RDY'),
  'the SIM is not ready': (module) => module.urc('+CPIN: NOT READY'),
  'the SIM needs its PIN': (module) => module.urc('+CPIN: SIM PIN'),
  'the line is lost': (module) => module.unplug(),
  'a flow switches the module off and on': (_module, { modem: { requests } }) =>
    void requests
      .raw('AT+CFUN=0')
      .then(() => requests.raw('AT+CFUN=1'))
      .catch(() => undefined),
};

const starts = fc.record({
  simStarting: fc.constantFrom('busy', 'absent', 'failure', 'not-ready', 'error'),
  simDelay: fc.nat(12_000),
  lacks: fc.constantFrom('', 'QCCID'),
});
const incidents = fc.array(fc.tuple(fc.constantFrom(...Object.keys(INCIDENTS)), fc.nat(6000)), {
  maxLength: 10,
});

describe('A SIM with its PIN', () => {
  it('is unlocked in the end, in whatever order things happen to it and its module', async () => {
    await fc.assert(
      fc.asyncProperty(starts, incidents, async (start, incidents) => {
        const module = newModule({ pin: PIN, ...start });
        void module.reboot();
        const rig = startRig({ module, modem: { pin: PIN, pdpCid: 1 } });
        for (const [what, pause] of incidents) {
          await rig.pass(pause);
          INCIDENTS[what]!(module, rig);
        }
        module.insertSim();
        await rig.pass(400_000);
        assert.equal(rig.modem.state, 'ready', rig.modem.reason?.message);
        assert.deepEqual(rig.locks.all, []);
        await rig.stop();
      }),
      { numRuns: 20 },
    );
  }).timeout(60_000);
});
