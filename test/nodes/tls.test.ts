import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { NodeInitializer } from 'node-red';
import { Flow, type NodeConfig, node, simulatorModem } from './support/flow';
import { CA, CLIENT, LOCKED_KEY, SERVER, STRANGER } from '../support/certificates';
import { freePort } from '../support/free-port';
import { hostileBytes } from '../support/hostile';
import { connectPeer } from '../support/peers';
import { tlsPeer, tlsServer } from '../support/tls';

/** A flow with Node-RED's own `tls-config` nodes. */
class TlsFlow extends Flow {
  protected override types(): NodeInitializer[] {
    const load = createRequire(require.resolve('node-red'));
    return [...super.types(), load('@node-red/nodes/core/network/05-tls.js') as NodeInitializer];
  }

  protected override file(nodes: readonly NodeConfig[]): object[] {
    const isConfig = ({ type }: NodeConfig) => type === 'tls-config';
    return [...nodes.filter(isConfig), ...super.file(nodes.filter((it) => !isConfig(it)))];
  }
}

const CONFIG = { type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true };

/** Uploaded, so that they stand among the credentials. */
function uploaded({ cert = '', key = '', ca = '', passphrase = '' }) {
  return { certdata: cert, keydata: key, cadata: ca, passphrase };
}

async function start(credentials: object, config: object, ...nodes: NodeConfig[]): Promise<Flow> {
  const tls = { ...CONFIG, id: 'tls', ...config };
  return new TlsFlow().start([tls, simulatorModem(), ...nodes], { tls: credentials });
}

describe('TLS', () => {
  it('of a client sends and receives data of a flow, and is shown in its status', async () => {
    const outside = await tlsServer(SERVER, (socket) => socket.pipe(socket));
    const flow = await start(
      uploaded({ ca: CA }),
      {},
      node('client', { host: '127.0.0.1', port: outside.port, tls: 'tls' }),
      node('recv'),
      node('send', { confirm: true }),
    );
    const { socketId, _session } = await flow.event('client', 'client/open');
    await flow.statuses('client').next(({ text }) => text === 'qfwd-client.status.secured');
    const bytes = hostileBytes(50_000, 'there and back');
    flow.input('send', { payload: bytes, socketId, _session });
    const sent = await flow.from('send').next();
    assert.equal((sent.sent as { bytes: number }).bytes, bytes.length);
    let received = Buffer.alloc(0);
    while (received.length < bytes.length) {
      received = Buffer.concat([received, (await flow.from('recv').next()).payload as Buffer]);
    }
    assert.ok(received.equals(bytes));
  });

  it('of a server responds to a client, also with a client certificate', async () => {
    const port = await freePort();
    const flow = await start(
      uploaded({ cert: SERVER.cert, key: LOCKED_KEY, passphrase: 'secret', ca: CA }),
      {},
      node('server', { port, tls: 'tls' }),
      node('recv', { to: ['send'] }),
      node('send', { closeAfter: true }),
    );
    await flow.event('server', 'server/open');
    const stranger = await connectPeer(port);
    stranger.socket.write('hello?\n');
    await stranger.closed;
    const { error } = await flow.errors.next();
    assert.equal(error?.code, 'QFWD_OPEN_FAILED');
    assert.match(error.message, /the peer does not speak TLS/);
    const peer = await tlsPeer(port, { ca: CA, ...CLIENT });
    await flow.event('server', 'client/incoming');
    await flow.statuses('server').next(({ text }) => text === `:${port} · 1 · TLS`);
    peer.socket.write('hello');
    await peer.ended;
    assert.equal(peer.received.toString(), 'hello');
    assert.equal((await flow.event('server', 'client/close')).event, 'client/close');
  });

  it('of a client reports in plain words why the handshake failed', async () => {
    const outside = await tlsServer(STRANGER);
    const flow = await start(
      uploaded({ ca: CA }),
      {},
      node('client', { host: '127.0.0.1', port: outside.port, tls: 'tls' }),
    );
    const { error } = await flow.errors.next();
    assert.equal(error?.code, 'QFWD_OPEN_FAILED');
    assert.match(error.message, /unknown CA/);
    assert.match(String((error.cause as { reason?: string } | undefined)?.reason), /unknown CA/);
    const { payload } = await flow.event('client', 'client/failed');
    assert.match((payload as { reason: string }).reason, /unknown CA/);
  });

  it('does not verify if the node is set so', async () => {
    const outside = await tlsServer(STRANGER);
    const flow = await start(
      {},
      { verifyservercert: false },
      node('client', { host: '127.0.0.1', port: outside.port, tls: 'tls' }),
    );
    await flow.event('client', 'client/open');
  });

  for (const [what, credentials, properties, reason] of [
    ['for UDP', uploaded(SERVER), { protocol: 'udp', tls: 'tls' }, /TLS is for TCP only/],
    ['that does not exist', {}, { tls: 'gone' }, /missing or disabled/],
    ['without a certificate', {}, { tls: 'tls' }, /a server needs a certificate/],
    [
      'with a wrong passphrase',
      uploaded({ cert: SERVER.cert, key: LOCKED_KEY, passphrase: 'x' }),
      { tls: 'tls' },
      /passphrase/,
    ],
  ] as const) {
    it(`of a server is rejected ${what}`, async () => {
      const flow = await start(credentials, {}, node('server', { port: await freePort(), ...properties }));
      assert.match(String((await flow.log.next()).msg), reason);
      assert.equal((await flow.refusal('server', { action: 'open' })).code, 'QFWD_INVALID');
    });
  }
});
