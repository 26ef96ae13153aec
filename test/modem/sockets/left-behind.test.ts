import assert from 'node:assert/strict';

import type { Kept, StreamSocket } from '../../../src/modem';
import { call, outward, proxy } from '../../support/forward';
import { scenario } from '../../support/modem/family';
import { newModule, readyRig, startRig } from '../../support/modem/rig';
import { tcpServer } from '../../support/peers';

type Streams = Kept<readonly StreamSocket[]>;

scenario('Sockets of forwarded connections that a killed process has left open', () => {
  for (const mode of ['outward', 'proxy'] as const)
    it(`are closed by the next process (${mode})`, async () => {
      const module = newModule();
      const streamSockets: Streams = { value: undefined };
      const target = await tcpServer();
      const first = await readyRig({ module, streamSockets });
      const { listenPort } =
        mode === 'outward'
          ? await outward(first, target.port, { idleTimeout: 0 })
          : await proxy(first, { idleTimeout: 0 });
      for (let count = 1; count <= 2; count++) {
        const caller = await call(listenPort);
        if (mode === 'proxy') caller.socket.write(`CONNECT localhost:${target.port} HTTP/1.1\r\n\r\n`);
        const peer = await target.peers.next();
        caller.socket.write('hello');
        await peer.untilText('hello');
      }
      const kept = streamSockets.value;
      module.unplug();
      await first.stop();

      const second = await readyRig({ module, streamSockets: { value: kept } });
      await second.quiet();
      assert.deepEqual(await second.clients(), []);
      await Promise.all(target.peers.all.map((peer) => peer.closed));
    });
});

scenario('A socket that was remembered for a stream', () => {
  it('is forgotten once it is closed', async () => {
    const streamSockets: Streams = { value: undefined };
    const target = await tcpServer();
    const rig = await readyRig({ streamSockets });
    const { listenPort, ...it } = await outward(rig, target.port);
    const caller = await call(listenPort);
    (await target.peers.next()).socket.end();
    caller.socket.end();
    await it.events.next(({ event }) => event === 'client/close');
    assert.deepEqual(streamSockets.value ?? [], []);
  });

  it('is not closed if another connection has its id', async () => {
    const other = await tcpServer();
    const module = newModule();
    const first = await readyRig({ module });
    const client = first.declareClient({ port: other.port });
    const { socketId } = await client.event('client/open');
    await first.stop();
    const left = { socketId, host: '127.0.0.1', port: other.port };
    for (const differs of [{ port: other.port + 1 }, { host: '127.0.0.2' }, { socketId: socketId + 1 }]) {
      const second = startRig({ module, streamSockets: { value: [{ ...left, ...differs }] } });
      const again = second.declareClient({ port: other.port });
      assert.equal((await again.event('client/open')).adopted, true);
      await second.stop();
    }
    assert.equal(other.peers.all.length, 1);
  });
});
