import assert from 'node:assert/strict';

import { QfwdError } from '../../../src/modem';
import { dropNext, garbleNext } from '../../../src/simulator';
import { hostileBytes } from '../../support/hostile';
import { freePort } from '../../support/free-port';
import { tcpServer } from '../../support/peers';
import { readyRig } from '../../support/modem/rig';

describe('A server', () => {
  it('is opened as declared, and reports its connections from beginning to end', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ idleTimeout: 90, backlog: 7 });
    const { port } = server.settings;
    const id = server.socketId;
    assert.ok(rig.module.commands.includes(`AT+QFWDSEVER=0,${id},"IP","tcp",${port},7,90,"usbat"`));

    const { peer, socketId } = await server.connect();
    assert.deepEqual(
      rig.modem.connections().map(({ socketId, serverId, owner }) => ({ socketId, serverId, owner })),
      [{ socketId, serverId: id, owner: 'a server' }],
    );
    peer.socket.end();
    const close = await server.event('client/close');
    assert.deepEqual(
      { socketId: close.socketId, serverId: close.serverId, port: close.port },
      { socketId, serverId: id, port: peer.port },
    );
    assert.deepEqual(rig.modem.connections(), []);
    assert.throws(() => rig.modem.connection(socketId), { code: 'QFWD_CLOSED' });
  });

  it('works over IPv6', async () => {
    const rig = await readyRig();
    rig.echo();
    const server = await rig.openServer({ ipVersion: 'IPV6', allow: ['::1/128'] });
    const { peer } = await server.connect();
    peer.socket.write('abc');
    await peer.untilText('abc');
  });

  it('reports the end of a connection only after its last data', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const bytes = hostileBytes(20_000, 'last data');
    peer.socket.end(bytes);
    await server.event('client/close');
    assert.deepEqual(collector.data(socketId), bytes);
    assert.equal(collector.ended.all.length, 1);
  });

  it('can respond to a peer that has ended its side', async () => {
    const rig = await readyRig({ simulator: { halfClose: 100 } });
    rig.echo();
    const server = await rig.openServer();
    const { peer } = await server.connect();
    const bytes = hostileBytes(5000, 'half closed');
    peer.socket.end(bytes);
    await peer.ended;
    assert.deepEqual(peer.received, bytes);
  });

  it('delivers what is being sent to such a peer, however long it takes', async () => {
    const rig = await readyRig({ simulator: { partial: 100, answerDelay: 500, halfClose: 60_000 } });
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const collector = rig.collect();
    peer.socket.end('question');
    await collector.until(socketId, 8);
    const answer = hostileBytes(2000, 'a long answer');
    await rig.modem.send(socketId, answer, 120_000);
    await server.event('client/close');
    assert.deepEqual(await peer.until(answer.length), answer);
  });

  it('reports connections even if they are received together with, or before, its own opening', async () => {
    const rig = await readyRig();
    const server = await rig.declareServer();
    const { port } = server.settings;
    // As if a peer had been waiting: both URCs in one chunk.
    rig.module.inject(
      garbleNext('urc', (bytes) =>
        Buffer.concat([
          bytes,
          Buffer.from(
            `\r\n+QFWDURC: "client/incoming",${/\d+/.exec(bytes.toString())![0]},2,"127.0.0.1",9,"0.0.0.0",${port}\r\n`,
          ),
        ]),
      ),
    );
    const incoming = await server.event('client/incoming');
    assert.equal(incoming.port, 9);
    assert.equal(rig.modem.connection(2).owner, 'a server');
  });

  describe('that does not admit every peer', () => {
    it('admits no more than maxClients, and the next one when one has gone', async () => {
      const rig = await readyRig();
      const server = await rig.openServer({ maxClients: 2 });
      const { peer: first } = await server.connect();
      await server.connect();
      const third = await server.dial();
      await third.ended;
      assert.equal(rig.modem.connections().length, 2);
      first.socket.end();
      await server.event('client/close');
      await server.connect();
      assert.equal(server.events.filter((event) => event === 'client/incoming').length, 3);
    });

    for (const [allow, isAllowed] of [
      [['127.0.0.1'], true],
      [['10.0.0.0/8', '127.0.0.0/8'], true],
      [['10.0.0.0/8'], false],
      [['::1'], false],
    ] as const) {
      it(`${isAllowed ? 'admits' : 'rejects'} 127.0.0.1 with ${allow.join(' ')}`, async () => {
        const rig = await readyRig();
        const server = await rig.openServer({ allow });
        if (isAllowed) {
          await server.connect();
          return;
        }
        const peer = await server.dial();
        await peer.ended;
        assert.deepEqual(server.events, ['server/open']);
        assert.deepEqual(rig.modem.connections(), []);
      });
    }

    it('does not adopt a rejected peer from the lists', async () => {
      const rig = await readyRig();
      const server = await rig.openServer({ allow: ['10.0.0.1'] });
      // The first attempt to close it is lost.
      rig.module.inject(dropNext('urc'));
      const peer = await server.dial();
      await peer.ended;
      await rig.pass(60_000);
      assert.deepEqual(server.events, ['server/open']);
      assert.deepEqual(rig.modem.connections(), []);
    });

    it('does not count a connection whose peer has gone', async () => {
      const rig = await readyRig({ simulator: { halfClose: 100 } });
      const collector = rig.collect();
      const server = await rig.openServer({ maxClients: 1 });
      const { peer, socketId } = await server.connect();
      collector.paused.add(socketId);
      rig.modem.resumeReading();
      peer.socket.end('unread');
      await peer.ended;
      await server.connect();
    });
  });

  describe('that cannot be opened', () => {
    it('reports that once, and is tried again until it is open', async () => {
      const blocker = await tcpServer();
      const rig = await readyRig();
      const server = await rig.declareServer({ port: blocker.port });
      const failed = await server.event('server/failed');
      assert.equal(failed.result, 98);
      assert.match(failed.reason, /^the port is in use: /);
      const error = await server.error();
      assert.ok(error instanceof QfwdError);
      assert.equal(error.code, 'QFWD_OPEN_FAILED');
      assert.equal(error.result, 98);
      assert.equal((await server.event('server/failed')).result, 98);
      blocker.close();
      await server.event('server/open');
      assert.equal(server.log.all.filter((news) => 'error' in news).length, 1);
    });

    it('rejects the call that requested it with the result', async () => {
      const blocker = await tcpServer();
      const rig = await readyRig({ simulator: { openResult: 'quectel' } });
      const server = await rig.declareServer({ port: blocker.port, autoOpen: false });
      await assert.rejects(server.endpoint.open(server.settings), { code: 'QFWD_OPEN_FAILED', result: 556 });
    });

    it('because its socket id is in use reports which one', async () => {
      const rig = await readyRig();
      await rig.openServer({ owner: 'one', socketId: 7 });
      const other = await rig.declareServer({ owner: 'two', socketId: 7, autoOpen: false });
      await assert.rejects(other.endpoint.open(other.settings), {
        code: 'QFWD_REJECTED',
        message: /socket id 7 is in use/,
      });
    });

    it('because the module rejects it', async () => {
      const rig = await readyRig();
      const server = await rig.declareServer({ backlog: 11, autoOpen: false });
      await assert.rejects(server.endpoint.open(server.settings), { code: 'QFWD_REJECTED', cme: 50 });
    });
  });

  it('gets another id if another program has taken its own', async () => {
    const rig = await readyRig();
    const { endpoint, settings, socketId } = await rig.openServer();
    await endpoint.close();
    const elsewhere = rig.module.attach('usbmodem');
    elsewhere.write(`AT+QFWDSEVER=0,${socketId},"IP","tcp",${await freePort()},5,60,"usbmodem"\r`);
    await rig.quiet();
    const opened = await endpoint.open(settings);
    assert.equal(opened.socketId, socketId + 1);
  });

  it('can be closed and opened by calls', async () => {
    const rig = await readyRig();
    const server = await rig.declareServer({ autoOpen: false });
    const { endpoint, settings } = server;
    assert.equal(endpoint.socketId, undefined);
    const opened = await endpoint.open(settings);
    assert.deepEqual(opened, { event: 'server/open', socketId: server.socketId, result: 0 });
    assert.deepEqual(await endpoint.open(settings), opened);
    assert.equal(rig.count('AT+QFWDSEVER=0'), 1);

    const port = await freePort();
    await endpoint.open({ ...settings, port });
    assert.equal(rig.count(`AT+QFWDCLOSE=${opened.socketId}`), 1);
    assert.deepEqual(await endpoint.close(), {
      event: 'server/close',
      socketId: opened.socketId,
      reason: 'local',
    });
    assert.equal(await endpoint.close(), undefined);
    // The result of a call is not reported as an event.
    assert.deepEqual(server.events, []);
  });

  it('leaves its connections open when it is closed', async () => {
    const rig = await readyRig();
    rig.echo();
    const server = await rig.openServer();
    const { peer } = await server.connect();
    await server.endpoint.close();
    peer.socket.write('still here');
    await peer.untilText('still here');
  });

  it('is opened even if the test command of the firmware describes wrong parameters', async () => {
    for (const args of ['manual', 'example'] as const) {
      const rig = await readyRig({
        simulator: { args },
        modem: { dialect: args === 'manual' ? 'example' : 'manual' },
      });
      await rig.openServer();
    }
  });
});
