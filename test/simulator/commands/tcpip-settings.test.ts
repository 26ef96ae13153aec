import assert from 'node:assert/strict';

import { ERROR, lines, OK, start } from '../../support/simulator';
import { activated, outgoing } from '../../support/simulator-tcpip';

const tcpip = { family: 'tcpip' } as const;

describe('AT+QICFG', () => {
  it('reads back what it sets, until a restart', async () => {
    const { module, host } = start({ ...tcpip, qicfg: 'viewmode=1' });
    for (const [key, initial, other] of [
      ['transpktsize', '1024', '1460'],
      ['tcp/keepalive', '0', '1,2,30,3'],
      ['dataformat', '0,0', '1,1'],
      ['viewmode', '1', '0'],
      ['recvind', '0', '1'],
      ['udp/readmode', '0', '1'],
      ['sendinfo', '0', '1'],
      ['TCP/SendMode', '0', '4'],
      ['passiveclosed', '0', '1'],
      ['close/mode', '0', '1'],
      ['qisend/timeout', '120', '5'],
    ] as const) {
      assert.equal(await host.command(`AT+QICFG="${key}"`), lines(`+QICFG: "${key}",${initial}`, 'OK'));
      assert.equal(await host.command(`AT+QICFG="${key}",${other}`), OK);
      assert.equal(await host.command(`AT+QICFG="${key}"`), lines(`+QICFG: "${key}",${other}`, 'OK'));
    }
    await module.reboot();
    await host.until('SMS DONE\r\n');
    await host.command('ATE0');
    assert.equal(await host.command('AT+QICFG="viewmode"'), lines('+QICFG: "viewmode",1', 'OK'));
    assert.equal(await host.command('AT+QICFG="recvind"'), lines('+QICFG: "recvind",0', 'OK'));
  });

  it('rejects other keys and values', async () => {
    const { host } = start(tcpip);
    for (const wrong of [
      '"viewmode",2',
      '"dataformat",1',
      '"viewmode",0,0',
      '"viewmode",x',
      '"view"',
      'viewmode',
    ])
      assert.equal(await host.command(`AT+QICFG=${wrong}`), ERROR, wrong);
    await host.command('AT+QICFG="view"');
    assert.match(await host.command('AT+QIGETERROR'), /: 555,/);
  });

  it('lacks keys that the firmware does not have', async () => {
    const { host } = start({ ...tcpip, lacks: 'QICFG/recvind, QISENDEX' });
    assert.equal(await host.command('AT+QICFG="recvind"'), ERROR);
    assert.equal(await host.command('AT+QICFG="recvind",1'), ERROR);
    assert.equal(await host.command('AT+QICFG="viewmode",1'), OK);
    assert.doesNotMatch(await host.command('AT+QICFG=?'), /recvind/);
    assert.equal(await host.command('AT+QISENDEX=?'), ERROR);
  });

  it('lists its keys', async () => {
    const answer = await start(tcpip).host.command('AT+QICFG=?');
    assert.match(answer, /\r\n\+QICFG: "dataformat",\(0,1\),\(0,1\)\r\n/);
    assert.match(answer, /\r\n\+QICFG: "transpktsize",\(1-1460\)\r\n/);
  });
});

describe('the errors of TCP/IP commands', () => {
  it('are ERROR, whatever AT+CMEE says, or numbers and texts', async () => {
    const bare = (await activated({ cmee: 1 })).host;
    assert.equal(await bare.command('AT+QIRD=0'), ERROR);
    assert.equal(await bare.command('AT+QICSGP=99'), ERROR);
    const cme = (await activated({ cmee: 1, tcpipErrors: 'cme' })).host;
    assert.equal(await cme.command('AT+QIRD=0'), lines('+CME ERROR: 567'));
    assert.equal(await cme.command('AT+QIRD=99'), lines('+CME ERROR: 552'));
    await cme.command('AT+CMEE=2');
    assert.equal(await cme.command('AT+QIRD=0'), lines('+CME ERROR: socket has been closed'));
    await cme.command('AT+CMEE=0');
    assert.equal(await cme.command('AT+QIRD=0'), ERROR);
  });

  it('are told of the last of them', async () => {
    const { host } = await outgoing();
    await host.command('AT+QIRD=5');
    assert.equal(await host.command('AT+QIGETERROR'), lines('+QIGETERROR: 567,socket has been closed', 'OK'));
    await host.command('AT+FOO');
    assert.equal(await host.command('AT+QIGETERROR'), lines('+QIGETERROR: 567,socket has been closed', 'OK'));
    await host.command('AT+QIRD=0');
    assert.equal(await host.command('AT+QIGETERROR'), lines('+QIGETERROR: 0,operate successfully', 'OK'));
  });
});
