import assert from 'node:assert/strict';

import { freePort } from '../../support/free-port';
import { tcpServer } from '../../support/peers';
import { ERROR, lines, OK } from '../../support/simulator';
import { activated, block, incoming, open, urc } from '../../support/simulator-tcpip';

const CONNECT = lines('CONNECT');

/** A TCP client in transparent mode, with connect id 0. */
async function transparent() {
  const started = await activated();
  const { host } = started;
  const server = await tcpServer();
  host.write(`AT+QIOPEN=1,0,"TCP","127.0.0.1",${server.port},0,2\r`);
  assert.equal(await host.until('CONNECT\r\n'), CONNECT);
  return { ...started, peer: await server.peers.next() };
}

/** The host leaves the data of the connection. */
async function escape({ clock, host }: Awaited<ReturnType<typeof transparent>>): Promise<void> {
  await clock.pass(1000);
  host.write('+++');
  assert.equal(await host.until('OK\r\n'), OK);
}

describe('transparent mode', () => {
  it('carries data both ways', async () => {
    const { host, peer } = await transparent();
    host.write('AT+CGMM\r\x1a\x1b+++');
    await peer.untilText('AT+CGMM\r\x1a\x1b+++');
    peer.socket.write('\r\nOK\r\n');
    assert.equal(await host.until('OK\r\n'), '\r\nOK\r\n');
  });

  it('carries more than a send buffer takes', async () => {
    const { host, peer } = await transparent();
    host.write(Buffer.alloc(1 << 20, 'x'));
    await peer.until(1 << 20);
  });

  it('is left by +++ between silences, and resumed by ATO', async () => {
    const started = await transparent();
    const { host, peer } = started;
    await escape(started);
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
    assert.match(await host.command('AT+QISTATE?'), /,2,1,0,0,"usbat"/);
    peer.socket.write('hello');
    await host.until(urc('"recv",0'));
    assert.equal(await host.command('AT+QIRD=0,2'), block('2', 'he'));
    host.write('ATO\r');
    await host.until(`${CONNECT}llo`);
    host.write('hi');
    await peer.untilText('hi');
    await escape(started);
    host.write('AT+QISWTMD=0,2\r');
    assert.equal(await host.until('CONNECT\r\n'), CONNECT);
  });

  it('ends with NO CARRIER', async () => {
    const { host, peer } = await transparent();
    peer.socket.end('bye');
    assert.equal(await host.until('CARRIER\r\n'), `bye${lines('NO CARRIER')}`);
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
    assert.equal(await host.command('ATO'), ERROR);
    assert.match(await host.command('AT+QISTATE?'), /,4,1,0,2,"usbat"/);
  });

  it('says CONNECT before anything else, even of a peer that has gone already', async () => {
    const { host } = await activated({ answerDelay: 50 });
    const server = await tcpServer();
    host.write(`AT+QIOPEN=1,0,"TCP","127.0.0.1",${server.port},0,2\r`);
    (await server.peers.next()).socket.end('bye');
    assert.equal(await host.until('CARRIER\r\n'), `${CONNECT}bye${lines('NO CARRIER')}`);
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
  });

  it('holds URCs of others until it ends', async () => {
    const started = await transparent();
    started.module.urc('RING');
    await started.clock.quiet();
    assert.equal(started.host.pending, '');
    await escape(started);
    await started.host.until(lines('RING'));
  });

  it('is for clients, and fails at once', async () => {
    const { host } = await activated();
    assert.equal(await host.command(`AT+QIOPEN=1,0,"TCP","127.0.0.1",${await freePort()},0,2`), ERROR);
    assert.match(await host.command('AT+QIGETERROR'), /: 566,/);
    await open(host, 0, '"UDP SERVICE","127.0.0.1",0,0,0');
    assert.equal(await host.command('AT+QISWTMD=1,2'), ERROR);
  });
});

describe('AT+QISWTMD', () => {
  it('switches between buffer and push mode', async () => {
    const { host, peer } = await incoming();
    assert.equal(await host.command('AT+QISWTMD=11,1'), OK);
    peer.socket.write('hi');
    await host.until('\r\n+QIURC: "recv",11,2\r\nhi\r\n');
    assert.equal(await host.command('AT+QISWTMD=11,0'), OK);
    peer.socket.write('hi');
    await host.until(urc('"recv",11'));
    for (const wrong of ['5,0', '11,3', '11'])
      assert.equal(await host.command(`AT+QISWTMD=${wrong}`), ERROR, wrong);
  });
});
