import assert from 'node:assert/strict';

import { Connection } from '../../../src/modem/data/connection';
import { ReadTurn } from '../../../src/modem/data/read-turn';
import { newCounters } from '../../../src/modem/link/counters';
import { CurrentLink } from '../../../src/modem/link/current-link';
import { ManualClock } from '../../support/manual-clock';
import { readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

const READ = 'AT+QFWDRECV=2';

/** A connection of a server that has been idle for long, and the pieces that its next reads return. */
async function silentConnection(protocol: 'tcp' | 'udp') {
  const pieces: string[] = [];
  let isAccepted = false;
  const module = new ScriptedModule((line) => {
    const ends = '"10.0.0.1",1001,"0.0.0.0",2020';
    if (line === 'AT+QFWDSEVER?') return `\r\n+QFWDSEVER: 7,"${protocol}",2020,"usbat"\r\n\r\nOK\r\n`;
    if (isAccepted && line === 'AT+QFWDCLIENT?')
      return `\r\n+QFWDCLIENT: 2,"income","${protocol}",${ends},"usbat"\r\n\r\nOK\r\n`;
    if (isAccepted && line === 'AT+QFWDSTATE=7') return `\r\n+QFWDSTATE: 1,2,${ends}\r\n\r\nOK\r\n`;
    if (!line.startsWith(READ)) return undefined;
    const piece = pieces.shift() ?? '';
    return `\r\n+QFWDRECV: 2,${piece.length}\r\n${piece}\r\n\r\nOK\r\n`;
  });
  const rig = await readyRig({ transport: () => module });
  await (await rig.declareServer({ protocol, port: 2020, socketId: 7 })).event('server/open');
  const collector = rig.collect();
  isAccepted = true;
  module.say('\r\n+QFWDURC: "client/incoming",7,2,"10.0.0.1",1001,"0.0.0.0",2020\r\n');
  await rig.pass(20_000);
  const reads = () => module.commands.filter((line) => line.startsWith(READ)).length;
  return { rig, module, collector, pieces, reads };
}

describe('A read that returns nothing', () => {
  for (const protocol of ['tcp', 'udp'] as const) {
    it(`is soon followed by another one if data was announced (${protocol})`, async () => {
      const { rig, module, collector, pieces } = await silentConnection(protocol);
      pieces.push('', 'behind');
      module.say('\r\n+QFWDURC: "client/read",2\r\n');
      await rig.pass(200);
      assert.equal(collector.data(2).toString(), 'behind');
      assert.equal(collector.pieces(2).length, 1);
    });
  }

  it('is followed by few others', async () => {
    const { rig, module, reads } = await silentConnection('tcp');
    const before = reads();
    module.say('\r\n+QFWDURC: "client/read",2\r\n');
    await rig.pass(20_000);
    assert.ok(reads() - before <= 5, `${reads() - before} reads`);
  });
});

describe('An empty datagram', () => {
  it('that was announced with its length is delivered, and what follows it, too', async () => {
    const { rig, module, collector, pieces } = await silentConnection('udp');
    pieces.push('', 'next');
    module.say('\r\n+QFWDURC: "client/read",2,0\r\n');
    await rig.pass(20_000);
    assert.deepEqual(collector.pieces(2), [Buffer.alloc(0), Buffer.from('next')]);
  });

  it('that was announced is delivered even if reading was suspended before it', async () => {
    const { rig, module, collector, pieces } = await silentConnection('udp');
    pieces.push('');
    const before = rig.modem.requests.raw('AT+X');
    module.say('\r\n+QFWDURC: "client/read",2,0\r\n');
    collector.paused.add(2);
    await before;
    await rig.pass(100);
    collector.paused.clear();
    rig.modem.resumeReading();
    await rig.pass(20_000);
    assert.deepEqual(collector.pieces(2), [Buffer.alloc(0)]);
  });

  it('is not delivered for a stream that has no data', async () => {
    const { rig, module, collector } = await silentConnection('tcp');
    module.say('\r\n+QFWDURC: "client/read",2,0\r\n');
    await rig.pass(20_000);
    assert.deepEqual(collector.pieces(2), []);
  });

  it('is distinguished from an empty buffer by its sender', () => {
    const turnOf = (from?: { ip: string; port: number }) => {
      const delivered: Buffer[] = [];
      const origin = { socketId: 2, protocol: 'udp', isShared: true } as const;
      const connection = new Connection(origin, 0, newCounters(), new ManualClock(), 'a run');
      const port = { name: 'a port', open: () => assert.fail('it is not opened') };
      const turn = new ReadTurn(connection, {
        current: new CurrentLink(port),
        isWanted: () => true,
        consumers: { deliver: (_connection, { data }) => void delivered.push(data) },
      });
      turn.onAnswer({ data: Buffer.alloc(0), ...(from && { from }) });
      return { delivered, hasData: turn.hasData };
    };
    assert.deepEqual(turnOf({ ip: '10.0.0.1', port: 5 }), { delivered: [Buffer.alloc(0)], hasData: true });
    assert.deepEqual(turnOf(), { delivered: [], hasData: false });
  });
});
