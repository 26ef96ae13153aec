import assert from 'node:assert/strict';

import { loseNextSent } from '../../support/modem/faults';
import { readyRig } from '../../support/modem/rig';

describe('The counters of a modem', () => {
  it('count payload, of the modem and of each connection', async () => {
    const rig = await readyRig();
    rig.echo();
    const server = await rig.openServer();
    const first = await server.connect();
    const second = await server.connect();
    first.peer.socket.write('hello');
    await first.peer.untilText('hello');
    second.peer.socket.write('hi');
    await second.peer.untilText('hi');
    await rig.quiet();
    const traffic = rig.modem.connections().map(({ bytesIn, bytesOut }) => [bytesIn, bytesOut]);
    assert.deepEqual(traffic, [
      [5, 5],
      [2, 2],
    ]);
    const { counters } = rig.modem;
    assert.deepEqual([counters.payloadIn, counters.payloadOut], [7, 7]);
    assert.equal(counters.commands, rig.module.commands.length);
  });

  it('count data that is read on request', async () => {
    const rig = await readyRig();
    const { peer, socketId } = await (await rig.openServer()).connect();
    peer.socket.write('hello');
    await rig.quiet();
    await rig.modem.read(socketId);
    assert.equal(rig.modem.connection(socketId).bytesIn, 5);
  });

  it('count timeouts, resyncs and unknown outcomes', async () => {
    const rig = await readyRig();
    const { socketId } = await (await rig.openServer()).connect();
    rig.module.inject(loseNextSent());
    await assert.rejects(rig.modem.send(socketId, Buffer.from('lost'), 30_000));
    const { timeouts, resyncs, unknownOutcomes } = rig.modem.counters;
    assert.deepEqual({ timeouts, resyncs, unknownOutcomes }, { timeouts: 1, resyncs: 1, unknownOutcomes: 1 });
  });

  it('count reconnects and restarts of the module', async () => {
    const rig = await readyRig();
    assert.equal(rig.modem.counters.reconnects, 0);
    await rig.replug();
    assert.equal(rig.modem.counters.reconnects, 1);
    await rig.ask('AT+CFUN=1,1');
    await rig.state('ready');
    const { reconnects, restarts } = rig.modem.counters;
    assert.deepEqual({ reconnects, restarts }, { reconnects: 1, restarts: 1 });
  });
});

describe('The journal of a modem', () => {
  it('masks the PIN', async () => {
    const rig = await readyRig({ simulator: { pin: '4321' }, modem: { pin: '4321' } });
    const texts = rig.modem.journal.entries().map(({ text }) => text);
    assert.ok(texts.includes('AT+CPIN=…'));
    assert.ok(texts.every((text) => !text.includes('4321')));
  });

  it('shows what happens to the link', async () => {
    const rig = await readyRig();
    await rig.replug();
    const notes = rig.modem.journal.entries().filter(({ direction }) => direction === 'note');
    assert.deepEqual(notes.map(({ text }) => text.replace(/: .*/, '')).slice(-4), [
      'offline',
      'connecting',
      'initializing',
      'ready',
    ]);
  });
});
