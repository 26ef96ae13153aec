import assert from 'node:assert/strict';

import { freePort } from '../../support/free-port';
import { connectPeer } from '../../support/peers';
import { connected, ERROR, Host, lines, OK, openServer, start } from '../../support/simulator';

const URC_PORTS = '("uart1","usbat","usbmodem")';

describe('QFWD commands', () => {
  it('have the test responses of the manual', async () => {
    const { host } = start();
    const expected = {
      QFWDSEVER: `+QFWDSEVER: (0-16),(1-65535),("IP","IPV6"),("tcp","udp"),(1-65535),(1-10),(1-65535),${URC_PORTS}`,
      QFWDCLIENT: `+QFWDCLIENT: (0-16),(1-65535),("IP","IPV6"),("tcp","udp"),<remote_addr>,<1-65535>,${URC_PORTS}`,
      QFWDSEND: '+QFWDSEND: <socket_id>,<data_format>,<send_length>',
      QFWDRECV: '+QFWDPRECV: <socket_id>,<read_len>',
      QFWDACK: '+QFWDACK: <socket_id>',
      QFWDCFG: '+QFWDCFG: "urc",<socketfd>,<urc_port>',
    };
    for (const [name, response] of Object.entries(expected)) {
      assert.equal(await host.command(`AT+${name}=?`), lines(response, 'OK'));
    }
    assert.equal(await host.command('AT+QFWDSTATE=?'), OK);
    assert.equal(await host.command('AT+QFWDCLOSE=?'), OK);
  });

  it('hold the dialogue of chapter 4', async () => {
    const { host } = start();
    const port = await freePort();
    assert.equal(await host.command(`AT+QFWDSEVER=0,1,"IP","tcp",${port},5,60,"usbat"`), OK);
    assert.equal(await host.until('1,0\r\n'), lines('+QFWDURC: "server/open",1,0'));

    const one = await connectPeer(port);
    const onePort = one.port;
    const incoming = (id: number, peer: number) =>
      lines(`+QFWDURC: "client/incoming",1,${id},"127.0.0.1",${peer},"0.0.0.0",${port}`);
    assert.equal(await host.until(`${port}\r\n`), incoming(2, onePort));
    const two = await connectPeer(port);
    const twoPort = two.port;
    assert.equal(await host.until(`${port}\r\n`), incoming(3, twoPort));

    const state = (index: number, id: number, peer: number) =>
      `+QFWDSTATE: ${index},${id},"127.0.0.1",${peer},"0.0.0.0",${port}`;
    assert.equal(
      await host.command('AT+QFWDSTATE= 1'),
      lines(state(1, 2, onePort), state(2, 3, twoPort), 'OK'),
    );

    assert.equal(await host.send('AT+QFWDSEND= 2,1', '3131\x1a'), lines('+QFWDSEND: 2,2', 'OK'));
    await one.untilText('11');

    two.socket.write('test, data forward');
    assert.equal(await host.until('"client/read",3\r\n'), lines('+QFWDURC: "client/read",3'));
    assert.equal(
      await host.command('AT+QFWDRECV=3,1024'),
      '\r\n+QFWDRECV: 3,18\r\ntest, data forward\r\n\r\nOK\r\n',
    );

    two.socket.destroy();
    assert.equal(await host.until('close",3\r\n'), lines('+QFWDURC: "client/close",3'));
    assert.equal(await host.command('AT+QFWDSTATE= 1'), lines(state(1, 2, onePort), 'OK'));
    assert.equal(await host.command('AT+QFWDCLOSE=2'), OK);
    await one.ended;
    assert.equal(await host.command('AT+QFWDSTATE=1'), OK);
    assert.equal(host.pending, '');
  });

  it('list servers and clients', async () => {
    const { host, peer, port } = await connected();
    assert.equal(await host.command('AT+QFWDSEVER?'), lines(`+QFWDSEVER: 1,"tcp",${port},"usbat"`, 'OK'));
    await host.command(`AT+QFWDCLIENT=0,9,"IP","tcp","localhost",${port},"usbmodem"`);
    await host.urc('client/incoming');
    const clients = await host.command('AT+QFWDCLIENT?');
    const own = /\+QFWDCLIENT: 9,.*,"127.0.0.1",(\d+),"usbmodem"/.exec(clients)?.[1];
    const income = (id: number, from: number | undefined) =>
      `+QFWDCLIENT: ${id},"income","tcp","127.0.0.1",${from},"0.0.0.0",${port},"usbat"`;
    assert.equal(
      clients,
      lines(
        income(2, peer.port),
        income(3, Number(own)),
        `+QFWDCLIENT: 9,"active","tcp","127.0.0.1",${port},"127.0.0.1",${own},"usbmodem"`,
        'OK',
      ),
    );
  });

  it('reject arguments out of range', async () => {
    const { host } = await connected();
    const wrong = [
      'QFWDSEVER=17,5,"IP","tcp",2020,5,60,"usbat"',
      'QFWDSEVER=0,0,"IP","tcp",2020,5,60,"usbat"',
      'QFWDSEVER=0,65536,"IP","tcp",2020,5,60,"usbat"',
      'QFWDSEVER=0,5,"IPV5","tcp",2020,5,60,"usbat"',
      'QFWDSEVER=0,5,IP,"tcp",2020,5,60,"usbat"',
      'QFWDSEVER=0,5,"IP","sctp",2020,5,60,"usbat"',
      'QFWDSEVER=0,5,"IP","tcp",0,5,60,"usbat"',
      'QFWDSEVER=0,5,"IP","tcp",2020,11,60,"usbat"',
      'QFWDSEVER=0,5,"IP","tcp",2020,5,0,"usbat"',
      'QFWDSEVER=0,5,"IP","tcp",2020,5,60,"usb"',
      'QFWDSEVER=0,5,"IP","tcp",2020,5,60,"usbat",1',
      'QFWDSEVER=0,5,"IP","tcp"',
      'QFWDSEVER=0,1,"IP","tcp",2020,5,60,"usbat"',
      'QFWDSEVER=0,2,"IP","tcp",2020,5,60,"usbat"',
      'QFWDCLIENT=0,2,"IP","tcp","127.0.0.1",2020,"usbat"',
      'QFWDCLIENT=0,5,"IP","tcp",127.0.0.1,2020,"usbat"',
      'QFWDCLIENT=0,5,"IP","tcp","127.0.0.1",65536,"usbat"',
      'QFWDSEND=2,2',
      'QFWDSEND=2,0,1025',
      'QFWDSEND=1,0,5',
      'QFWDSEND=99,0,5',
      'QFWDRECV=2,0',
      'QFWDRECV=2,1025',
      'QFWDRECV=2',
      'QFWDRECV=1,10',
      'QFWDRECV=99,10',
      'QFWDACK=1',
      'QFWDSTATE=2',
      'QFWDSTATE',
      'QFWDCLOSE=99',
      'QFWDCLOSE=2,3',
      'QFWDCFG="urc",99',
      'QFWDCFG="urc",2,"com1"',
      'QFWDCFG="x",2',
      'QFWDSEND?',
    ];
    for (const line of wrong) assert.equal(await host.command(`AT+${line}`), ERROR, line);
    assert.equal(host.pending, '');
  });

  it('take the defaults of the manual for what is left out', async () => {
    const { host } = start();
    assert.equal(await host.command(`AT+QFWDSEVER=0,1,"ip","TCP",${await freePort()},5`), OK);
    await host.urc('server/open');
    assert.match(await host.command('AT+QFWDSEVER?'), /,"usbat"\r\n/);
  });

  it('ask and set the URC port', async () => {
    const { module, host, peer } = await connected();
    const modem = new Host(module.attach('usbmodem'));
    assert.equal(await host.command('AT+QFWDCFG="urc",2'), lines('+QFWDCFG: "urc",2,"usbat"', 'OK'));
    assert.equal(await host.command('AT+QFWDCFG="urc",2,"usbmodem"'), OK);
    assert.equal(await host.command('AT+QFWDCFG="urc",2'), lines('+QFWDCFG: "urc",2,"usbmodem"', 'OK'));
    peer.socket.write('x');
    assert.deepEqual(await modem.urc('client/read'), ['2']);
    assert.equal(host.pending, '');
  });

  it('have other names in other firmware', async () => {
    const headings = start({ names: 'headings' }).host;
    await openServer(headings);
    assert.equal(await headings.command('AT+QFWDSSSTATE=1'), OK);
    assert.equal(await headings.command('AT+QFWDSTATE=1'), ERROR);
    assert.equal(await headings.command('AT+QFWDCLOSE=1'), ERROR);
    assert.equal(await headings.command('AT+QFWDSCLOSE=1'), OK);

    const server = start({ names: 'server' }).host;
    assert.equal(await server.command('AT+QFWDSEVER?'), ERROR);
    assert.match(await server.command('AT+QFWDSERVER=?'), /\+QFWDSERVER: \(0-16\)/);
    const port = await freePort();
    assert.equal(await server.command(`AT+QFWDSERVER=0,1,"IP","tcp",${port},5,60,"usbat"`), OK);
    assert.equal(
      await server.command('AT+QFWDSERVER?'),
      lines(`+QFWDSERVER: 1,"tcp",${port},"usbat"`, 'OK').replace(/^/, lines('+QFWDURC: "server/open",1,0')),
    );
  });

  it('may have the arguments of chapter 4', async () => {
    const { host } = start({ args: 'example' });
    const port = await freePort();
    assert.equal(await host.command(`AT+QFWDSEVER=0,1,"IP","tcp",${port},5,60,"usbat"`), ERROR);
    assert.equal(await host.command(`AT+QFWDSEVER= 1,"uninet","ip","tcp",${port},5`), OK);
    assert.deepEqual(await host.urc('server/open'), ['1', '0']);
    const peer = await connectPeer(port);
    await host.urc('client/incoming');
    peer.socket.write('test, data forward');
    await host.urc('client/read');
    assert.match(await host.command('AT+QFWDACK=2'), /\+QFWDACK: 2,0,16384,16384,18,/);
    assert.equal(await host.command('AT+QFWDRECV=2,1024'), ERROR);
    assert.equal(
      await host.command('AT+QFWDACK= 2,1024'),
      '\r\n+QFWDACK: 2,18\r\ntest, data forward\r\n\r\nOK\r\n',
    );
    assert.equal(await host.command('AT+QFWDACK=2,1024'), lines('+QFWDACK: 2,0', 'OK'));
  });

  it('may be missing in a firmware', async () => {
    const { host } = start({ lacks: 'qfwdcfg, QFWDACK' });
    assert.equal(await host.command('AT+QFWDCFG=?'), ERROR);
    assert.equal(await host.command('AT+QFWDACK=?'), ERROR);
    assert.equal(await host.command('AT+QFWDCLOSE=?'), OK);
  });

  it('answer errors as AT+CMEE says', async () => {
    const { host } = start({ cmee: 1 });
    assert.equal(await host.command('AT+QFWDSEND=0'), lines('+CME ERROR: 50'));
    await host.command('AT+CMEE=2');
    assert.equal(await host.command('AT+QFWDSEND=0'), lines('+CME ERROR: Incorrect parameters'));
    assert.equal(await host.command('AT+CMEE?'), lines('+CMEE: 2', 'OK'));
    await host.command('AT+CMEE=0');
    assert.equal(await host.command('AT+QFWDSEND=0'), ERROR);
  });
});
