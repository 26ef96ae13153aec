import assert from 'node:assert/strict';
import { type Flow, node, simulatorModem, startFlow } from './support/flow';
import { call, halfOpenServer } from '../support/forward';
import { freePort } from '../support/free-port';

async function startForward(
  properties: object,
): Promise<{ flow: Flow; listenPort: number; nodes: ReturnType<typeof node>[] }> {
  const listenPort = await freePort();
  const nodes = [simulatorModem(), node('forward', { listenPort, ...properties }), node('at')];
  const flow = await startFlow(...nodes);
  await flow.event('forward', 'server/open');
  return { flow, listenPort, nodes };
}

describe('qfwd-forward', () => {
  for (const mode of ['inward', 'outward']) {
    it(`forwards ${mode}, and reports each connection, and their number in its status`, async () => {
      const target = await halfOpenServer((socket) => socket.pipe(socket));
      const { flow, listenPort } = await startForward({ mode, host: '127.0.0.1', port: target.port });
      const caller = await call(listenPort);
      caller.socket.write('hello');
      await caller.untilText('hello');
      const opened = await flow.event('forward', 'client/open');
      assert.equal(opened.ip, '127.0.0.1');
      assert.equal(opened.port, mode === 'inward' ? caller.port : target.port);
      assert.equal(typeof opened.socketId, 'number');
      await flow.statuses('forward').next(({ text }) => text === `:${listenPort} · 1`);
      caller.socket.end();
      const closed = await flow.event('forward', 'client/close');
      const { bytesIn, bytesOut, ms, reason } = closed.payload as Record<string, unknown>;
      assert.deepEqual([bytesIn, bytesOut, typeof ms], [5, 5, 'number']);
      assert.equal(reason, mode === 'inward' ? 'peer' : 'local');
      await flow.statuses('forward').next(({ text }) => text === `:${listenPort} · 0`);
    });
  }

  it('reports to the Catch node once why a target cannot be reached', async () => {
    const { flow, listenPort } = await startForward({ host: '127.0.0.1', port: await freePort() });
    await (
      await call(listenPort)
    ).ended;
    const { error } = await flow.errors.next();
    assert.equal(error?.code, 'QFWD_OPEN_FAILED');
    assert.match(error.message, /connection refused/);
    await flow.clock.pass(5000);
    assert.deepEqual(flow.errors.pending, []);
  });

  it('is closed and opened by messages, which are passed on with the event', async () => {
    const target = await halfOpenServer();
    const { flow, listenPort } = await startForward({
      mode: 'outward',
      host: '127.0.0.1',
      port: target.port,
    });
    flow.input('forward', { action: 'close', topic: 'mine' });
    const closed = await flow.event('forward', 'server/close');
    assert.equal(closed.topic, 'mine');
    await assert.rejects(call(listenPort));
    flow.input('forward', { action: 'open' });
    await flow.event('forward', 'server/open');
    await call(listenPort);
    const error = await flow.refusal('forward', { action: 'pause' });
    assert.equal(error.code, 'QFWD_INVALID');
  });

  it('reports once that a port of this computer is in use, and opens it when it is free', async () => {
    const target = await halfOpenServer();
    const busy = await halfOpenServer();
    const flow = await startFlow(
      node('forward', { mode: 'outward', listenPort: busy.port, host: '127.0.0.1', port: target.port }),
    );
    assert.match((await flow.errors.next()).error!.message, /something else listens there/);
    await flow.event('forward', 'server/failed');
    await flow.event('forward', 'server/failed');
    assert.deepEqual(flow.errors.pending, []);
  });

  it('keeps its connections when other nodes are deployed', async () => {
    const target = await halfOpenServer((socket) => socket.pipe(socket));
    for (const mode of ['inward', 'outward']) {
      const { flow, listenPort, nodes } = await startForward({ mode, host: '127.0.0.1', port: target.port });
      const caller = await call(listenPort);
      await flow.event('forward', 'client/open');
      await flow.deploy(
        nodes.map((it) => (it.id === 'at' ? { ...it, command: 'AT' } : it)),
        'nodes',
      );
      caller.socket.write('still here');
      await caller.untilText('still here');
      await flow.remove();
    }
  });

  it('ends its connections when it is deployed, and leaves none in the module', async () => {
    const target = await halfOpenServer();
    for (const mode of ['inward', 'outward']) {
      const { flow, listenPort, nodes } = await startForward({ mode, host: '127.0.0.1', port: target.port });
      const caller = await call(listenPort);
      const peer = await target.peers.next();
      await flow.event('forward', 'client/open');
      await flow.deploy(
        nodes.map((it) => (it.id === 'forward' ? { ...it, maxClients: 5 } : it)),
        'nodes',
      );
      await Promise.all([caller.ended, peer.ended]);
      caller.socket.end();
      peer.socket.end();
      flow.input('at', { payload: 'AT+QFWDCLIENT?' });
      const { payload } = await flow.from('at').next();
      assert.deepEqual({ ...(payload as object) }, { command: 'AT+QFWDCLIENT?', lines: [], result: 'OK' });
      await flow.statuses('forward').next(({ text }) => text === `:${listenPort} · 0`);
      (await call(listenPort)).socket.write('again');
      await (await target.peers.next()).untilText('again');
      await flow.remove();
    }
  });

  it('warns if a port of this computer is open to every address', async () => {
    const target = await halfOpenServer();
    const config = { mode: 'outward', host: '127.0.0.1', port: target.port, listenHost: '0.0.0.0' };
    const { flow } = await startForward(config);
    const { msg } = await flow.log.next();
    assert.match(String(msg), /^0\.0\.0\.0:\d+ is open to everyone/);
  });

  it('is a proxy for every address if that is set explicitly', async () => {
    const { listenPort } = await startForward({ mode: 'proxy', listenHost: '0.0.0.0', allow: '0.0.0.0/0' });
    (await call(listenPort)).socket.destroy();
  });

  it('reports what is wrong with its settings', async () => {
    for (const [properties, name] of [
      [{ listenPort: 0 }, 'listenPort'],
      [{ mode: 'sideways' }, 'mode'],
      [{ host: 'a"b' }, 'host'],
      [{ mode: 'proxy', listenHost: '' }, 'listenHost'],
      [{ mode: 'proxy', listenHost: '0.0.0.0' }, 'allow'],
      [{ allow: 'me' }, 'allow'],
    ] as const) {
      const flow = await startFlow(
        node('forward', { listenPort: 1024, host: '127.0.0.1', port: 1, ...properties }),
      );
      assert.match(String((await flow.log.next()).msg), new RegExp(name));
      assert.equal((await flow.refusal('forward', { action: 'open' })).code, 'QFWD_INVALID');
      await flow.remove();
    }
  });
});
