import assert from 'node:assert/strict';

import type { QfwdError } from '../../src/modem';
import { cutInto, dropNext, garbleNext } from '../../src/simulator';
import { settled } from '../support/manual-clock';
import { anyFault, loseNextSent } from '../support/modem/faults';
import { UdpPeer } from '../support/peers';
import { randomFrom } from '../support/random';
import {
  assertAccounted,
  assertRead,
  codeOf,
  numbersIn,
  type Outcomes,
  record,
  sendBatch,
} from '../support/modem/records';
import { QFWD, scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';

scenario('A payload', (family) => {
  if (family === QFWD)
    it('whose prompt is lost is sent again, and is received once', async () => {
      const rig = await readyRig();
      const { peer, socketId } = await (await rig.openServer()).connect();
      rig.module.inject(dropNext('prompt'));
      const sent = await rig.modem.send(socketId, Buffer.from('once'), 30_000);
      assert.deepEqual({ bytes: sent.bytes, commands: sent.commands }, { bytes: 4, commands: 2 });
      await peer.untilText('once');
      assert.equal(peer.received.toString(), 'once');
    });

  it('whose prompt is lost has an unknown outcome in fixed length where ESC is data, and the next is received', async () => {
    const rig = await readyRig({ modem: { payloadMode: 'raw' } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    rig.module.inject(dropNext('prompt'));
    const started = rig.clock.now();
    const lost = rig.modem.send(socketId, Buffer.alloc(1000, '#'), 60_000);
    await assert.rejects(lost, { code: 'QFWD_UNKNOWN_OUTCOME', sent: 0 });
    assert.ok(rig.clock.now() - started < 10_000);
    await rig.modem.send(socketId, Buffer.from('next'), 60_000);
    await peer.untilText('next');
    assert.equal(peer.received.length, 1004);
    assert.ok(!peer.received.includes('#'));
  });

  it('whose prompt is lost is sent again in fixed length where ESC cancels', async () => {
    const rig = await readyRig({
      simulator: { fixedLength: 'ends-at-ctrl-z' },
      modem: { payloadMode: 'raw' },
    });
    const { peer, socketId } = await (await rig.openServer()).connect();
    rig.module.inject(dropNext('prompt'));
    await rig.modem.send(socketId, Buffer.from('once'), 60_000);
    await peer.untilText('once');
    assert.equal(peer.received.toString(), 'once');
  });

  if (family === QFWD)
    it('whose prompts are all lost is not sent', async () => {
      const rig = await readyRig();
      const { peer, socketId } = await (await rig.openServer()).connect();
      rig.module.inject({ send: (packet) => (packet.kind === 'prompt' ? [] : [packet]) });
      await assert.rejects(rig.modem.send(socketId, Buffer.from('never'), 60_000), {
        code: 'QFWD_TIMEOUT',
        sent: 0,
      });
      assert.equal(peer.received.length, 0);
    });

  if (family === QFWD)
    it('whose response is lost has an unknown outcome, and is not sent again', async () => {
      const rig = await readyRig();
      const { peer, socketId } = await (await rig.openServer()).connect();
      rig.module.inject(loseNextSent());
      const [lost, next] = await Promise.allSettled([
        rig.modem.send(socketId, Buffer.from('lost '), 30_000),
        rig.modem.send(socketId, Buffer.from('next'), 30_000),
      ]);
      assert.ok(lost.status === 'rejected');
      assert.equal(codeOf(lost.reason), 'QFWD_UNKNOWN_OUTCOME');
      assert.equal(next.status, 'fulfilled');
      await peer.untilText('next');
      assert.equal(peer.received.toString(), 'lost next');
    });

  if (family === QFWD)
    it('whose OK is lost is sent', async () => {
      const rig = await readyRig();
      const { socketId } = await (await rig.openServer()).connect();
      rig.module.inject(dropNext('result'));
      assert.equal((await rig.modem.send(socketId, Buffer.from('x'), 30_000)).bytes, 1);
    });

  if (family === QFWD)
    it('whose response is garbled has an unknown outcome', async () => {
      const rig = await readyRig();
      const { socketId } = await (await rig.openServer()).connect();
      rig.module.inject({
        send: (packet) =>
          packet.bytes.includes('+QFWDSEND')
            ? [{ kind: 'info', bytes: Buffer.from('\r\n+QFWDSEND: 9,1\r\n') }]
            : [packet],
      });
      await assert.rejects(rig.modem.send(socketId, Buffer.from('x'), 30_000), {
        code: 'QFWD_UNKNOWN_OUTCOME',
      });
    });

  if (family === QFWD)
    it('that the module rejects has failed for certain, even if nothing can be queried about it', async () => {
      const rig = await readyRig({ simulator: { hexLimit: 'chars' }, modem: { payloadMode: 'hex' } });
      const outside = await UdpPeer.bind();
      const client = rig.declareClient({ protocol: 'udp', port: outside.port });
      const { socketId } = await client.event('client/open');
      await rig.pass(2000);
      rig.module.inject(garbleNext('info', () => Buffer.from('\r\n+QFWDCLIENT: x\r\n')));
      await assert.rejects(rig.modem.send(socketId, Buffer.alloc(1000), 60_000), { code: 'QFWD_REJECTED' });
    });
});

scenario('Data', (family) => {
  it('that is received late is delivered', async () => {
    const rig = await readyRig();
    const { peer, socketId } = await (await rig.openServer()).connect();
    peer.socket.write('late, not lost');
    const stop = rig.module.inject({
      delay: () => (rig.module.commands.at(-1)!.startsWith(rig.family.commands.receive) ? 3000 : 0),
    });
    const collector = rig.collect();
    await collector.until(socketId, 14);
    stop();
    assert.equal(collector.data(socketId).toString(), 'late, not lost');
    assert.deepEqual(collector.missed.all, []);
  });

  it('that is lost is reported as lost', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const { peer, socketId } = await (await rig.openServer()).connect();
    rig.module.inject(garbleNext('block', (bytes) => bytes.subarray(0, 30)));
    peer.socket.write('x'.repeat(60));
    assert.equal((await collector.missed.next()).socketId, socketId);
    peer.socket.write('next');
    await collector.until(socketId, 4);
    assert.equal(collector.data(socketId).toString(), 'next');
  });

  it('whose header is lost is reported as lost', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const { peer, socketId } = await (await rig.openServer()).connect();
    rig.module.inject(
      garbleNext('block', (bytes) =>
        Buffer.from(
          bytes.toString('latin1').replace(new RegExp(`\\${family.readHeader} \\S+`), ''),
          'latin1',
        ),
      ),
    );
    peer.socket.write('a line\r\nand another\r\n');
    assert.equal((await collector.missed.next()).socketId, socketId);
    assert.equal(collector.data(socketId).length, 0);
  });

  it('requested in several reads is returned up to the loss, which is reported', async () => {
    const rig = await readyRig();
    const { peer, socketId } = await (await rig.openServer()).connect();
    peer.socket.write(Buffer.alloc(4000, 'x'));
    await rig.quiet();
    assert.equal((await rig.modem.requests.queueFigures(socketId)).recvUsed, 4000);
    let reads = 0;
    rig.module.inject({
      send: (packet) => {
        if (packet.bytes.includes(family.readHeader)) reads++;
        return reads === 2 && packet.kind !== 'urc' ? [] : [packet];
      },
    });
    const lost: QfwdError[] = [];
    const { data } = await rig.modem.read(socketId, undefined, (error) => lost.push(error));
    assert.equal(data.length, family.receiveLength);
    assert.deepEqual(
      lost.map(({ code }) => code),
      ['QFWD_UNKNOWN_OUTCOME'],
    );
  });

  it('whose URC is lost is found', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const { peer, socketId } = await (await rig.openServer()).connect();
    await rig.pass(2000);
    rig.module.inject(dropNext('urc'));
    peer.socket.write('hello');
    const data = await rig.within(30_000, collector.until(socketId, 5));
    assert.equal(data.toString(), 'hello');
  });

  it('that responds to what was sent is found soon if its URC is lost', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const { peer, socketId } = await (await rig.openServer()).connect();
    peer.socket.on('data', () => peer.socket.write('answer'));
    await rig.pass(2000);
    await rig.modem.send(socketId, Buffer.from('a'), 1000);
    await collector.until(socketId, 6);
    rig.module.inject(dropNext('urc'));
    await rig.modem.send(socketId, Buffer.from('b'), 1000);
    await rig.within(1000, collector.until(socketId, 12));
  });
});

scenario('A lost URC', () => {
  it('for a connection is compensated by a list', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer();
    rig.module.inject(dropNext('urc'));
    const peer = await server.dial();
    const incoming = await rig.within(30_000, server.event('client/incoming'));
    assert.equal(incoming.port, peer.port);
    assert.equal(incoming.adopted, undefined);
    peer.socket.write('x');
    await collector.until(incoming.socketId, 1);
  });

  it('for a connection is compensated by its first data', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer();
    rig.module.inject(dropNext('urc'));
    const peer = await server.dial();
    peer.socket.write('x');
    const { socketId } = await rig.within(1000, server.event('client/incoming'));
    await collector.until(socketId, 1);
  });

  it('for the end of a connection is compensated, after the last data', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    rig.module.inject({ send: (packet) => (packet.kind === 'urc' ? [] : [packet]) });
    peer.socket.end('bye');
    await rig.within(30_000, server.event('client/close'));
    assert.equal(collector.data(socketId).toString(), 'bye');
  });

  it('for a server is compensated', async () => {
    const rig = await readyRig();
    rig.module.inject(dropNext('urc'));
    const server = await rig.openServer();
    await server.connect();
    assert.equal(rig.count(rig.family.commands.openServer), 1);
  });
});

scenario('Numbered records through an echo', () => {
  const RECORDS = 100;
  const BATCH = 5;
  const LAST = 1 + RECORDS;

  for (const seed of [1, 2, 3]) {
    it(`are received once and in order whatever happens to the line (seed ${seed})`, async function () {
      this.timeout(30_000);
      const random = randomFrom(seed);
      const rig = await readyRig({ modem: { commandTimeout: 3000 } });
      const server = await rig.openServer();
      const { peer, socketId } = await server.connect();
      const collector = rig.collect();
      peer.socket.on('data', (chunk: Buffer) => peer.socket.write(chunk));
      rig.module.inject(cutInto(() => 1 + random(40)));

      const codes: Outcomes = new Map();
      for (let at = 0; at < RECORDS; at += BATCH) {
        if (random(3) > 0) rig.module.inject(anyFault(random));
        for (const [number, code] of await sendBatch(rig, socketId, at, BATCH)) codes.set(number, code);
      }
      await rig.modem.send(socketId, record(RECORDS), 120_000);
      await collector.untilText(socketId, `#${RECORDS}`);
      const arrived = numbersIn(peer.received);
      assert.ok([...codes.values()].every((code) => code === 'QFWD_UNKNOWN_OUTCOME'));
      assertAccounted(arrived, codes, RECORDS + 1);
      assertRead(collector, collector.data(socketId), arrived.size);
    });

    it(`are received once and in order however often the cable is disconnected (seed ${seed})`, async () => {
      const random = randomFrom(seed);
      const rig = await readyRig();
      const server = await rig.openServer();
      const { peer, socketId } = await server.connect();
      const codes: Outcomes = new Map();
      // The unit of lengths in HEX is found out by the first byte.
      await rig.modem.send(socketId, record(0), 120_000);
      for (let at = 1; at < LAST; at += BATCH) {
        const sending = sendBatch(rig, socketId, at, BATCH);
        if (random(2) === 0) {
          for (let turns = random(6); turns > 0; turns--) await settled();
          await rig.replug();
        }
        for (const [number, code] of await sending) codes.set(number, code);
      }
      await rig.modem.send(socketId, record(LAST), 120_000);
      await peer.untilText(`#${LAST}`);
      for (const code of codes.values())
        assert.ok(code === 'QFWD_OFFLINE' || code === 'QFWD_UNKNOWN_OUTCOME');
      assertAccounted(numbersIn(peer.received), codes, LAST + 1);
      assert.ok(codes.size > 0 && codes.size < RECORDS, 'the cable was never pulled in a command');
      assert.deepEqual(
        server.events.filter((event) => event === 'client/close'),
        [],
      );
    });
  }
});
