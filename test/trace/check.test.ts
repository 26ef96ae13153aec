import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Transport } from '../../src/at';
import { check, type CheckResult } from '../../src/check/check';
import { summary } from '../../src/check/report';
import { qfwdFamily } from '../../src/qfwd';
import { ReplayedModule, SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import type { Found } from '../../src/sockets';
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

const NO_FIGURES = { roundTrip: undefined, rate: undefined, slowest: undefined };

/** What the report says but for figures. */
function withoutFigures(result: CheckResult): object {
  const { findings, firmware, dialect, profile, calibrationObstacle, measurement, isWell } = result;
  const facts = { ...profile?.facts, ...NO_FIGURES };
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
    // A trace with payload shows it as the module changed it.
    for (const keepsPayload of options.fixedLength ? [false, true] : [false]) {
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

/** Traces of checks of other simulators than the one here, without payload, and what must come of them. */
const KEPT: readonly (readonly [name: string, firmware: string, facts: Found, bytesPerSecond: number])[] = [
  [
    'check-qfwd',
    'EC25EUXGAR08A15M1G',
    {
      prompt: 'blank',
      readHeader: 'QFWDRECV',
      openOrder: 'ok-first',
      emptyRead: 'zero',
      perSend: 1024,
      hexTaken: 'bytes',
      hex: 'transparent',
      variable: 'transparent',
      fixed: 'transparent',
      hexLength: 'bytes',
      hexLimit: 'bytes',
      sendMax: 10_240,
      recvMax: 10_240,
      readReport: 'once',
      perLine: 1,
      acceptedIds: 'reused',
      refused: 111,
      udpServer: 'per-peer',
    },
    1780,
  ],
  [
    'check-tcpip',
    'EC200UXXR01A01M16',
    {
      openOrder: 'ok-first',
      emptyRead: 'zero',
      hex: 'transparent',
      hexLimit: 'bytes',
      harmless: 'transparent',
      fixed: 'transparent',
      readReport: 'once',
      perLine: 1,
      acceptedIds: 'reused',
      refused: 566,
      udpServer: 'shared',
    },
    1960,
  ],
];

describe('a trace of another module', () => {
  for (const [name, firmware, expected, bytesPerSecond] of KEPT) {
    it(`${name}.jsonl, played to the check, gives its report`, async () => {
      const text = readFileSync(path.resolve(__dirname, `../traces/${name}.jsonl`), 'utf8');
      const clock = new SimulationClock();
      await clock.run(async () => {
        const module = new ReplayedModule(parseTrace(text));
        const transport = inProcessTransport('a trace', () => module.attach());
        const result = await checkOf(clock, name === 'check-qfwd' ? 'qfwd' : 'tcpip', transport);
        assert.equal(result.isWell, true, summary(result));
        assert.equal(result.firmware, firmware);
        assert.deepEqual({ ...result.profile?.facts, ...NO_FIGURES }, { ...expected, ...NO_FIGURES });
        const { clientToServer = 0 } = result.measurement ?? {};
        const ratio = clientToServer / bytesPerSecond;
        assert.ok(ratio > 0.5 && ratio < 2, `${clientToServer} bytes/s`);
      });
    });
  }
});
