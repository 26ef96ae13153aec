import assert from 'node:assert/strict';
import { once } from 'node:events';

import { call, conversation, halfOpenServer, inward, outward } from '../support/forward';
import { hostileBytes } from '../support/hostile';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';

scenario('A forwarded connection of which one side has ended', () => {
  it('delivers the response of a target that responds after the end of its caller', async () => {
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

  it('delivers the response of a host beyond the module to a caller that has ended', async () => {
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
    const { rig, it, caller, peer } = await conversation(inward);
    const page = hostileBytes(50_000, 'page');
    peer.socket.end(page);
    const started = rig.clock.now();
    await caller.ended;
    assert.ok(rig.clock.now() - started < 3000);
    assert.ok(caller.received.equals(page));
    caller.socket.end();
    assert.equal((await it.event('client/close')).reason, 'local');
  });

  it('delivers all that a caller has sent before its end, even if the module can no longer return a response', async () => {
    const rig = await readyRig({ simulator: { halfClose: 0, recvBuffer: 65_536 } });
    const target = await halfOpenServer();
    const it = await inward(rig, target.port);
    const caller = await call(it.listenPort);
    const peer = await target.peers.next();
    const question = hostileBytes(60_000, 'question');
    caller.socket.end(question);
    rig.module.inject({ delay: () => 200 });
    await rig.until(() => rig.modem.connections().some(({ state }) => state === 'ending'));
    peer.socket.write('answer');
    assert.equal((await it.event('client/close')).reason, 'peer');
    await peer.ended;
    assert.ok(peer.received.equals(question));
    assert.deepEqual(it.errors.all, []);
  });

  it('delivers what a target has sent before it rejected more', async () => {
    const { caller, peer } = await conversation(inward);
    const page = hostileBytes(50_000, 'page');
    peer.socket.end(page);
    await once(peer.socket, 'finish');
    peer.socket.destroy();
    caller.socket.write('more');
    await caller.ended;
    assert.ok(caller.received.equals(page));
  });
});
