import assert from 'node:assert/strict';

import { freePort } from '../../support/free-port';
import { connectPeer, tcpServer } from '../../support/peers';
import { connected, ERROR, lines, OK, openServer, start } from '../../support/simulator';

const recvUsed = (answer: string) => Number(/\+QFWDACK: \d+,\d+,\d+,\d+,(\d+)/.exec(answer)?.[1]);

describe('TCP sockets', () => {
  it('report data once until all of it was read', async () => {
    const { clock, host, peer } = await connected();
    peer.socket.write('one');
    assert.deepEqual(await host.urc('client/read'), ['2']);
    peer.socket.write('two');
    await clock.quiet();
    assert.equal(recvUsed(await host.command('AT+QFWDACK=2')), 6);
    await host.command('AT+QFWDRECV=2,4');
    peer.socket.write('three');
    await clock.quiet();
    assert.match(await host.command('AT+QFWDRECV=2,1024'), /2,7\r\nwothree\r\n/);
    assert.equal(host.pending, '');
    peer.socket.write('four');
    assert.deepEqual(await host.urc('client/read'), ['2']);
  });

  it('may report data each time, or with its length', async () => {
    const repeated = await connected({ readUrc: 'repeated' });
    repeated.peer.socket.write('one');
    await repeated.host.urc('client/read');
    repeated.peer.socket.write('two');
    assert.deepEqual(await repeated.host.urc('client/read'), ['2']);

    const length = await connected({ readUrc: 'length' });
    length.peer.socket.write('one');
    assert.deepEqual(await length.host.urc('client/read'), ['2', '3']);
  });

  it('make a peer wait whose data is not read', async () => {
    const { clock, host, peer } = await connected({ recvBuffer: 2000 });
    const sent = Buffer.alloc(16 << 20, 'abcdefg');
    peer.socket.write(sent);
    await clock.pass(50_000);
    assert.equal(recvUsed(await host.command('AT+QFWDACK=2')), 2000);
    assert.ok(peer.socket.writableLength > 0);

    let expected = 0;
    for (let reads = 0; reads < 50; reads++) {
      const answer = await host.command('AT+QFWDRECV=2,1024');
      const length = Number(/\+QFWDRECV: 2,(\d+)\r\n/.exec(answer)?.[1]);
      const data = answer
        .slice(answer.indexOf(`2,${length}\r\n`) + `2,${length}\r\n`.length)
        .slice(0, length);
      assert.equal(data, sent.toString('latin1', expected, expected + length));
      expected += length;
      assert.ok(recvUsed(await host.command('AT+QFWDACK=2')) <= 2000);
    }
    assert.ok(expected > 10_000);
  });

  it('keep unread data of a peer that has closed', async () => {
    const { host, peer } = await connected({ halfClose: 0 });
    peer.socket.end('last words');
    await host.urc('client/close');
    await peer.closed;
    assert.equal(await host.command('AT+QFWDCLIENT?'), OK);
    assert.match(await host.command('AT+QFWDRECV=2,4'), /2,4\r\nlast\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,100'), /2,6\r\n words\r\n/);
    assert.equal(await host.command('AT+QFWDRECV=2,100'), ERROR);
    assert.equal(await host.command('AT+QFWDSEND=2,0,1'), ERROR);
    assert.equal(await host.command('AT+QFWDCLOSE=2'), ERROR);
  });

  it('can still respond to a peer that has only ended its own side', async () => {
    const { host, peer } = await connected();
    peer.socket.end('question');
    await host.urc('client/close');
    assert.match(await host.command('AT+QFWDRECV=2,100'), /question/);
    assert.equal(await host.send('AT+QFWDSEND=2,0,6', 'answer'), lines('+QFWDSEND: 2,6', 'OK'));
    await peer.untilText('answer');
    assert.equal(await host.command('AT+QFWDCLOSE=2'), OK);
    await peer.closed;
    assert.equal(host.pending, '');
  });

  it('close such a connection if there is no response', async () => {
    const { clock, host, peer } = await connected({ halfClose: 2000 });
    const ended = clock.now();
    peer.socket.end();
    await host.urc('client/close');
    await peer.closed;
    assert.equal(clock.now() - ended, 2000);
    assert.equal(await host.command('AT+QFWDCLOSE=2'), ERROR);
  });

  it('report a peer that resets the connection', async () => {
    const { host, peer } = await connected();
    peer.socket.resetAndDestroy();
    assert.deepEqual(await host.urc('client/close'), ['2']);
    assert.equal(await host.command('AT+QFWDSEND=2,0,1'), ERROR);
  });

  it('are closed by the host without a URC, after what was sent', async () => {
    const { host, peer } = await connected();
    await host.send('AT+QFWDSEND=2,0,3', 'bye');
    assert.equal(await host.command('AT+QFWDCLOSE=2'), OK);
    await peer.untilText('bye');
    await peer.ended;
    assert.equal(await host.command('AT+QFWDACK=2'), ERROR);
    assert.equal(host.pending, '');
  });

  it('outlive their server, whose port is free at once', async () => {
    const { host, peer, port } = await connected();
    assert.equal(await host.command('AT+QFWDCLOSE=1'), OK);
    assert.equal(await host.command('AT+QFWDSTATE=1'), ERROR);
    peer.socket.write('still here');
    await host.urc('client/read');
    await host.command(`AT+QFWDSEVER=0,1,"IP","tcp",${port},5,60,"usbat"`);
    assert.deepEqual(await host.urc('server/open'), ['1', '0']);
  });

  it('are closed by their server after the idle time-out', async () => {
    const { clock, host } = start();
    const port = await openServer(host, 60);
    const peer = await connectPeer(port);
    await host.urc('client/incoming');
    await clock.pass(50_000);
    peer.socket.write('not idle');
    const written = clock.now();
    assert.deepEqual(await host.urc('client/close'), ['2']);
    assert.equal(clock.now() - written, 60_000);
    await peer.ended;
  });

  it('use ids again, or count up', async () => {
    for (const [acceptedIds, next] of [
      ['smallest', '2'],
      ['counting', '3'],
    ] as const) {
      const { host, port } = await connected({ acceptedIds });
      await host.command('AT+QFWDCLOSE=2');
      await connectPeer(port);
      assert.equal((await host.urc('client/incoming'))[1], next);
    }
  });

  it('connect to a server of this host', async () => {
    const { host } = start();
    const { port, peers } = await tcpServer();
    assert.equal(await host.command(`AT+QFWDCLIENT=0,7,"IP","tcp","127.0.0.1",${port},"usbat"`), OK);
    assert.deepEqual(await host.urc('client/open'), ['7', '0']);
    const peer = await peers.next();
    await host.send('AT+QFWDSEND=7,0,5', 'hello');
    await peer.untilText('hello');
    peer.socket.write('world');
    assert.deepEqual(await host.urc('client/read'), ['7']);
  });

  it('work over IPv6', async () => {
    const { host } = start();
    const port = await freePort('::1');
    await host.command(`AT+QFWDSEVER=0,1,"IPV6","tcp",${port},5,60,"usbat"`);
    assert.deepEqual(await host.urc('server/open'), ['1', '0']);
    await host.command(`AT+QFWDCLIENT=0,9,"IPV6","tcp","::1",${port},"usbat"`);
    const incoming = await host.urc('client/incoming');
    assert.deepEqual([incoming[2], incoming[4], incoming[5]], ['"::1"', '"::"', String(port)]);
  });

  it('report why they could not be opened', async () => {
    const { host } = start();
    const port = await openServer(host);
    const free = await freePort();
    const failing = [
      [`SEVER=0,5,"IP","tcp",${port},5,60,"usbat"`, 'server/open', '98'],
      [`CLIENT=0,5,"IP","tcp","127.0.0.1",${free},"usbat"`, 'client/open', '111'],
      [`CLIENT=0,5,"IP","tcp","192.0.2.1",${free},"usbat"`, 'client/open', '101'],
      [`CLIENT=0,5,"IP","udp","192.0.2.1",${free},"usbat"`, 'client/open', '101'],
      [`CLIENT=0,5,"IP","tcp","example.com",${free},"usbat"`, 'client/open', '2'],
      [`CLIENT=0,5,"IP","tcp","::1",${free},"usbat"`, 'client/open', '97'],
    ] as const;
    for (const [command, kind, result] of failing) {
      assert.equal(await host.command(`AT+QFWD${command}`), OK);
      assert.deepEqual(await host.urc(kind), ['5', result], command);
      assert.equal(await host.command('AT+QFWDCLOSE=5'), ERROR);
    }
  });

  it('may report that with the codes of AT+QIOPEN, and before OK', async () => {
    const { host } = start({ openResult: 'quectel', openOrder: 'urc-first' });
    const answer = await host.command(`AT+QFWDCLIENT=0,5,"IP","tcp","127.0.0.1",${await freePort()},"usbat"`);
    assert.equal(answer, lines('+QFWDURC: "client/open",5,566', 'OK'));
  });
});
