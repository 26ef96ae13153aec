import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { qfwdFamily } from '../../src/qfwd';
import { ReplayedModule } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { parseTrace, traceOfLog } from '../../src/trace';
import { inProcessTransport } from '../../src/transport';
import { startRig } from '../support/modem/rig';
import { EXPECTED, session } from '../traces/session';

const DATE = new Date('2026-01-31T12:00:00.000Z');

describe('traceOfLog', () => {
  for (const [name, family] of [
    ['simulator-manual', qfwdFamily],
    ['simulator-tcpip-manual', tcpipFamily],
  ] as const) {
    it(`makes a trace of the log of a session that can be played: ${name}`, async () => {
      const play = async (trace: string) => {
        const module = new ReplayedModule(parseTrace(trace));
        const { modem } = startRig({
          transport: () => inProcessTransport('a trace', () => module.attach()),
          families: [family],
          random: 0.5,
        });
        return { outcome: await session(modem), modem };
      };
      const first = await play(readFileSync(path.resolve(__dirname, `../traces/${name}.jsonl`), 'utf8'));
      const trace = traceOfLog(first.modem.journal.entries(), DATE);
      const { outcome, modem } = await play(trace);
      assert.deepEqual(outcome, EXPECTED);
      assert.equal(modem.counters.resyncs, 0);
    });
  }

  it('masks as other traces do, counts time from the first line, and tells the ports apart', () => {
    const said: [at: number, direction: 'out' | 'in' | 'note', text: string][] = [
      [500, 'out', 'AT+CPIN=…'],
      [501, 'in', 'OK'],
      [502, 'note', 'no answer in time to AT'],
      [503, 'in', '[2] +QIURC: "incoming",1,0,"10.11.12.13",7'],
      [504, 'out', 'AT+CGSN'],
      [505, 'in', '…0017'],
      [506, 'in', 'OK'],
      [507, 'out', 'AT'],
      [508, 'in', 'what nobody knows'],
    ];
    const trace = traceOfLog(
      said.map(([at, direction, text]) => ({ at, direction, text })),
      DATE,
    );
    assert.match(trace, /^\{"trace":1,"at":"2026-01-31T12:00:00.000Z","software":"\d/);
    assert.deepEqual(
      parseTrace(trace).map(({ ms, port, dir, data }) => `${ms} ${port} ${dir} ${data.trim()}`),
      [
        '0 usbat out AT+CPIN=xxxx',
        '1 usbat in OK',
        '3 usbmodem in +QIURC: "incoming",1,0,"192.0.2.1",7',
        '4 usbat out AT+CGSN',
        '5 usbat in 000000000000017',
        '6 usbat in OK',
        '7 usbat out AT',
        '8 usbat in xxxxxxxxxxxxxxxxx',
      ],
    );
  });
});
