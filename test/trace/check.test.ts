import assert from 'node:assert/strict';

import type { Transport } from '../../src/at';
import { check, type CheckResult } from '../../src/check/check';
import { summary } from '../../src/check/report';
import { qfwdFamily } from '../../src/qfwd';
import { ReplayedModule, SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { parseTrace, TraceRecorder } from '../../src/trace';
import { inProcessTransport } from '../../src/transport';
import { MemoryNetwork } from '../simulation/network/memory-network';
import { SimulationClock } from '../simulation/simulation-clock';

/** How long a check may take, in ms. */
const LIMIT = 600_000;

function checkOf(
  clock: SimulationClock,
  family: SimulatorOptions['family'],
  transport: Transport,
): Promise<CheckResult> {
  const checking = check({
    transport,
    families: [family === 'qfwd' ? qfwdFamily : tcpipFamily],
    listensTo: ['usbat'],
    sockets: true,
    clock,
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return clock.until(checking, LIMIT, 'the check does not end');
}

/** What does not depend on how fast the module is. */
function timeless({ findings, firmware, dialect, profile, resyncs }: CheckResult): object {
  const facts = { ...profile?.facts, roundTrip: undefined, rate: undefined, slowest: undefined };
  return { findings, firmware, dialect, facts, lacks: profile?.lacks, resyncs };
}

describe('the trace of a check', () => {
  const modules: [what: string, options: Partial<SimulatorOptions>][] = [
    ['a module by the manual', { family: 'qfwd' }],
    ['a module by its chapter 4', { family: 'qfwd', args: 'example' }],
    ['a module with the TCP/IP commands', { family: 'tcpip' }],
  ];
  for (const [what, options] of modules) {
    it(`of ${what}, played to the check, is as well and has the same facts`, async () => {
      const clock = new SimulationClock();
      await clock.run(async () => {
        const { family = 'qfwd' } = options;
        const module = new SimulatedModule(options, new MemoryNetwork(clock));
        const lines: string[] = [];
        const recorder = new TraceRecorder({
          software: 'test',
          keepsPayload: true,
          now: () => clock.now(),
          write: (line) => lines.push(line()),
        });
        lines.push(recorder.begin());
        const transport = inProcessTransport('a module', () => module.attach());
        const recorded = await checkOf(clock, family, recorder.around(transport, 'usbat'));
        const replayed = new ReplayedModule(parseTrace(lines.join('\n')));
        const played = await checkOf(
          clock,
          family,
          inProcessTransport('a module', () => replayed.attach()),
        );
        assert.deepEqual([recorded.isWell, played.isWell], [true, true], summary(played));
        assert.deepEqual(timeless(played), timeless(recorded));
        assert.equal(played.resyncs, 0);
      });
    });
  }
});
