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

/** What the report says but for figures. */
function withoutFigures(result: CheckResult): object {
  const { findings, firmware, dialect, profile, calibrationObstacle, measurement, isWell } = result;
  const facts = { ...profile?.facts, roundTrip: undefined, rate: undefined, slowest: undefined };
  const obstacle = measurement?.obstacle;
  return { findings, firmware, dialect, facts, lacks: profile?.lacks, calibrationObstacle, obstacle, isWell };
}

/** Figures of a slow module are about the same; those of a fast one depend on fractions of a millisecond. */
function assertNear({ measurement: played }: CheckResult, { measurement: recorded }: CheckResult): void {
  for (const name of ['clientToServer', 'serverToClient'] as const) {
    const [expected, found] = [recorded?.[name] ?? 0, played?.[name] ?? 0];
    const isSlow = expected < 100_000;
    if (isSlow)
      assert.ok(found >= 0.8 * expected && found <= 1.25 * expected, `${name}: ${found} for ${expected}`);
  }
}

describe('the trace of a check', () => {
  const modules: readonly (readonly [name: string, options: Partial<SimulatorOptions>])[] = [
    ['a module by the manual', { family: 'qfwd' }],
    ['a module by its chapter 4', { family: 'qfwd', args: 'example' }],
    ['a slow module', { family: 'qfwd', answerDelay: 20 }],
    ['a slow line', { family: 'qfwd', baud: 115_200 }],
    ['a module that counts digits', { family: 'qfwd', hexUnits: 'chars', hexActual: 'chars' }],
    ['a module that rejects a read of nothing', { family: 'qfwd', emptyRead: 'error' }],
    ['a module that ends data at Ctrl-Z', { family: 'qfwd', fixedLength: 'ends-at-ctrl-z' }],
    ['a module with joined lines that tells lengths', { layout: 'joined', readUrc: 'length' }],
    ['a module with the TCP/IP commands', { family: 'tcpip' }],
    ['a slow module with the TCP/IP commands', { family: 'tcpip', answerDelay: 5, stateLocalPort: 'zero' }],
    ['a slow line with the TCP/IP commands', { family: 'tcpip', baud: 115_200, prompt: '\r\n>\r\n' }],
    ['a module that data cancels', { family: 'tcpip', fixedLength: 'cancels-at-esc' }],
    ['a module without a loopback', { family: 'tcpip', lacks: 'QISTATE' }],
  ];
  for (const [what, options] of modules) {
    for (const keepsPayload of [false, true]) {
      const kind = keepsPayload ? 'with payload' : 'without payload';
      it(`of ${what}, ${kind}, played to the check, gives the same report`, async () => {
        const clock = new SimulationClock();
        await clock.run(async () => {
          const { family = 'qfwd' } = options;
          const module = new SimulatedModule(options, new MemoryNetwork(clock));
          const lines: string[] = [];
          const recorder = new TraceRecorder({
            software: 'test',
            keepsPayload,
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
          assert.deepEqual(withoutFigures(played), withoutFigures(recorded), summary(played));
          assertNear(played, recorded);
        });
      });
    }
  }
});
