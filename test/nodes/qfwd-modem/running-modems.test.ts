import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import type { Modem } from '../../../src/modem';
import { freePort } from '../../support/free-port';
import { connectPeer, isOpen, tcpServer } from '../../support/peers';
import { type Flow, node, type NodeConfig, startFlow } from '../support/flow';
import { serveModule } from '../support/module';

function modemOf({ modemId }: Flow): Modem | undefined {
  return (helper.getNode(modemId) as unknown as { readonly modem?: Modem }).modem;
}

/** What the sidebar shows of the modem. */
async function stateOf({ modemId }: Flow): Promise<string | undefined> {
  const { body } = await helper.request().get('/qfwd/modems').expect(200);
  return (body as { id: string; state: string }[]).find(({ id }) => id === modemId)?.state;
}

describe('The port of a modem node', () => {
  let host: Awaited<ReturnType<typeof tcpServer>>;
  let modem: NodeConfig;
  const urc = node('urc');

  beforeEach(async () => {
    host = await tcpServer();
    modem = node('modem', { transport: 'tcp', host: '127.0.0.1', port: host.port });
  });

  it('is opened with the first node that uses it and closed after the last, whether that is disabled or deleted', async () => {
    const flow = await startFlow(modem);
    assert.deepEqual([modemOf(flow), await stateOf(flow)], [undefined, 'unused']);
    for (const without of [[modem], [modem, { ...urc, d: true }]]) {
      await flow.deploy([modem, urc], 'nodes');
      const line = await host.peers.next();
      assert.notEqual(await stateOf(flow), 'unused');
      await flow.deploy(without, 'nodes');
      await line.closed;
      assert.deepEqual([modemOf(flow), await stateOf(flow)], [undefined, 'unused']);
    }
    assert.equal(host.peers.all.length, 2);
  });

  it('stays open while the only node that uses it is deployed again', async () => {
    const flow = await startFlow(modem, urc);
    await host.peers.next();
    const before = modemOf(flow);
    await flow.deploy([modem, { ...urc, name: 'changed' }], 'nodes');
    assert.equal(modemOf(flow), before);
    assert.ok(before);
  });

  it('cannot be queried while it is closed', async () => {
    const flow = await startFlow(modem);
    const address = `/qfwd/modems/${encodeURIComponent(flow.modemId)}/diagnosis`;
    const { body } = await helper.request().post(address).expect(409);
    assert.match((body as { message: string }).message, /no node uses this modem/);
  });

  it('is not shared with another modem node, which reports who uses it', async () => {
    const other = { ...modem, id: 'other', name: 'Gateway' };
    const flow = await startFlow(other, modem, { ...urc, modem: 'other' }, node('recv'));
    await host.peers.next();
    assert.match(
      String((await flow.log.next()).msg),
      new RegExp(`not connected .* tcp 127.0.0.1:${host.port} is locked by the modem node Gateway`),
    );
    await flow.deploy([modem, node('recv')]);
    await host.peers.next();
  });
});

describe('A modem node that is removed', () => {
  const ways: [how: string, rest: (modem: NodeConfig) => NodeConfig[], status: string][] = [
    ['is deleted', () => [], 'no-modem'],
    ['is disabled', (modem) => [{ ...modem, d: true }], 'modem-disabled'],
  ];
  for (const [how, rest, status] of ways) {
    for (const type of ['full', 'nodes'] as const) {
      it(`closes its servers and connections in the module when it ${how} (${type})`, async () => {
        const port = await freePort();
        const host = await tcpServer();
        const { modem } = await serveModule();
        const server = node('server', { port });
        const client = node('client', { host: '127.0.0.1', port: host.port });
        const flow = await startFlow(modem, server, client);
        await flow.event('server', 'server/open');
        await flow.event('client', 'client/open');
        const peer = await connectPeer(port);
        await flow.event('server', 'client/incoming');
        await flow.deploy([...rest(modem), server, client], type);
        await Promise.all([peer.closed, (await host.peers.next()).closed]);
        assert.equal(await isOpen(port), false);
        await flow.status('server', status);
        const { code } = await flow.refusal('server', { action: 'open' });
        assert.equal(code, 'QFWD_INVALID');

        await flow.deploy([modem, { ...server, name: 'again' }, client], type);
        await flow.event('server', 'server/open');
        assert.equal(await isOpen(port), true);
      });
    }
  }

  it('closes its servers if no node uses it any longer', async () => {
    const port = await freePort();
    const { modem } = await serveModule();
    const server = node('server', { port });
    const flow = await startFlow(modem, server);
    await flow.event('server', 'server/open');
    const peer = await connectPeer(port);
    await flow.deploy([modem, { ...server, modem: 'another' }], 'nodes');
    await peer.closed;
    // Waits until the port is closed.
    await flow.deploy([], 'nodes');
    assert.equal(await isOpen(port), false);
  });

  it('closes its servers even if its settings have become invalid just before', async () => {
    const port = await freePort();
    const { modem } = await serveModule();
    const server = node('server', { port });
    const flow = await startFlow(modem, server);
    await flow.event('server', 'server/open');
    await flow.deploy([{ ...modem, commandTimeout: 'x' }, server], 'nodes');
    await flow.deploy([server], 'nodes');
    assert.equal(await isOpen(port), false);
  });

  it('reports to its nodes that their connections are closed', async () => {
    const port = await freePort();
    const { modem } = await serveModule();
    const server = node('server', { port });
    const flow = await startFlow(modem, server);
    await flow.event('server', 'server/open');
    await connectPeer(port);
    await flow.event('server', 'client/incoming');
    await flow.deploy([server], 'nodes');
    await flow.event('server', 'client/close');
    await flow.event('server', 'server/close');
  });

  it('keeps all sockets open if only its settings change', async () => {
    const port = await freePort();
    const { modem } = await serveModule();
    const server = node('server', { port });
    const flow = await startFlow(modem, server);
    await flow.event('server', 'server/open');
    const peer = await connectPeer(port);
    await flow.event('server', 'client/incoming');
    await flow.deploy([{ ...modem, name: 'changed' }, server], 'nodes');
    const { payload } = await flow.event('server', 'client/incoming');
    assert.equal((payload as { adopted?: true }).adopted, true);
    assert.equal(peer.socket.destroyed, false);
  });
});
