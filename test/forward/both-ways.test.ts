/** What holds whichever side listens: at the module, or at this computer. */
import assert from 'node:assert/strict';

import { AllowList } from '../../src/modem';
import { call, conversation, halfOpenServer, inward, outward } from '../support/forward';
import { freePort } from '../support/free-port';
import { hostileBytes } from '../support/hostile';
import { scenario } from '../support/modem/family';
import { readyRig, type Rig } from '../support/modem/rig';
import { connectPeer } from '../support/peers';

/** More than the sockets of the operating system and the module hold for a side that does not read, in bytes. */
const BOUND = 8_000_000;

async function left(rig: Rig): Promise<unknown[]> {
  await rig.quiet();
  return [...rig.modem.connections(), ...(await rig.modem.requests.clients())];
}

for (const [mode, start] of [
  ['inward', inward],
  ['outward', outward],
] as const) {
  scenario(`A port forwarded ${mode}`, () => {
    it('carries every byte both ways, in order, and reports each connection', async () => {
      const { rig, target, it, caller, peer } = await conversation(start);
      const opened = await it.event('client/open');
      assert.equal(opened.to, `127.0.0.1:${target.port}`);
      assert.equal(opened.from, `127.0.0.1:${caller.port}`);
      const there = hostileBytes(200_000, 'there');
      const back = hostileBytes(300_000, 'back');
      caller.socket.write(there);
      peer.socket.write(back);
      assert.ok((await peer.until(there.length)).equals(there));
      assert.ok((await caller.until(back.length)).equals(back));
      caller.socket.end();
      await peer.ended;
      peer.socket.end();
      const closed = await it.event('client/close');
      const [bytesIn, bytesOut] = mode === 'inward' ? [200_000, 300_000] : [300_000, 200_000];
      assert.deepEqual([closed.bytesIn, closed.bytesOut], [bytesIn, bytesOut]);
      assert.equal(closed.socketId, opened.socketId);
      assert.deepEqual(await left(rig), []);
      assert.deepEqual(it.errors.all, []);
    });

    it('serves eight connections at once', async () => {
      const rig = await readyRig();
      const target = await halfOpenServer((socket) => socket.pipe(socket));
      const it = await start(rig, target.port);
      await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const caller = await call(it.listenPort);
          const bytes = hostileBytes(20_000, `caller ${index}`);
          caller.socket.write(bytes);
          assert.ok((await caller.until(bytes.length)).equals(bytes));
          caller.socket.destroy();
        }),
      );
      await rig.until(() => it.names.filter((name) => name === 'client/close').length === 8);
      assert.deepEqual(await left(rig), []);
    });

    it('waits for a side that does not read', async () => {
      const rig = await readyRig();
      const target = await halfOpenServer((socket) => socket.pause());
      const it = await start(rig, target.port);
      const caller = await call(it.listenPort);
      const peer = await target.peers.next();
      peer.socket.pause();
      const bytes = hostileBytes(2 * BOUND, 'much');
      let isTaken = false;
      caller.socket.write(bytes, () => (isTaken = true));
      await rig.pass(60_000);
      const before = rig.modem.counters.payloadIn + rig.modem.counters.payloadOut;
      await rig.pass(60_000);
      assert.equal(rig.modem.counters.payloadIn + rig.modem.counters.payloadOut, before, 'it goes on');
      assert.ok(before < BOUND, `${before} bytes are under way`);
      assert.equal(isTaken, false);
      caller.socket.destroy();
      peer.socket.destroy();
    });

    it('closes the caller at once, with one error, if its target cannot be reached', async () => {
      const rig = await readyRig();
      const port = await freePort();
      const it = await start(rig, port);
      const caller = await call(it.listenPort);
      await caller.ended;
      const error = await it.errors.next();
      assert.equal(error.code, 'QFWD_OPEN_FAILED');
      assert.match(error.message, new RegExp(`^connection refused.*127.0.0.1:${port}`));
      assert.deepEqual(it.names, ['server/open']);
      caller.socket.end();
      assert.deepEqual(await left(rig), []);
      assert.equal(it.errors.all.length, 1);
    });

    it('ends a connection that is idle for too long, and no other', async () => {
      const rig = await readyRig();
      const target = await halfOpenServer((socket) => socket.pipe(socket));
      const it = await start(rig, target.port, { idleTimeout: 10_000 });
      const silent = await call(it.listenPort);
      const busy = await call(it.listenPort);
      await it.event('client/open');
      await it.event('client/open');
      for (let turn = 0; turn < 4; turn++) {
        await rig.pass(4000);
        busy.socket.write('x');
        await busy.until(turn + 1);
      }
      await silent.ended;
      const closed = await it.event('client/close');
      assert.equal(closed.reason, 'idle');
      assert.equal(closed.from, `127.0.0.1:${silent.port}`);
      busy.socket.write('y');
      await busy.untilText('y');
      assert.equal(it.forward.count, 1);
    });

    it('rejects addresses that are not allowed, and more callers than maxClients', async () => {
      const rig = await readyRig();
      const target = await halfOpenServer((socket) => socket.pipe(socket));
      const it = await start(rig, target.port, { allow: new AllowList(['127.0.0.2']), maxClients: 1 });
      const stranger = await call(it.listenPort);
      await stranger.ended;
      const friend = await connectPeer(it.listenPort, '127.0.0.1', '127.0.0.2');
      await it.event('client/open');
      const second = await connectPeer(it.listenPort, '127.0.0.1', '127.0.0.2');
      await second.ended;
      friend.socket.write('still here');
      await friend.untilText('still here');
      assert.equal(target.peers.all.length, 1);
      assert.deepEqual(it.errors.all, []);
    });

    it('reports the reset of the local side, and ends the other', async () => {
      const { rig, it, caller, peer } = await conversation(start);
      await it.event('client/open');
      const [near, far] = mode === 'inward' ? [peer, caller] : [caller, peer];
      near.socket.resetAndDestroy();
      assert.match((await it.errors.next()).message, /^reset/);
      await far.ended;
      assert.equal((await it.event('client/close')).reason, 'local');
      far.socket.end();
      assert.deepEqual(await left(rig), []);
    });

    it('ends its connections in the module when it is stopped', async () => {
      const { rig, it, caller, peer } = await conversation(start);
      await it.event('client/open');
      await it.forward.stop(true);
      assert.deepEqual(rig.modem.connections(), []);
      await Promise.all([caller.ended, peer.ended]);
      caller.socket.end();
      peer.socket.end();
      assert.deepEqual([...(await left(rig)), ...(await rig.servers())], []);
      assert.equal((await it.event('client/close')).reason, 'local');
    });

    it('can be closed and opened by calls', async () => {
      const rig = await readyRig();
      const target = await halfOpenServer();
      const it = await start(rig, target.port);
      assert.equal((await it.forward.close())?.event, 'server/close');
      await assert.rejects(call(it.listenPort));
      assert.equal(await it.forward.close(), undefined);
      assert.equal((await it.forward.open()).event, 'server/open');
      const caller = await call(it.listenPort);
      caller.socket.write('hello');
      await (await target.peers.next()).untilText('hello');
    });

    it('resets the local side when the module restarts, and works afterwards', async () => {
      const { rig, target, it, caller, peer } = await conversation(start);
      await it.event('client/open');
      const near = mode === 'inward' ? peer : caller;
      let error: (Error & { code?: string }) | undefined;
      near.socket.on('error', (reason) => (error = reason));
      await rig.module.reboot();
      await near.closed;
      assert.equal(error?.code, 'ECONNRESET');
      await rig.state('ready');
      if (mode === 'inward') await it.event('server/open');
      (await call(it.listenPort)).socket.write('again');
      await (await target.peers.next()).untilText('again');
    });
  });
}
