import assert from 'node:assert/strict';

import { systemClock, type Transport } from '../../src/at';
import { check, type CheckResult } from '../../src/check/check';
import { summary } from '../../src/check/report';
import { qfwdFamily } from '../../src/qfwd';
import { ReplayedModule, SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { parseTrace, TraceRecorder } from '../../src/trace';
import { inProcessTransport } from '../../src/transport';

function checkOf(family: SimulatorOptions['family'], transport: Transport): Promise<CheckResult> {
  return check({
    transport,
    families: [family === 'qfwd' ? qfwdFamily : tcpipFamily],
    listensTo: ['usbat'],
    sockets: true,
    clock: systemClock,
    progress: () => undefined,
    signal: new AbortController().signal,
  });
}

/** What does not depend on how fast the module is. */
function timeless({ findings, firmware, dialect, profile, resyncs }: CheckResult): object {
  const facts = { ...profile?.facts, roundTrip: undefined, rate: undefined, slowest: undefined };
  return { findings, firmware, dialect, facts, lacks: profile?.lacks, resyncs };
}

describe('the trace of a check', function () {
  this.timeout(60_000);

  const modules: [what: string, options: Partial<SimulatorOptions>][] = [
    ['a module by the manual', { family: 'qfwd' }],
    ['a module by its chapter 4', { family: 'qfwd', args: 'example' }],
    ['a module that opens sockets before it says OK', { family: 'qfwd', openOrder: 'urc-first' }],
    ['a module with the TCP/IP commands', { family: 'tcpip' }],
    ['such a module with other errors', { family: 'tcpip', tcpipErrors: 'cme' }],
  ];
  for (const [what, options] of modules) {
    it(`of ${what}, played to the check, is as well and has the same facts`, async () => {
      const { family = 'qfwd' } = options;
      const module = new SimulatedModule(options);
      const lines: string[] = [];
      const recorder = new TraceRecorder({
        software: 'test',
        keepsPayload: true,
        now: () => performance.now(),
        write: (line) => lines.push(line()),
      });
      lines.push(recorder.begin());
      const transport = inProcessTransport('a module', () => module.attach());
      const recorded = await checkOf(family, recorder.around(transport, 'usbat'));
      await module.powerOff();
      const replayed = new ReplayedModule(parseTrace(lines.join('\n')));
      const played = await checkOf(
        family,
        inProcessTransport('a module', () => replayed.attach()),
      );
      assert.deepEqual([recorded.isWell, played.isWell], [true, true], summary(played));
      assert.deepEqual(timeless(played), timeless(recorded));
      assert.equal(played.resyncs, 0);
    });
  }
});
