import assert from 'node:assert/strict';
import { once } from 'node:events';

import { connectPeer, isOpen } from '../support/peers';
import { connected, ERROR, Host, lines, OK, openServer, start } from '../support/simulator';

const BOOT = ['RDY', '+CFUN: 1', '+CPIN: READY', '+QUSIM: 1', '+QIND: PB DONE', '+QIND: SMS DONE'];

describe('simulated module', () => {
  it('keeps running when a host is disconnected', async () => {
    const { module, host, peer } = await connected();
    host.stream.destroy();
    peer.socket.write('unheard');
    await once(module, 'sent');
    const next = new Host(module.attach());
    assert.equal(await next.command('AT+QFWDRECV=2,100'), '\r\n+QFWDRECV: 2,7\r\nunheard\r\n\r\nOK\r\n');
  });

  it('stays in the data phase while the host is disconnected', async () => {
    const { module, host, peer } = await connected();
    host.write('AT+QFWDSEND=2,0,4\r');
    await host.until('> ');
    host.write('ab');
    module.unplug();
    const next = new Host(module.attach());
    next.write('cd');
    assert.equal(await next.until('OK\r\n'), lines('+QFWDSEND: 2,4', 'OK'));
    await peer.untilText('abcd');
  });

  it('disconnects a host when another opens its port', async () => {
    const { module, host } = start();
    const closed = once(host.stream, 'close');
    const next = new Host(module.attach());
    await closed;
    assert.equal(await next.command('AT'), OK);
  });

  it('shares sockets between ports, but neither echo nor command line', async () => {
    const { module, host } = await connected();
    const modem = new Host(module.attach('usbmodem'));
    await modem.command('ATE1');
    host.write('AT+QFWD');
    assert.equal(
      await modem.command('AT+QFWDACK=2'),
      `AT+QFWDACK=2\r${lines('+QFWDACK: 2,0,16384,16384,0,16384,16384', 'OK')}`,
    );
    assert.equal(await host.command('ACK=9'), ERROR);
  });

  it('reboots: no sockets, echo on, URCs, and the QFWD commands later', async () => {
    const { clock, module, host, peer, port } = await connected({ echo: true, apDelay: 20_000 });
    await host.command('ATE0');
    await module.reboot();
    await peer.ended;
    await host.until(lines(...BOOT));
    assert.equal(await host.command('AT+QFWDCLIENT?'), `AT+QFWDCLIENT?\r${ERROR}`);
    await clock.pass(20_000);
    for (const list of ['AT+QFWDCLIENT?', 'AT+QFWDSEVER?'])
      assert.equal(await host.command(list), `${list}\r${OK}`);
    assert.equal(await isOpen(port), false);
  });

  it('ignores all input while it reboots, and drops the command in progress', async () => {
    const { module, host } = await connected({ bootDelay: 3000 });
    host.write('AT+QFWDSEND=2,0,4\r');
    await host.until('> ');
    host.write('AT');
    const booted = module.reboot();
    host.write('AT+CGMM\r');
    await booted;
    assert.equal(await host.until('SMS DONE\r\n'), lines(...BOOT));
    assert.equal(await host.command('AT'), OK);
    assert.ok(!module.commands.includes('AT+CGMM'));
  });

  it('reboots by AT+CFUN=1,1', async () => {
    const { host } = start({ pin: '1234' });
    assert.equal(await host.command('AT+CFUN=1,1'), OK);
    await host.until(lines('RDY', '+CFUN: 1', '+CPIN: SIM PIN'));
  });

  it('sends other URCs to the port of AT+QURCCFG', async () => {
    const { module, host } = start({ urcPort: 'uart1' });
    const uart = new Host(module.attach('uart1'));
    module.urc('+CPIN: NOT READY');
    await uart.until(lines('+CPIN: NOT READY'));
    assert.equal(await uart.command('AT+QURCCFG="urcport","usbat"'), OK);
    module.urc('RING');
    await host.until(lines('RING'));
    assert.equal(await host.command('AT+QURCCFG="urcport"'), lines('+QURCCFG: "urcport","usbat"', 'OK'));
  });

  it('transfers megabytes in both directions at once', async () => {
    const { host, peer } = await connected();
    const body = Buffer.alloc(1024, '0123456789abcdef');
    const rounds = 1024;
    let received = 0;
    peer.socket.on('data', (bytes: Buffer) => (received += bytes.length));
    peer.socket.write(Buffer.alloc(rounds * 1024, 'x'));
    let read = 0;
    for (let round = 0; round < rounds || read < rounds * 1024; round++) {
      if (round < rounds) await host.send('AT+QFWDSEND=2,0,1024', body);
      host.write('AT+QFWDRECV=2,1024\r');
      read += Number(/: 2,(\d+)\r\n/.exec(await host.until(/\+QFWDRECV: 2,\d+\r\n(x*\r\n)?\r\nOK\r\n/))?.[1]);
    }
    assert.equal(read, rounds * 1024);
    while (received < rounds * 1024) await once(peer.socket, 'data');
  });

  it('limits the speed of its line', async () => {
    const { clock, host } = start({ baud: 9600 });
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
    const bytes = 'AT+CGMM\r'.length + lines('EC25', 'OK').length;
    const took = clock.now() - (bytes * 10_000) / 9600;
    assert.ok(Math.abs(took) <= 1, `it is off by ${took} ms`);
  });

  it('makes a host wait that writes without a pause', async () => {
    const { host } = start({ answerDelay: 1 });
    const flood = Buffer.from('AT\r'.repeat(10_000));
    let waited = false;
    for (let times = 0; times < 10; times++) waited = !host.stream.write(flood) || waited;
    assert.ok(waited);
    assert.ok(host.stream.writableLength > 0);
    await host.until(OK);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const { module, host } = start();
    const port = await openServer(host);
    await connectPeer(port);
    await host.urc('client/incoming');
    await module.powerOff();
    assert.ok(host.stream.destroyed);
    await openServerOn(port);
  });
});

/** The port must be free for a module that comes after. */
async function openServerOn(port: number): Promise<void> {
  const { host } = start();
  await host.command(`AT+QFWDSEVER=0,1,"IP","tcp",${port},5,60,"usbat"`);
  assert.deepEqual(await host.urc('server/open'), ['1', '0']);
}
