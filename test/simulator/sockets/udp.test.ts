import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { ERROR, lines, OK, start, type Host } from '../host';

const sockets: Socket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.close()));

async function udpSocket(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

async function openUdpServer(host: Host): Promise<number> {
  const port = await freeUdpPort();
  assert.equal(await host.command(`AT+QFWDSEVER=0,1,"IP","udp",${port},5,60,"usbat"`), OK);
  assert.deepEqual(await host.urc('server/open'), ['1', '0']);
  return port;
}

const received = async (socket: Socket) => String(((await once(socket, 'message')) as [Buffer])[0]);

describe('UDP sockets', () => {
  it('of a server have an id for each peer', async () => {
    const { host } = start();
    const port = await openUdpServer(host);
    const one = await udpSocket();
    const two = await udpSocket();
    one.socket.send('from one', port, '127.0.0.1');
    assert.deepEqual(await host.urc('client/incoming'), [
      '1',
      '2',
      '"127.0.0.1"',
      String(one.port),
      '"0.0.0.0"',
      String(port),
    ]);
    assert.deepEqual(await host.urc('client/read'), ['2']);
    two.socket.send('from two', port, '127.0.0.1');
    assert.equal((await host.urc('client/incoming'))[1], '3');
    assert.deepEqual(await host.urc('client/read'), ['3']);
    assert.match(
      await host.command('AT+QFWDSTATE=1'),
      new RegExp(`: 1,2,"127.0.0.1",${one.port},.*: 2,3,`, 's'),
    );
    assert.match(await host.command('AT+QFWDRECV=3,100'), /3,8\r\nfrom two\r\n/);
    const answer = received(one.socket);
    assert.equal(await host.send('AT+QFWDSEND=2,0,6', 'to one'), lines('+QFWDSEND: 2,6', 'OK'));
    assert.equal(await answer, 'to one');
  });

  it('come back under another id after they were closed', async () => {
    const { host } = start({ acceptedIds: 'counting' });
    const port = await openUdpServer(host);
    const { socket } = await udpSocket();
    socket.send('a', port, '127.0.0.1');
    assert.equal((await host.urc('client/incoming'))[1], '2');
    assert.equal(await host.command('AT+QFWDCLOSE=2'), lines('+QFWDURC: "client/read",2', 'OK'));
    socket.send('b', port, '127.0.0.1');
    assert.equal((await host.urc('client/incoming'))[1], '3');
  });

  it('go with their server, but for what is unread', async () => {
    const { host } = start();
    const port = await openUdpServer(host);
    const { socket } = await udpSocket();
    socket.send('unread', port, '127.0.0.1');
    await host.urc('client/read');
    assert.equal(await host.command('AT+QFWDCLOSE=1'), lines('+QFWDURC: "client/close",2', 'OK'));
    assert.match(await host.command('AT+QFWDRECV=2,100'), /unread/);
    assert.equal(await host.command('AT+QFWDRECV=2,100'), ERROR);
  });

  it('may share the id of the server', async () => {
    const { host } = start({ udpServer: 'shared' });
    const port = await openUdpServer(host);
    const one = await udpSocket();
    const two = await udpSocket();
    one.socket.send('one', port, '127.0.0.1');
    assert.deepEqual(await host.urc('client/read'), ['1']);
    assert.match(await host.command('AT+QFWDRECV=1,100'), /1,3\r\none\r\n/);
    two.socket.send('two', port, '127.0.0.1');
    await host.urc('client/read');
    const answer = received(two.socket);
    await host.send('AT+QFWDSEND=1,0,2', 'hi');
    assert.equal(await answer, 'hi');
    assert.equal(await host.command('AT+QFWDCLIENT?'), OK);
  });

  it('of a client send and receive', async () => {
    const { module, host } = start();
    const { socket, port } = await udpSocket();
    assert.equal(await host.command(`AT+QFWDCLIENT=0,8,"IP","udp","localhost",${port},"usbat"`), OK);
    assert.deepEqual(await host.urc('client/open'), ['8', '0']);
    const first = once(socket, 'message') as Promise<[Buffer, { port: number }]>;
    await host.send('AT+QFWDSEND=8,0', 'hello\x1a');
    const [datagram, from] = await first;
    assert.equal(String(datagram), 'hello');
    socket.send('world', from.port, '127.0.0.1');
    assert.deepEqual(await host.urc('client/read'), ['8']);
    assert.match(await host.command('AT+QFWDRECV=8,100'), /world/);
    assert.equal(await host.command('AT+QFWDCLOSE=8'), OK);
    await module.powerOff();
  });

  it('keep the boundaries of datagrams, and lose what finds no room', async () => {
    const { host } = start({ recvBuffer: 10 });
    const port = await openUdpServer(host);
    const { socket } = await udpSocket();
    for (const text of ['abcdef', 'gh', 'too long', 'ij']) socket.send(text, port, '127.0.0.1');
    while (!(await host.command('AT+QFWDACK=2')).includes(',10,0,10\r\n'));
    assert.match(await host.command('AT+QFWDRECV=2,4'), /2,4\r\nabcd\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,4'), /2,2\r\nef\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,100'), /2,2\r\ngh\r\n/);
    assert.match(await host.command('AT+QFWDRECV=2,100'), /2,2\r\nij\r\n/);
    assert.equal(await host.command('AT+QFWDRECV=2,100'), lines('+QFWDRECV: 2,0', 'OK'));
  });
});
