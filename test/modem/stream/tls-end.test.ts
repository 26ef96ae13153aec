import assert from 'node:assert/strict';

import { TlsLayer } from '../../../src/modem';
import { CA, SERVER } from '../../support/certificates';
import { scenario, TCPIP } from '../../support/modem/family';
import { readyRig, type Rig, type RigOptions, type ServerOptions } from '../../support/modem/rig';
import { tlsPeer, tlsServer, tlsTap } from '../../support/tls';

/** A close_notify looks like one up to this version. */
const VERSION = { maxVersion: 'TLSv1.2' } as const;

/** A server with a peer that speaks TLS with it. */
async function served(rig: Rig, options: ServerOptions = {}) {
  const server = await rig.openServer({ ...options, layer: new TlsLayer(SERVER) });
  const { port, ends } = await tlsTap(server.settings.port, 'server');
  await tlsPeer(port, { ca: CA, ...VERSION });
  const { socketId } = await server.event('client/incoming');
  return { server, socketId, ends };
}

/** A client, and the peer that it speaks TLS with. */
async function connected(rig: Rig) {
  const outside = await tlsServer({ ...SERVER, ...VERSION });
  const { port, ends } = await tlsTap(outside.port, 'caller');
  const layer = new TlsLayer({ ca: CA }, '127.0.0.1');
  const client = rig.declareClient({ port, layer });
  await client.event('client/open');
  return { client, ends, layer };
}

async function assertNothingLeft(rig: Rig): Promise<void> {
  await rig.pass(10_000);
  assert.deepEqual(rig.modem.connections(), []);
  assert.deepEqual(await rig.modem.requests.clients(), []);
}

function tests(rigOptions: RigOptions = {}): void {
  it('is told to the peer of a connection that is closed', async () => {
    const rig = await readyRig(rigOptions);
    const { ends, socketId } = await served(rig);
    await rig.modem.requests.close(socketId);
    assert.ok(await ends.next());
    await assertNothingLeft(rig);
  });

  it('is told to the peer of a client that is closed', async () => {
    const rig = await readyRig(rigOptions);
    const { client, ends } = await connected(rig);
    await client.endpoint.close();
    assert.ok(await ends.next());
    await assertNothingLeft(rig);
  });

  it('is told to the peers of a server that is removed', async () => {
    const rig = await readyRig(rigOptions);
    const { ends } = await served(rig);
    rig.modem.endpoints.release('a server', true);
    assert.ok(await ends.next());
    await assertNothingLeft(rig);
  });

  it('is told to the peers of a server that does not return from a deploy', async () => {
    const rig = await readyRig(rigOptions);
    const { ends } = await served(rig);
    rig.modem.endpoints.release('a server', false);
    assert.ok(await ends.next());
    await assertNothingLeft(rig);
  });

  it('is told to the peers of a server that a deploy moves to another port', async () => {
    const rig = await readyRig(rigOptions);
    const { ends } = await served(rig);
    const moved = await rig.openServer({ layer: new TlsLayer(SERVER) });
    assert.ok(await ends.next());
    await tlsPeer(moved.settings.port, { ca: CA });
    await moved.event('client/incoming');
  });

  it('is told to a peer that a deploy does not admit any more', async () => {
    const rig = await readyRig(rigOptions);
    const { ends, server } = await served(rig);
    const { port } = server.settings;
    await rig.openServer({ port, allow: ['192.0.2.1'], layer: new TlsLayer(SERVER) });
    assert.ok(await ends.next());
    await assertNothingLeft(rig);
  });

  it('is told to the peer of a client that is removed', async () => {
    const rig = await readyRig(rigOptions);
    const { ends } = await connected(rig);
    rig.modem.endpoints.release('a client', true);
    assert.ok(await ends.next());
    await assertNothingLeft(rig);
  });

  it('is told to the peer of a client that a deploy sends elsewhere', async () => {
    const rig = await readyRig(rigOptions);
    const { ends, layer } = await connected(rig);
    const elsewhere = await tlsServer({ ...SERVER });
    const again = rig.declareClient({ port: elsewhere.port, layer });
    assert.ok(await ends.next());
    await again.event('client/open');
    assert.equal(rig.modem.connections().length, 1);
  });

  it('is told to the peers of a modem that is stopped', async () => {
    const rig = await readyRig(rigOptions);
    const { ends } = await served(rig);
    const other = await connected(rig);
    await rig.stop();
    assert.ok(await ends.next());
    assert.ok(await other.ends.next());
  });

  it('is not waited for long where the module cannot send it', async () => {
    const rig = await readyRig(rigOptions);
    const { ends, socketId } = await served(rig);
    rig.module.holdSending(socketId);
    rig.modem.endpoints.release('a server', true);
    const started = rig.clock.now();
    await ends.next();
    assert.ok(rig.clock.now() - started < 10_000);
    await assertNothingLeft(rig);
  });
}

scenario('The end of TLS', () => tests());

scenario(
  'The end of TLS, where closing a server ends its connections',
  () => tests({ simulator: { closeListener: 'takes' } }),
  [TCPIP],
);
