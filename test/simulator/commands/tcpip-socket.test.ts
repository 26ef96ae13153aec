import assert from 'node:assert/strict';

import { connectPeer, isOpen, tcpServer } from '../../support/peers';
import { ERROR, Host, lines, OK } from '../../support/simulator';
import { activated, incoming, listen, open, outgoing, urc } from '../../support/simulator-tcpip';

/** A client with connect id 0, whose peer does not take all that it was sent. */
async function heldUp() {
  const started = await outgoing({ sendBuffer: 1 << 24 });
  const { clock, host, peer } = started;
  peer.socket.pause();
  host.write('AT+QISWTMD=0,2\r');
  await host.until('CONNECT\r\n');
  host.write(Buffer.alloc(1 << 24));
  await clock.pass(1000);
  host.write('+++');
  await host.until(OK);
  return started;
}

describe('AT+QISTATE', () => {
  it('lists all sockets, those of a context, or one', async () => {
    const { host } = await activated();
    await host.command('AT+QIACT=2');
    await open(host, 3, '"UDP SERVICE","127.0.0.1",7,0,0');
    await host.command('AT+QIOPEN=2,1,"UDP SERVICE","127.0.0.1",0,0,0');
    await host.until('1,0\r\n');
    const ids = async (command: string) =>
      [...(await host.command(command)).matchAll(/QISTATE: (\d+)/g)].map(([, id]) => Number(id));
    assert.deepEqual(await ids('AT+QISTATE?'), [1, 3]);
    assert.deepEqual(await ids('AT+QISTATE'), [1, 3]);
    assert.deepEqual(await ids('AT+QISTATE=0,2'), [1]);
    assert.deepEqual(await ids('AT+QISTATE=0,3'), []);
    assert.deepEqual(await ids('AT+QISTATE=1,3'), [3]);
    assert.deepEqual(await ids('AT+QISTATE=1,4'), []);
    for (const wrong of ['2,1', '1,12', '0,17', '1'])
      assert.equal(await host.command(`AT+QISTATE=${wrong}`), ERROR, wrong);
  });

  it('may tell other states than those that are', async () => {
    const states = async (state: 'true' | 'client-3' | 'listener-4' | 'incoming-4') => {
      const { host } = await incoming({ state });
      const { port } = await tcpServer();
      await open(host, 1, `"TCP","127.0.0.1",${port},0,0`);
      const list = await host.command('AT+QISTATE?');
      return [...list.matchAll(/,(\d),1,\d,0,"usbat"/g)].map(([, told]) => Number(told));
    };
    assert.deepEqual(await states('true'), [3, 2, 2]);
    assert.deepEqual(await states('client-3'), [3, 3, 2]);
    assert.deepEqual(await states('listener-4'), [4, 2, 2]);
    assert.deepEqual(await states('incoming-4'), [3, 2, 4]);
  });

  it('tells the local port in use, the one given, or 0', async () => {
    for (const [stateLocalPort, client, listener] of [
      ['real', /,\d{4,},2,1/, /,\d{4,},3,1/],
      ['configured', /,0,2,1/, /,\d{4,},3,1/],
      ['zero', /,0,2,1/, /,0,3,1/],
    ] as const) {
      const { host } = await outgoing({ stateLocalPort });
      await listen(host, 1);
      assert.match(await host.command('AT+QISTATE=1,0'), client);
      assert.match(await host.command('AT+QISTATE=1,1'), listener);
    }
  });

  it('tells the own id as that of the server, or 0', async () => {
    for (const [stateServer, server] of [
      ['own', 3],
      ['zero', 0],
    ] as const) {
      const { host } = await activated({ stateServer });
      const port = await listen(host, 3);
      await connectPeer(port);
      await host.until(/"incoming",11,3,.*\r\n/);
      assert.match(await host.command('AT+QISTATE=1,3'), new RegExp(`,3,1,${server},0,"usbat"`));
      assert.match(await host.command('AT+QISTATE=1,11'), /,2,1,3,0,"usbat"/);
    }
  });
});

describe('AT+QICLOSE', () => {
  it('of an unused id is OK, or fails', async () => {
    const ok = (await activated()).host;
    assert.equal(await ok.command('AT+QICLOSE=5'), OK);
    const error = (await activated({ closeUnknown: 'error' })).host;
    assert.equal(await error.command('AT+QICLOSE=5'), ERROR);
    for (const wrong of ['12', '0,65536', '0,1,1', ''])
      assert.equal(await ok.command(`AT+QICLOSE=${wrong}`), ERROR, wrong);
  });

  it('delivers what was sent, without a URC', async () => {
    const { clock, host, peer } = await outgoing();
    await host.send('AT+QISEND=0,3', 'bye');
    assert.equal(await host.command('AT+QICLOSE=0'), OK);
    await peer.ended;
    assert.equal(peer.received.toString(), 'bye');
    await clock.quiet();
    assert.equal(host.pending, '');
  });

  it('keeps the port busy while a peer does not take what was sent, up to its timeout', async () => {
    for (const [command, ms] of [
      ['AT+QICLOSE=0,3', 3000],
      ['AT+QICLOSE=0', 10_000],
      ['AT+QICLOSE=0,0', 0],
    ] as const) {
      const { clock, host, peer } = await heldUp();
      const before = clock.now();
      assert.equal(await host.command(command), OK);
      assert.equal(clock.now() - before, ms);
      peer.socket.resume();
      await peer.closed;
      assert.equal(await host.command('AT+QISTATE?'), OK);
    }
  });

  it('reports nothing more of a connection that it closes', async () => {
    const { clock, host, peer } = await heldUp();
    host.write('AT+QICLOSE=0\r');
    await clock.pass(1000);
    peer.socket.write('too late');
    await clock.quiet();
    peer.socket.destroy();
    assert.equal(await host.until(OK), OK);
  });

  it('may always take a while', async () => {
    const { clock, host } = await outgoing({ closeDelay: 5000 });
    const before = clock.now();
    host.write('AT+QICLOSE=0\rAT+CGMM\r');
    await host.until(lines('OK', 'EC25', 'OK'));
    assert.equal(clock.now() - before, 5000);
    const other = await outgoing({ closeDelay: 5000 });
    const start = other.clock.now();
    await other.host.command('AT+QICLOSE=0,1');
    assert.equal(other.clock.now() - start, 1000);
  });

  it('keeps the id in use until it has ended', async () => {
    const { clock, module, host, port } = await incoming({ closeDelay: 5000 });
    const modem = new Host(module.attach('usbmodem'));
    host.write('AT+QICLOSE=11\r');
    await clock.pass(1000);
    await connectPeer(port);
    await host.until(/"incoming",10,0,.*\r\n/);
    assert.match(await modem.command('AT+QISTATE?'), /\+QISTATE: 10,/);
    await host.until(OK);
    await connectPeer(port);
    await host.until(/"incoming",11,0,.*\r\n/);
  });

  it('of a listener frees its port, and leaves its connections, or takes them along', async () => {
    const leaves = await incoming();
    assert.equal(await leaves.host.command('AT+QICLOSE=0'), OK);
    assert.equal(await isOpen(leaves.port), false);
    assert.match(
      await leaves.host.command('AT+QISTATE?'),
      /^\r\n\+QISTATE: 11,"TCP INCOMING",[^\r]*,2,1,0,0,"usbat"\r\n/,
    );
    leaves.peer.socket.write('x');
    await leaves.host.until(urc('"recv",11'));

    const takes = await incoming({ closeListener: 'takes' });
    assert.equal(await takes.host.command('AT+QICLOSE=0'), OK);
    await takes.peer.ended;
    assert.equal(await takes.host.command('AT+QISTATE?'), OK);

    const refused = await incoming({ closeListener: 'refused' });
    assert.equal(await refused.host.command('AT+QICLOSE=0'), ERROR);
    assert.match(await refused.host.command('AT+QIGETERROR'), /: 572,/);
    assert.ok(await isOpen(refused.port));
  });

  it('is not needed with passiveclosed 1', async () => {
    const { host, peer } = await incoming({ qicfg: 'passiveclosed=1' });
    peer.socket.end('bye');
    await host.until(urc('"closed",11'));
    assert.equal(await host.command('AT+QISTATE=1,11'), OK);
    assert.equal(await open(host, 11, '"UDP SERVICE","127.0.0.1",0,0,0'), 0);
  });

  it('may be reported', async () => {
    const { host } = await outgoing({ qicfg: 'close/mode=1' });
    assert.equal(await host.command('AT+QICLOSE=0'), OK);
    await host.until(urc('"closed",0'));
  });
});
