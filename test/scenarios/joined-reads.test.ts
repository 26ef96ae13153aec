import assert from 'node:assert/strict';

import { hostileBytes } from '../support/hostile';
import { family, scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';
import { tcpServer } from '../support/peers';

const JOINED = ['executed', 'refused', 'first', 'each', 'ignored'] as const;
const LENGTH = 100_000;

scenario('Much data that waits in the module', () => {
  for (const joined of JOINED) {
    it(`is received completely from a module with the option joined=${joined}`, async () => {
      const rig = await readyRig({ simulator: { joined, answerDelay: 5 } });
      const collector = rig.collect();
      const { peer, socketId } = await (await rig.openServer()).connect();
      const bytes = hostileBytes(LENGTH, joined);
      peer.socket.end(bytes);
      assert.ok((await collector.until(socketId, LENGTH)).equals(bytes));
      assert.deepEqual(collector.missed.all, []);
      const reads = rig.module.commands.filter((line) => line.startsWith(family().commands.receive));
      const least = LENGTH / family().receiveLength;
      const isShared = joined === 'executed';
      assert.equal(reads.length < least / 2, isShared, `${reads.length} lines for ${least} reads`);
    });
  }
});

describe('Reads that share a command line', () => {
  for (const emptyRead of ['zero', 'error'] as const) {
    it(`need no queue figures for a client once one has found nothing, on firmware that answers it like ${emptyRead}`, async () => {
      const rig = await readyRig({ simulator: { emptyRead, answerDelay: 5 } });
      const collector = rig.collect();
      const target = await tcpServer();
      const { socketId } = await rig.declareClient({ port: target.port }).event('client/open');
      const peer = await target.peers.next();
      peer.socket.write(hostileBytes(LENGTH, emptyRead));
      await collector.until(socketId, LENGTH);
      await rig.pass(10_000);
      const before = rig.module.commands.length;
      peer.socket.write(hostileBytes(LENGTH, emptyRead));
      await collector.until(socketId, 2 * LENGTH);
      const commands = rig.module.commands.slice(before);
      assert.ok(commands.some((line) => line.includes(';')));
      assert.deepEqual(
        commands.filter((line) => line.startsWith('AT+QFWDACK=')),
        [],
      );
    });
  }
});

describe('Polls of many quiet sockets', () => {
  it('share command lines', async () => {
    const count = 16;
    const rig = await readyRig({ simulator: { answerDelay: 20 } });
    const collector = rig.collect();
    const server = await rig.openServer();
    for (let index = 0; index < count; index++) {
      const { peer, socketId } = await server.connect();
      peer.socket.write('x');
      await collector.until(socketId, 1);
    }
    const before = rig.module.commands.length;
    await rig.pass(20_000);
    const polls = rig.module.commands.slice(before).filter((line) => line.startsWith('AT+QFWDACK='));
    const asked = polls.flatMap((line) => line.split(';'));
    assert.ok(asked.length >= count, `${asked.length} polls`);
    assert.ok(polls.length <= asked.length / 2, `${polls.length} lines for ${asked.length} polls`);
  });
});
