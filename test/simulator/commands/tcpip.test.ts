import assert from 'node:assert/strict';

import { connectPeer, isOpen, UdpPeer } from '../../support/peers';
import { ERROR, lines, OK, openServer, start } from '../../support/simulator';
import {
  activated,
  block,
  incoming,
  listen,
  open,
  outgoing,
  SEND_OK,
  serve,
  urc,
} from '../../support/simulator-tcpip';

describe('TCP/IP commands', () => {
  it('have the test responses of real modules, and echo on', async () => {
    const { host } = start({ family: 'tcpip', echo: true, contexts: 5 });
    for (const [command, ...answer] of [
      ['AT'],
      ['AT+QIACT?'],
      ['AT+QISTATE?'],
      ['AT+QISTATE=?'],
      ['AT+QIGETERROR', '+QIGETERROR: 0,operate successfully'],
      ['AT+QICSGP=?', '+QICSGP: (1-5),(1-3),<APN>,<username>,<password>,(0-3)'],
      [
        'AT+QIOPEN=?',
        '+QIOPEN: (1-5),(0-11),"TCP/UDP/TCP LISTENER/UDP SERVICE","<IP_address>/<domain_name>",<remote_port>,<local_port>,(0-2)',
      ],
      ['AT+QISEND=?', '+QISEND: (0-11),(0-1460)'],
      ['AT+QIRD=?', '+QIRD: (0-11),(0-1500)'],
      ['AT+QICLOSE=?', '+QICLOSE: (0-11),(0-65535)'],
    ] as const)
      assert.equal(await host.command(command), `${command}\r${lines(...answer, 'OK')}`);
  });

  it('take the place of AT+QFWD…, or stand beside them', async () => {
    const tcpip = start({ family: 'tcpip' }).host;
    assert.equal(await tcpip.command('AT+QFWDSEVER?'), ERROR);
    assert.equal(await tcpip.command('AT+QFWDCLIENT=?'), ERROR);
    const qfwd = start().host;
    assert.equal(await qfwd.command('AT+QISTATE?'), ERROR);
    assert.equal(await qfwd.command('AT+QIOPEN=?'), ERROR);
    const both = start({ family: 'both' }).host;
    assert.equal(await both.command('AT+QFWDSEVER?'), OK);
    assert.equal(await both.command('AT+QISTATE?'), OK);
  });

  it('have sockets of their own beside AT+QFWD…', async () => {
    const { host } = await activated({ family: 'both' });
    const forwarded = await openServer(host);
    const port = await listen(host, 1);
    const one = await connectPeer(forwarded);
    await host.urc('client/incoming');
    const other = await connectPeer(port);
    await host.until(/"incoming",11,1,.*\r\n/);
    one.socket.write('one');
    assert.equal(await host.until('2\r\n'), lines('+QFWDURC: "client/read",2'));
    other.socket.write('other');
    assert.equal(await host.until('11\r\n'), urc('"recv",11'));
    assert.equal(await host.command('AT+QIRD=11'), block('5', 'other'));
    assert.match(await host.command('AT+QFWDRECV=2,9'), /: 2,3\r\none\r\n/);
    assert.equal(await host.command('AT+QIDEACT=1'), OK);
    await other.closed;
    assert.match(await host.command('AT+QFWDCLIENT?'), /: 2,"income"/);
  });

  it('send as a UDP client, whose data is echoed', async () => {
    const { host } = start({ family: 'tcpip', echo: true });
    const peer = await UdpPeer.bind();
    const data = 'h'.repeat(60);
    const say = async (command: string, ...answer: string[]) =>
      assert.equal(await host.command(command), `${command}\r${lines(...answer)}`);
    await say('AT+QICSGP=1,1,"internet","","",1', 'OK');
    await say('AT+QIACT=1', 'OK');
    await say('AT+QIACT?', '+QIACT: 1,1,1,"10.0.0.1"', 'OK');
    await say(`AT+QIOPEN=1,0,"UDP","127.0.0.1",${peer.port},0,0`, 'OK');
    assert.equal(await host.until('0,0\r\n'), lines('+QIOPEN: 0,0'));
    host.write('AT+QISEND=0,60\r');
    assert.equal(await host.until('> '), 'AT+QISEND=0,60\r\r\n> ');
    host.write(data);
    assert.equal(await host.until('SEND OK\r\n'), `${data}${SEND_OK}`);
    const { from } = await peer.datagrams.next();
    peer.send(data, from.port);
    assert.equal(await host.until('recv",0\r\n'), urc('"recv",0'));
    assert.equal(await host.command('AT+QIRD=0'), `AT+QIRD=0\r${block('60', data)}`);
    await say('AT+QICLOSE=0', 'OK');
    await say('AT+QIDEACT=1', 'OK');
    await say('AT+QIACT?', 'OK');
  });

  it('tell the figures of a TCP client, and read what it gets', async () => {
    const { host, peer } = await outgoing();
    assert.equal(await host.command('AT+QIRD=0,0'), lines('+QIRD: 0,0,0', 'OK'));
    assert.equal(await host.send('AT+QISEND=0,9', '123\r\n\x1a\x1b78'), SEND_OK);
    await peer.untilText('123\r\n\x1a\x1b78');
    assert.equal(await host.command('AT+QISENDEX=0,"3132333435"'), SEND_OK);
    await peer.untilText('12345');
    assert.equal(await host.command('AT+QISEND=0,0'), lines('+QISEND: 14,14,0', 'OK'));
    assert.match(
      await host.command('AT+QISTATE=1,0'),
      /^\r\n\+QISTATE: 0,"TCP","127\.0\.0\.1",\d+,\d+,2,1,0,0,"usbat"\r\n\r\nOK\r\n$/,
    );
    peer.socket.write('test1');
    assert.equal(await host.until('recv",0\r\n'), urc('"recv",0'));
    assert.equal(await host.command('AT+QIRD=0,0'), lines('+QIRD: 5,0,5', 'OK'));
    assert.equal(await host.command('AT+QIRD=0,1500'), block('5', 'test1'));
    assert.equal(await host.command('AT+QIRD=0,1500'), lines('+QIRD: 0', 'OK'));
    assert.equal(await host.command('AT+QIRD=0,0'), lines('+QIRD: 5,5,0', 'OK'));
    assert.equal(await host.command('AT+QICLOSE=0'), OK);
    await peer.ended;
    assert.equal(await host.command('AT+QIRD=0,0'), ERROR);
    assert.equal(await host.command('AT+QISTATE=1,0'), OK);
  });

  it('accept connections from 11 downward', async () => {
    const { host } = await activated();
    const port = await listen(host);
    assert.equal(
      await host.command('AT+QISTATE=1,0'),
      lines(`+QISTATE: 0,"TCP LISTENER","10.0.0.1",0,${port},3,1,0,0,"usbat"`, 'OK'),
    );
    const peers = [await connectPeer(port), await connectPeer(port)];
    for (const [index, peer] of peers.entries())
      assert.equal(
        await host.until(/incoming.*\r\n/),
        urc(`"incoming",${11 - index},0,"127.0.0.1",${peer.port}`),
      );
    assert.equal(
      await host.command('AT+QISTATE=1,11'),
      lines(`+QISTATE: 11,"TCP INCOMING","127.0.0.1",${peers[0]!.port},${port},2,1,0,0,"usbat"`, 'OK'),
    );
    peers[0]!.socket.write('HELLO-FROM-WAN\r\n');
    assert.equal(await host.until('recv",11\r\n'), urc('"recv",11'));
    assert.equal(await host.command('AT+QIRD=11,64'), block('16', 'HELLO-FROM-WAN\r\n'));
  });

  it('refuse the caller when no id is left', async () => {
    const { host } = await activated();
    const port = await listen(host);
    for (let accepted = 0; accepted < 11; accepted++) {
      await connectPeer(port);
      await host.until(/"incoming",.*\r\n/);
    }
    await isOpen(port); // it may be refused before or after it is connected
    assert.equal(await host.until('full"\r\n'), urc('"incoming full"'));
    assert.equal((await host.command('AT+QISTATE?')).match(/INCOMING/g)?.length, 11);
  });

  it('keep the id of what the peer has closed, with its data, until it is closed', async () => {
    const { host, peer } = await incoming();
    peer.socket.end('bye');
    assert.equal(await host.until('closed",11\r\n'), urc('"recv",11') + urc('"closed",11'));
    assert.match(await host.command('AT+QISTATE=1,11'), /,4,1,0,0,"usbat"/);
    assert.equal(await host.command('AT+QIRD=11'), block('3', 'bye'));
    assert.equal(await host.command('AT+QIRD=11'), lines('+QIRD: 0', 'OK'));
    assert.equal(await open(host, 11, '"TCP","127.0.0.1",1,0,0'), 563);
    assert.equal(
      await host.command('AT+QIGETERROR'),
      lines('+QIGETERROR: 563,socket identity has been used', 'OK'),
    );
    assert.equal(await host.command('AT+QICLOSE=11'), OK);
    assert.equal(await host.command('AT+QIRD=11'), ERROR);
  });

  it('serve any UDP peer', async () => {
    const { host } = await activated();
    const port = await serve(host);
    const peer = await UdpPeer.bind();
    peer.send('echo teste 001', port);
    assert.equal(await host.until('recv",0\r\n'), urc('"recv",0'));
    assert.equal(await host.command('AT+QIRD=0'), block(`14,"127.0.0.1",${peer.port}`, 'echo teste 001'));
    assert.equal(await host.command('AT+QIRD=0'), lines('+QIRD: 0', 'OK'));
    assert.equal(await host.send(`AT+QISEND=0,2,"127.0.0.1",${peer.port}`, 'hi'), SEND_OK);
    assert.equal((await peer.datagrams.next()).data.toString(), 'hi');
    assert.equal(await host.command('AT+QISEND=0,2'), ERROR);
    assert.equal(
      await host.command('AT+QISTATE?'),
      lines(`+QISTATE: 0,"UDP SERVICE","10.0.0.1",0,${port},2,1,0,0,"usbat"`, 'OK'),
    );
  });

  it('tell an empty datagram from none', async () => {
    const { host } = await activated();
    const port = await serve(host);
    const peer = await UdpPeer.bind();
    peer.send('', port);
    await host.until('recv",0\r\n');
    assert.equal(await host.command('AT+QIRD=0'), lines(`+QIRD: 0,"127.0.0.1",${peer.port}`, 'OK'));
    assert.equal(await host.command('AT+QIRD=0'), lines('+QIRD: 0', 'OK'));
  });

  it('push data by themselves in mode 1', async () => {
    const { host, peer } = await incoming({}, 1);
    peer.socket.write('&');
    assert.equal(await host.until('&\r\n'), '\r\n+QIURC: "recv",11,1\r\n&\r\n');
    assert.equal(await host.command('AT+QIRD=11'), ERROR);
  });
});
