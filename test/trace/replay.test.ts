import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { AtError, Channel } from '../../src/at';
import { qfwdFamily } from '../../src/qfwd';
import { ReplayedModule } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { parseTrace, type TraceEntry, TracePlayer, turnsIn } from '../../src/trace';
import { blockLength, bodyLength, TERMINATED } from '../../src/trace/payload';
import { inProcessTransport } from '../../src/transport';
import { startRig } from '../support/modem/rig';
import { virtualClock } from '../support/virtual-clock';
import { EXPECTED, session } from '../traces/session';

const folder = path.resolve(__dirname, '../traces');

function tracesOf(prefix: string): { name: string; entries: TraceEntry[] }[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ name, entries: parseTrace(readFileSync(path.join(folder, name), 'utf8')) }));
}

describe('traces', () => {
  for (const { name, entries } of tracesOf('simulator-')) {
    it(`${name}: a server, a client and all data, without a resync`, async () => {
      const module = new ReplayedModule(entries);
      const rig = startRig({
        transport: () => inProcessTransport('a trace', () => module.attach()),
        families: [name.includes('tcpip') ? tcpipFamily : qfwdFamily],
        random: 0.5,
      });
      assert.deepEqual(await session(rig.modem), EXPECTED);
      assert.equal(rig.modem.counters.resyncs, 0);
      assert.deepEqual(rig.problems, []);
    });
  }

  for (const { name, entries } of tracesOf('public-')) {
    it(`${name}: every answer ends as it did, and the line stays in step`, async () => {
      const clock = virtualClock();
      let resyncs = 0;
      const player = new TracePlayer(turnsIn(entries), {
        send: (bytes) => setImmediate(() => channel.receive(bytes)),
        onUnknown: (command) => assert.fail(command),
        clock,
      });
      player.begin();
      const link = { write: (bytes: Buffer) => player.receive(bytes), close: () => Promise.resolve() };
      const channel = new Channel(link, {
        clock,
        timeout: 150_000,
        isUnsolicited: (line) => /^\+(QIURC|QSSLURC|QIOPEN|QSSLOPEN|QPING):|^RDY$/.test(line),
        onUnsolicited: () => undefined,
        onResync: () => (resyncs += 1),
        onFailed: (reason) => assert.fail(reason),
      });
      for (const { ms, command, said, bodies } of exchangesOf(entries)) {
        // What came unasked before the command comes before it again.
        await clock.pass(Math.max(0, ms - clock.now()));
        const isRefused = /^(\+CM[ES] )?ERROR/m.test(said);
        const asked = channel.execute({
          text: command,
          finals: ['SEND OK'],
          ...(bodies > 0 && {
            body: Buffer.from('\x1a'.padStart(bodies, 'x')),
            isFixedLength: bodyLength(command) !== TERMINATED,
          }),
          block: blockLength,
          decode: ({ final }) => final,
        });
        if (isRefused) await assert.rejects(asked, (error: AtError) => error.failure === 'rejected', command);
        else assert.match((await asked)!, /OK/, command);
      }
      assert.equal(resyncs, 0);
    });
  }
});

interface Asked {
  /** When, in ms since the begin of the trace. */
  readonly ms: number;
  readonly command: string;
  said: string;
  /** The length of its body; 0 if it has none. */
  bodies: number;
}

/** The commands whose answer has an end. */
function exchangesOf(entries: readonly TraceEntry[]): readonly Asked[] {
  const found: Asked[] = [];
  for (const { ms, dir, data } of entries) {
    const last = found.at(-1);
    if (dir === 'in') {
      if (last) last.said += data;
    } else if (data.startsWith('AT')) found.push({ ms, command: data.trim(), said: '', bodies: 0 });
    else if (last) last.bodies += data.length;
  }
  // What is uploaded with CONNECT is no body of a prompt.
  return found.filter(
    ({ said, command }) => !command.startsWith('AT+QFUPL') && /(OK|ERROR.*)\r\n/.test(said),
  );
}
