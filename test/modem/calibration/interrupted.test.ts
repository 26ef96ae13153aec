import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { checkClean } from '../../support/modem/calibrated';
import { observed } from '../../support/modem/observed';
import { readyRig, type Rig } from '../../support/modem/rig';

function* untilFound(lines: Iterator<string>, wanted: string): Generator<string> {
  for (let next = lines.next(); !next.done; next = lines.next()) {
    yield next.value;
    if (next.value === wanted) return;
  }
}

describe('A calibration that is interrupted', () => {
  /** After so many command lines of its own. */
  const MOMENTS = [3, 11, 14, 20, 32, 48, 62, 76];

  function after(rig: Rig, lines: number, act: () => void): void {
    const start = rig.module.commands.length;
    rig.module.on('command', () => {
      if (rig.module.commands.length === start + lines) act();
    });
  }

  for (const lines of MOMENTS) {
    it(`by a lost link after ${lines} commands leaves a healthy modem`, async () => {
      const rig = await readyRig();
      after(rig, lines, () => rig.module.unplug());
      await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_OFFLINE' });
      await rig.state('offline');
      await rig.state('ready');
      assert.equal((await rig.modem.calibrate()).facts.fixed, 'transparent');
      assert.deepEqual(await rig.modem.requests.servers(), []);
      assert.deepEqual(await rig.modem.requests.clients(), []);
      assert.deepEqual(rig.modem.connections(), []);
    });

    it(`by its caller after ${lines} commands leaves nothing open`, async () => {
      const rig = await readyRig();
      const ending = new AbortController();
      after(rig, lines, () => ending.abort());
      await assert.rejects(rig.modem.calibrate(ending.signal), { code: 'QFWD_TIMEOUT' });
      await checkClean(rig);
      assert.equal(rig.modem.calibrator.current, undefined);
    });

    it(`by the end of the modem after ${lines} commands leaves nothing open`, async () => {
      const rig = await readyRig();
      const stopped = new Promise((resolve) => after(rig, lines, () => resolve(rig.stop())));
      await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_TIMEOUT' });
      await stopped;
      const [server, clients] = [await rig.servers(), await rig.clients()];
      assert.deepEqual([server, clients], [[], []]);
    });

    it(`by a restart of the module after ${lines} commands leaves a healthy modem`, async () => {
      const rig = await readyRig();
      after(rig, lines, () => void rig.module.reboot());
      await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_OFFLINE' });
      await rig.state('ready');
      assert.equal((await rig.modem.calibrate()).facts.fixed, 'transparent');
    });
  }
});

describe('A calibration', () => {
  for (const kind of ['prompt', 'result', 'urc'] as const) {
    for (const lines of [14, 22, 30, 45]) {
      it(`continues if a ${kind} is lost after ${lines} commands`, async () => {
        const written: string[] = [];
        const rig = await readyRig({ transport: observed(written) });
        const start = rig.module.commands.length;
        rig.module.on('command', () => {
          if (rig.module.commands.length === start + lines) rig.module.inject(dropNext(kind));
        });
        await rig.modem.calibrate();
        // What the module has taken for payload was not executed.
        const left = written.values();
        for (const line of rig.module.commands) assert.ok([...untilFound(left, line)].includes(line), line);
        await checkClean(rig);
      });
    }
  }
});
