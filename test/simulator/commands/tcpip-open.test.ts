import assert from 'node:assert/strict';

import { freePort } from '../../support/free-port';
import { connectPeer, tcpServer } from '../../support/peers';
import { ERROR, Host, lines, OK, start } from '../../support/simulator';
import { activated, incoming, listen, open, outgoing, urc } from '../../support/simulator-tcpip';

const SERVICE = '"UDP SERVICE","127.0.0.1",0,0,0';

describe('AT+QIOPEN', () => {
  it('rejects wrong parameters at once', async () => {
    const { host } = await activated();
    for (const wrong of [
      '0,0,"TCP","127.0.0.1",80,0,0',
      '17,0,"TCP","127.0.0.1",80,0,0',
      '1,12,"TCP","127.0.0.1",80,0,0',
      '1,0,"SCTP","127.0.0.1",80,0,0',
      '1,0,"TCP",127.0.0.1,80,0,0',
      '1,0,"TCP","127.0.0.1",65536,0,0',
      '1,0,"TCP","127.0.0.1",0,0,0',
      '1,0,"TCP","127.0.0.1",80,65536,0',
      '1,0,"TCP","127.0.0.1",80,0,3',
      '1,0,"TCP LISTENER","127.0.0.1",0,8080,2',
      '1,0,"TCP LISTENER","0.0.0.0",0,8080,0',
      '1,0,"TCP","127.0.0.1",80,0,0,1',
      '1,0,"TCP"',
    ]) {
      assert.equal(await host.command(`AT+QIOPEN=${wrong}`), ERROR, wrong);
      assert.match(await host.command('AT+QIGETERROR'), /: 552,invalid parameters\r\n/);
    }
    assert.equal(host.pending, '');
  });

  it('reports what fails as a URC', async () => {
    const { host } = await activated();
    const unused = await freePort();
    assert.equal(await open(host, 0, `"TCP","127.0.0.1",${unused},0,0`), 566);
    assert.equal(await open(host, 0, '"TCP","192.0.2.1",80,0,0'), 566);
    assert.equal(await open(host, 0, '"TCP","name.example",80,0,0'), 565);
    const taken = await listen(host, 1);
    assert.equal(await open(host, 0, `"TCP LISTENER","127.0.0.1",0,${taken},0`), 556);
    assert.equal(await open(host, 1, SERVICE), 563);
    assert.equal(await host.command('AT+QISTATE=1,0'), OK);
    assert.equal(await open(host, 0, SERVICE), 0);
  });

  it('without an active context fails, or activates it', async () => {
    const fails = start({ family: 'tcpip' }).host;
    assert.equal(await open(fails, 0, SERVICE), 561);
    assert.match(await fails.command('AT+QIGETERROR'), /: 561,/);
    const activates = start({ family: 'tcpip', withoutContext: 'activates' }).host;
    assert.equal(await open(activates, 0, SERVICE), 0);
    assert.match(await activates.command('AT+QIACT?'), /\+QIACT: 1,1,1/);
    const denied = start({ family: 'tcpip', withoutContext: 'activates', registration: 'denied' }).host;
    assert.equal(await open(denied, 0, SERVICE), 561);
  });

  it('may end with an error when it cannot start', async () => {
    const inactive = start({ family: 'tcpip', openRefused: 'error' }).host;
    assert.equal(await inactive.command(`AT+QIOPEN=1,0,${SERVICE}`), ERROR);
    assert.match(await inactive.command('AT+QIGETERROR'), /: 561,/);
    const { host } = await activated({ openRefused: 'error' });
    assert.equal(await open(host, 0, SERVICE), 0);
    assert.equal(await host.command(`AT+QIOPEN=1,0,${SERVICE}`), ERROR);
    assert.match(await host.command('AT+QIGETERROR'), /: 563,/);
    assert.equal(await open(host, 1, `"TCP","127.0.0.1",${await freePort()},0,0`), 566);
  });

  it('may keep the id when it fails', async () => {
    const { host } = await activated({ failedOpen: 'keeps' });
    assert.equal(await open(host, 0, `"TCP","127.0.0.1",${await freePort()},0,0`), 566);
    assert.equal(await open(host, 0, SERVICE), 563);
    await host.command('AT+QICLOSE=0');
    assert.equal(await open(host, 0, SERVICE), 0);
  });

  it('may report before OK', async () => {
    const { host } = await activated({ openOrder: 'urc-first' });
    assert.equal(await host.command(`AT+QIOPEN=1,0,${SERVICE}`), lines('+QIOPEN: 0,0', 'OK'));
  });

  it('may take a while, in which the id is in use and can be closed', async () => {
    const { clock, host } = await activated({ openDelay: 30_000 });
    const { port } = await tcpServer();
    const before = clock.now();
    const command = `AT+QIOPEN=1,0,"TCP","127.0.0.1",${port},0,0`;
    assert.equal(await host.command(command), OK);
    assert.equal(
      await host.command('AT+QISTATE?'),
      lines(`+QISTATE: 0,"TCP","127.0.0.1",${port},0,1,1,0,0,"usbat"`, 'OK'),
    );
    assert.equal(await host.command('AT+QIRD=0'), ERROR);
    assert.equal(await host.command('AT+QISEND=0,1'), ERROR);
    assert.equal(await open(host, 0, SERVICE), 563);
    assert.equal(await host.until('0,0\r\n'), lines('+QIOPEN: 0,0'));
    assert.equal(clock.now() - before, 30_000);
    await host.command('AT+QICLOSE=0');
    await host.command(command);
    await clock.pass(20_000);
    assert.equal(await host.command('AT+QICLOSE=0'), OK);
    const again = clock.now();
    assert.equal(await open(host, 0, SERVICE), 0);
    assert.equal(clock.now() - again, 30_000);
    assert.equal(host.pending, '');
  });

  it('may not be closed meanwhile, but ends with its context', async () => {
    const { clock, host } = await activated({ openDelay: 30_000, closeListener: 'refused' });
    await host.command(`AT+QIOPEN=1,0,${SERVICE}`);
    assert.equal(await host.command('AT+QICLOSE=0'), ERROR);
    assert.match(await host.command('AT+QIGETERROR'), /: 572,/);
    assert.equal(await host.command('AT+QIDEACT=1'), OK);
    await clock.pass(30_000);
    assert.equal(await host.command('AT+QISTATE?'), OK);
  });

  it('fails with 552 once the stack is stuck, until a restart', async () => {
    const { module, host } = await activated({ opensUntilStuck: 2 });
    assert.equal(await open(host, 0, SERVICE), 0);
    assert.equal(await open(host, 1, SERVICE), 0);
    assert.equal(await open(host, 2, SERVICE), 552);
    await host.command('AT+QIDEACT=1');
    await host.command('AT+QIACT=1');
    assert.equal(await host.command('AT+QIGETERROR'), lines('+QIGETERROR: 0,operate successfully', 'OK'));
    assert.equal(await open(host, 2, SERVICE), 552);
    await module.reboot();
    await host.until('SMS DONE\r\n');
    await host.command('ATE0');
    await host.command('AT+QIACT=1');
    assert.equal(await open(host, 2, SERVICE), 0);
  });

  it('takes the local port of a client', async () => {
    const { host } = await activated();
    const server = await tcpServer();
    const local = await freePort();
    assert.equal(await open(host, 0, `"TCP","127.0.0.1",${server.port},${local},0`), 0);
    assert.equal((await server.peers.next()).socket.remotePort, local);
    assert.equal(await open(host, 1, `"UDP","127.0.0.1",${server.port},${local},0`), 0);
    assert.match(
      await host.command('AT+QISTATE=1,1'),
      new RegExp(`"UDP","127.0.0.1",${server.port},${local},2,`),
    );
  });

  it('opens clients and listeners over IPv6', async () => {
    const { host } = await activated();
    const port = await freePort('::1');
    assert.equal(await open(host, 0, `"TCP LISTENER","::1",0,${port},0`), 0);
    assert.equal(await open(host, 1, `"TCP","::1",${port},0,0`), 0);
    assert.match(
      await host.command('AT+QISTATE?'),
      new RegExp(`\\+QISTATE: 11,"TCP INCOMING","::1",\\d+,${port},2,`),
    );
  });

  it('without a mode takes buffer mode, or push mode', async () => {
    for (const [modeLeftOut, mode] of [
      ['buffer', 0],
      ['push', 1],
    ] as const) {
      const { host } = await activated({ modeLeftOut });
      assert.equal(await open(host, 0, '"UDP SERVICE","127.0.0.1",0'), 0);
      assert.match(await host.command('AT+QISTATE?'), new RegExp(`,2,1,0,${mode},"usbat"`));
    }
  });

  it('reports on the port of AT+QURCCFG, or on its own', async () => {
    const setting = await activated({ urcPort: 'usbmodem' });
    const modem = new Host(setting.module.attach('usbmodem'));
    await setting.host.command(`AT+QIOPEN=1,0,${SERVICE}`);
    await modem.until(lines('+QIOPEN: 0,0'));
    assert.match(await setting.host.command('AT+QISTATE?'), /"usbmodem"/);
    await setting.host.command('AT+QURCCFG="urcport","usbat"');
    assert.equal(await open(setting.host, 1, SERVICE), 0);

    const opener = await activated({ urcPort: 'usbmodem', urcFollows: 'opener' });
    assert.equal(await open(opener.host, 0, SERVICE), 0);
    assert.match(await opener.host.command('AT+QISTATE?'), /"usbat"/);
  });

  it('never reports a client that was closed meanwhile', async () => {
    const { clock, host } = await activated();
    const { port } = await tcpServer();
    host.write(`AT+QIOPEN=1,0,"TCP","127.0.0.1",${port},0,0\rAT+QICLOSE=0\r`);
    await clock.quiet();
    assert.ok(['', lines('+QIOPEN: 0,0')].includes(host.pending.replaceAll(OK, '')), host.pending);
    assert.equal(await open(host, 0, SERVICE), 0);
  });
});

describe('a listener', () => {
  it('gives its connections the highest free id, or the lowest', async () => {
    const downward = await incoming();
    assert.match(await downward.host.command('AT+QISTATE?'), /\+QISTATE: 11,"TCP INCOMING"/);
    const lowest = await incoming({ incomingIds: 'lowest' });
    assert.match(await lowest.host.command('AT+QISTATE?'), /\+QISTATE: 1,"TCP INCOMING"/);
  });

  it('uses an id again after it was closed', async () => {
    const { host, peer, port } = await incoming();
    await host.command('AT+QICLOSE=11');
    await peer.closed;
    await connectPeer(port);
    await host.until('"incoming",11,0');
  });

  it('gives its connections its own mode, or buffer mode', async () => {
    const inherited = await incoming({}, 1);
    inherited.peer.socket.write('hi');
    await inherited.host.until('\r\n+QIURC: "recv",11,2\r\nhi\r\n');
    const buffer = await incoming({ incomingMode: 'buffer' }, 1);
    buffer.peer.socket.write('hi');
    await buffer.host.until(urc('"recv",11'));
  });
});

describe('a client', () => {
  it('in push mode gets what comes with its result, after it', async () => {
    const { host, peer } = await outgoing({}, 1);
    peer.socket.write('a'.repeat(1501));
    assert.equal(
      await host.until('1\r\na\r\n'),
      urc(`"recv",0,1500\r\n${'a'.repeat(1500)}`) + urc('"recv",0,1\r\na'),
    );
  });
});
