import assert from 'node:assert/strict';

import { TlsLayer, type TlsSettings } from '../../../src/modem';
import { CA, CLIENT, ELSEWHERE, EXPIRED, LOCKED_KEY, SERVER, STRANGER } from '../../support/certificates';
import { hostileBytes } from '../../support/hostile';
import { Collector } from '../../support/modem/collector';
import { scenario } from '../../support/modem/family';
import {
  type ClientOptions,
  readyRig,
  type Rig,
  type RigOptions,
  type ServerOptions,
} from '../../support/modem/rig';
import { connectPeer, tcpServer } from '../../support/peers';
import { tlsPeer, tlsServer } from '../../support/tls';

function secureClient(rig: Rig, port: number, settings: TlsSettings, more: Partial<ClientOptions> = {}) {
  const { host = '127.0.0.1' } = more;
  const layer = new TlsLayer(settings, host);
  return rig.declareClient({ port, ...more, layer });
}

function secureServer(rig: Rig, settings: TlsSettings, more: ServerOptions = {}) {
  return rig.openServer({ ...more, layer: new TlsLayer(settings) });
}

scenario('A client with TLS', () => {
  it('carries clear text both ways, and only that is counted', async () => {
    const rig = await readyRig();
    const outside = await tlsServer({ ...SERVER }, (socket) => socket.pipe(socket));
    const collector = rig.collect();
    const client = secureClient(rig, outside.port, { ca: CA });
    const { socketId } = await client.event('client/open');
    const bytes = hostileBytes(300_000, 'there and back');
    const { bytes: sent } = await rig.modem.send(socketId, bytes, 60_000);
    assert.equal(sent, bytes.length);
    assert.ok((await collector.until(socketId, bytes.length)).equals(bytes));
    (await outside.peers.next()).socket.end();
    const closed = await client.event('client/close');
    assert.deepEqual([closed.bytesIn, closed.bytesOut, closed.reason], [bytes.length, bytes.length, 'peer']);
    assert.deepEqual(client.events.slice(0, 2), ['client/open', 'client/close']);
  });

  it('is open only after the handshake, whose data is not delivered', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const collector = rig.collect();
    const client = secureClient(rig, outside.port, { ca: CA });
    await (await outside.peers.next()).until(100);
    assert.deepEqual(client.events, []);
    assert.deepEqual(collector.connections(), []);
  });

  const wrong: [what: string, server: object, settings: TlsSettings, reason: RegExp][] = [
    ['has expired', EXPIRED, { ca: CA }, /^the certificate of the peer has expired/],
    ['is from an unknown CA', STRANGER, { ca: CA }, /^unknown CA/],
    ['is for another host', ELSEWHERE, { ca: CA }, /^wrong name/],
    ['is for another name', SERVER, { ca: CA, servername: 'elsewhere.example' }, /^wrong name/],
  ];
  for (const [what, server, settings, reason] of wrong) {
    it(`rejects a certificate that ${what}, reports it once, and waits longer each time`, async () => {
      const rig = await readyRig({ random: 0 });
      const outside = await tlsServer(server);
      const client = secureClient(rig, outside.port, settings);
      const error = await client.error();
      assert.equal(error.code, 'QFWD_OPEN_FAILED');
      assert.match(error.message, reason);
      assert.match(String((error.cause as { reason?: string }).reason), reason);
      const times: number[] = [];
      for (let tries = 0; tries < 4; tries++) {
        assert.match((await client.event('client/failed')).reason, reason);
        times.push(rig.clock.now());
      }
      const pauses = times.slice(1).map((time, index) => time - times[index]!);
      assert.ok(pauses[2]! >= 2 * pauses[0]!, String(pauses));
      assert.equal(client.log.all.filter((news) => 'error' in news).length, 1);
      assert.ok(!client.events.includes('client/open') && !client.events.includes('client/close'));
      await client.endpoint.close();
      await rig.quiet();
      assert.deepEqual([...rig.modem.connections(), ...(await rig.modem.requests.clients())], []);
    });
  }

  it('accepts any certificate if it does not verify', async () => {
    const rig = await readyRig();
    const outside = await tlsServer(STRANGER);
    await secureClient(rig, outside.port, { rejectUnauthorized: false }).event('client/open');
  });

  it('presents its own certificate, with a key that needs a passphrase, and reports the protocol', async () => {
    const rig = await readyRig();
    const outside = await tlsServer({ ...SERVER, ca: CA, requestCert: true, ALPNProtocols: ['mqtt'] });
    const settings = {
      ca: CA,
      cert: SERVER.cert,
      key: LOCKED_KEY,
      passphrase: 'secret',
      ALPNProtocols: ['mqtt'],
    };
    await secureClient(rig, outside.port, settings).event('client/open');
    const { socket } = await outside.peers.next();
    assert.equal((socket as unknown as { alpnProtocol: string }).alpnProtocol, 'mqtt');
  });

  it('reports that the other side does not speak TLS', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = secureClient(rig, outside.port, { ca: CA });
    (await outside.peers.next()).socket.write('220 mail.example ESMTP ready to talk\r\n');
    assert.match((await client.error()).message, /^the peer does not speak TLS/);
  });

  it('gives up a handshake that takes too long', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = secureClient(rig, outside.port, { ca: CA });
    const started = rig.clock.now();
    assert.match((await client.error()).message, /in time/);
    assert.ok(rig.clock.now() - started < 40_000);
  });

  it('can be closed during the handshake', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = secureClient(rig, outside.port, { ca: CA });
    const peer = await outside.peers.next();
    await peer.until(100);
    await client.endpoint.close();
    await peer.ended;
    await rig.pass(60_000);
    assert.deepEqual(client.events, []);
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('notifies its peer when it is closed', async () => {
    const rig = await readyRig();
    const outside = await tlsServer({ ...SERVER });
    const client = secureClient(rig, outside.port, { ca: CA });
    const { socketId } = await client.event('client/open');
    const peer = await outside.peers.next();
    await rig.modem.send(socketId, Buffer.from('bye'), 10_000);
    await client.endpoint.close();
    // Without a close_notify, TLS does not emit it.
    await peer.ended;
    assert.equal(peer.received.toString(), 'bye');
  });

  it('continues after the cable was disconnected, and is reopened by the next process', async () => {
    const options: RigOptions = {};
    const rig = await readyRig(options);
    const outside = await tlsServer({ ...SERVER }, (socket) => socket.pipe(socket));
    const collector = rig.collect();
    const client = secureClient(rig, outside.port, { ca: CA });
    const { socketId } = await client.event('client/open');
    await rig.modem.send(socketId, Buffer.from('hello'), 10_000);
    await collector.untilText(socketId, 'hello');
    // Nothing is on the line any longer that could be lost.
    await rig.pass(30_500);
    await rig.replug();
    await rig.modem.send(socketId, Buffer.from('still here'), 10_000);
    await collector.untilText(socketId, 'still here');
    assert.ok(!client.events.includes('client/close'));
    await rig.stop();
    const next = await readyRig({ module: rig.module });
    const again = secureClient(next, outside.port, { ca: CA });
    assert.equal((await again.event('client/open')).adopted, undefined);
    await outside.peers.next();
    await outside.peers.next();
    assert.equal((await next.modem.requests.clients()).length, 1);
  });
});

scenario('A server with TLS', () => {
  it('carries clear text both ways', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, SERVER);
    rig.echo();
    const peer = await tlsPeer(server.settings.port, { ca: CA });
    const { socketId } = await server.event('client/incoming');
    const bytes = hostileBytes(300_000, 'there and back');
    peer.socket.write(bytes);
    assert.ok((await peer.until(bytes.length)).equals(bytes));
    peer.socket.end();
    const closed = await server.event('client/close');
    assert.equal(closed.socketId, socketId);
    assert.deepEqual([closed.bytesIn, closed.bytesOut], [bytes.length, bytes.length]);
    await rig.quiet();
    assert.deepEqual([...rig.modem.connections(), ...(await rig.modem.requests.clients())], []);
  });

  it('lets a peer that has ended receive its response', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, SERVER);
    rig.echo();
    const peer = await tlsPeer(server.settings.port, { ca: CA });
    peer.socket.end('question');
    await peer.ended;
    assert.equal(peer.received.toString(), 'question');
  });

  it('delivers neither events nor data of peers without a certificate, but one error each', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, SERVER);
    const collector = rig.collect();
    const stranger = await connectPeer(server.settings.port);
    stranger.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await stranger.closed;
    const error = await server.error();
    assert.equal(error.code, 'QFWD_OPEN_FAILED');
    assert.match(
      error.message,
      /^the peer does not speak TLS .* the TLS handshake with 127\.0\.0\.1 port \d+/,
    );
    await connectPeer(server.settings.port);
    assert.match((await server.error()).message, /in time/);
    assert.deepEqual(server.events, ['server/open']);
    assert.deepEqual(collector.connections(), []);
    await rig.quiet();
    assert.deepEqual([...rig.modem.connections(), ...(await rig.modem.requests.clients())], []);
  });

  it('admits only clients with a certificate of its CA, if it has one', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, { ...SERVER, ca: CA });
    for (const [identity, reason] of [
      [{}, /^the peer has sent no certificate/],
      [STRANGER, /^unknown CA|self-signed/],
    ] as const) {
      const peer = await tlsPeer(server.settings.port, { ca: CA, ...identity }).catch(() => undefined);
      assert.match((await server.error()).message, reason);
      await peer?.closed;
    }
    await tlsPeer(server.settings.port, { ca: CA, ...CLIENT });
    await server.event('client/incoming');
  });

  it('does not read a paused peer, and reads it on request', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, SERVER);
    const bytes = hostileBytes(400_000, 'much');
    const peer = await tlsPeer(server.settings.port, { ca: CA });
    const { socketId } = await server.event('client/incoming');
    peer.socket.write(bytes);
    await rig.pass(60_000);
    const connection = rig.modem.connection(socketId);
    assert.ok(connection.bytesIn <= 65_536, `${connection.bytesIn} bytes were read`);
    const { data: first } = await rig.modem.read(socketId, 100_000);
    assert.ok(first.equals(bytes.subarray(0, 100_000)));
    const collector = new Collector();
    collector.paused.add(socketId);
    rig.modem.addConsumer(collector);
    await rig.pass(10_000);
    assert.equal(collector.data(socketId).length, 0);
    collector.paused.clear();
    rig.modem.resumeReading();
    assert.ok((await collector.until(socketId, 300_000)).equals(bytes.subarray(100_000)));
  });

  it('reports an unknown outcome for what it has encrypted for a peer that does not read, and keeps TLS records whole', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 8192 } });
    const server = await secureServer(rig, SERVER);
    const peer = await tlsPeer(server.settings.port, { ca: CA });
    const { socketId } = await server.event('client/incoming');
    const release = rig.module.holdSending(socketId);
    const failed = rig.modem.send(socketId, Buffer.alloc(100_000, 'a'), 5000);
    const late = rig.modem.send(socketId, Buffer.from('late'), 6000);
    await assert.rejects(failed, { code: 'QFWD_UNKNOWN_OUTCOME' });
    await assert.rejects(late, { code: 'QFWD_TIMEOUT', sent: 0 });
    release();
    await rig.modem.send(socketId, Buffer.from('behind'), 30_000);
    await peer.untilText('behind');
    assert.match(peer.received.toString(), /^a*behind$/);
  });

  it('closes connections of an earlier process, whose keys are lost', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, SERVER);
    const peer = await tlsPeer(server.settings.port, { ca: CA });
    await server.event('client/incoming');
    await rig.stop();
    const next = await readyRig({ module: rig.module });
    const again = await next.declareServer({
      port: server.settings.port,
      layer: new TlsLayer(SERVER),
    });
    await again.event('server/open');
    await peer.closed;
    assert.ok(!again.events.includes('client/incoming'));
    await tlsPeer(server.settings.port, { ca: CA });
    await again.event('client/incoming');
  });

  it('measures the bytes of a handshake on the line', async () => {
    const rig = await readyRig();
    const server = await secureServer(rig, SERVER);
    await tlsPeer(server.settings.port, { ca: CA });
    await server.event('client/incoming');
    const { payloadIn, payloadOut } = rig.modem.counters;
    assert.ok(payloadIn > 200 && payloadIn < 1000, String(payloadIn));
    assert.ok(payloadOut > 500 && payloadOut < 3000, String(payloadOut));
  });
});
