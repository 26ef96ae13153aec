import assert from 'node:assert/strict';

import { freePort } from '../../support/free-port';
import { UdpPeer } from '../../support/peers';
import { ERROR, lines, OK, start, type Host } from '../../support/simulator';

async function openUdpServer(host: Host): Promise<number> {
  const port = await freePort();
  assert.equal(await host.command(`AT+QFWDSEVER=0,1,"IP","udp",${port},5,60,"usbat"`), OK);
  assert.deepEqual(await host.urc('server/open'), ['1', '0']);
  return port;
}

describe('UDP sockets', () => {
  it('of a server have an id for each peer', async () => {
    const { host } = start();
    const port = await openUdpServer(host);
    const one = await UdpPeer.bind();
    const two = await UdpPeer.bind();
    one.send('from one', port);
    assert.deepEqual(await host.urc('client/incoming'), [
      '1',
      '2',
      '"127.0.0.1"',
      String(one.port),
      '"0.0.0.0"',
      String(port),
    ]);
    assert.deepEqual(await host.urc('client/read'), ['2']);
    two.send('from two', port);
    assert.equal((await host.urc('client/incoming'))[1], '3');
    assert.deepEqual(await host.urc('client/read'), ['3']);
    assert.match(
      await host.command('AT+QFWDSTATE=1'),
      new RegExp(`: 1,2,"127.0.0.1",${one.port},.*: 2,3,`, 's'),
    );
    assert.match(await host.command('AT+QFWDRECV=3,100'), /3,8\r\nfrom two\r\n/);
    assert.equal(await host.send('AT+QFWDSEND=2,0,6', 'to one'), lines('+QFWDSEND: 2,6', 'OK'));
    assert.equal((await one.datagrams.next()).data.toString(), 'to one');
  });

  it('get another id after they were closed', async () => {
    const { host } = start({ acceptedIds: 'counting' });
    const port = await openUdpServer(host);
    const peer = await UdpPeer.bind();
    peer.send('a', port);
    assert.equal((await host.urc('client/incoming'))[1], '2');
    assert.equal(await host.command('AT+QFWDCLOSE=2'), lines('+QFWDURC: "client/read",2', 'OK'));
    peer.send('b', port);
    assert.equal((await host.urc('client/incoming'))[1], '3');
  });

  it('are closed with their server, except for unread data', async () => {
    const { host } = start();
    const port = await openUdpServer(host);
    const peer = await UdpPeer.bind();
    peer.send('unread', port);
    await host.urc('client/read');
    assert.equal(await host.command('AT+QFWDCLOSE=1'), lines('+QFWDURC: "client/close",2', 'OK'));
    assert.match(await host.command('AT+QFWDRECV=2,100'), /unread/);
    assert.equal(await host.command('AT+QFWDRECV=2,100'), ERROR);
  });

  it('may share the id of the server', async () => {
    const { host } = start({ udpServer: 'shared' });
    const port = await openUdpServer(host);
    const one = await UdpPeer.bind();
    const two = await UdpPeer.bind();
    one.send('one', port);
    assert.deepEqual(await host.urc('client/read'), ['1']);
    assert.match(await host.command('AT+QFWDRECV=1,100'), /1,3\r\none\r\n/);
    two.send('two', port);
    await host.urc('client/read');
    await host.send('AT+QFWDSEND=1,0,2', 'hi');
    assert.equal((await two.datagrams.next()).data.toString(), 'hi');
    assert.equal(await host.command('AT+QFWDCLIENT?'), OK);
  });

  it('of a client send and receive', async () => {
    const { module, host } = start();
    const peer = await UdpPeer.bind();
    assert.equal(await host.command(`AT+QFWDCLIENT=0,8,"IP","udp","localhost",${peer.port},"usbat"`), OK);
    assert.deepEqual(await host.urc('client/open'), ['8', '0']);
    await host.send('AT+QFWDSEND=8,0', 'hello\x1a');
    const { data, from } = await peer.datagrams.next();
    assert.equal(data.toString(), 'hello');
    peer.send('world', from.port);
    assert.deepEqual(await host.urc('client/read'), ['8']);
    assert.match(await host.command('AT+QFWDRECV=8,100'), /world/);
    assert.equal(await host.command('AT+QFWDCLOSE=8'), OK);
    await module.powerOff();
  });

  it('keep the boundaries of datagrams, and lose what does not fit', async () => {
    const { clock, host } = start({ recvBuffer: 10 });
    const port = await openUdpServer(host);
    const peer = await UdpPeer.bind();
    for (const text of ['abcdef', 'gh', 'too long', 'ij']) peer.send(text, port);
    await clock.quiet();
    assert.match(await host.command('AT+QFWDACK=2'), /,10,0,10\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,4'), /2,4\r\nabcd\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,4'), /2,2\r\nef\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,100'), /2,2\r\ngh\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,100'), /2,2\r\nij\r\n/);
    assert.equal(await host.command('AT+QFWDRECV=2,100'), lines('+QFWDRECV: 2,0', 'OK'));
  });
});
