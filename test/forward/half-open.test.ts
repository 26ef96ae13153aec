import assert from 'node:assert/strict';
import { once } from 'node:events';

import { call, halfOpenServer, inward, outward } from '../support/forward';
import { hostileBytes } from '../support/hostile';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';

scenario('A forwarded connection of which one side has ended', () => {
  it('brings the answer of a target that answers after the end of its caller', async () => {
    const rig = await readyRig();
    const target = await halfOpenServer();
    const { listenPort } = await inward(rig, target.port);
    const caller = await call(listenPort);
    caller.socket.end('question');
    const peer = await target.peers.next();
    await peer.ended;
    assert.equal(peer.received.toString(), 'question');
    const answer = hostileBytes(50_000, 'answer');
    peer.socket.end(answer);
    await caller.ended;
    assert.ok(caller.received.equals(answer));
  });

  it('brings the answer of a host beyond the module to a caller that has ended', async () => {
    const rig = await readyRig();
    const target = await halfOpenServer();
    const { listenPort } = await outward(rig, target.port);
    const caller = await call(listenPort);
    caller.socket.end('question');
    const peer = await target.peers.next();
    await peer.untilText('question');
    await rig.pass(4000);
    const answer = hostileBytes(50_000, 'answer');
    peer.socket.end(answer);
    await caller.ended;
    assert.ok(caller.received.equals(answer));
    await peer.ended;
  });

  it('passes the end of a target on to its caller soon, after its last data', async () => {
    const rig = await readyRig();
    const target = await halfOpenServer();
    const it = await inward(rig, target.port);
    const caller = await call(it.listenPort);
    const peer = await target.peers.next();
    const page = hostileBytes(50_000, 'page');
    peer.socket.end(page);
    const started = rig.clock.now();
    await caller.ended;
    assert.ok(rig.clock.now() - started < 3000);
    assert.ok(caller.received.equals(page));
    caller.socket.end();
    assert.equal((await it.event('client/close')).reason, 'local');
  });

  it('delivers what a target sent before it refused more', async () => {
    const rig = await readyRig();
    const target = await halfOpenServer();
    const it = await inward(rig, target.port);
    const caller = await call(it.listenPort);
    const peer = await target.peers.next();
    const page = hostileBytes(50_000, 'page');
    peer.socket.end(page);
    await once(peer.socket, 'finish');
    peer.socket.destroy();
    caller.socket.write('more');
    await caller.ended;
    assert.ok(caller.received.equals(page));
  });
});
