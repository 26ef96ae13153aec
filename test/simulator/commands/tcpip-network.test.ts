import assert from 'node:assert/strict';

import { ERROR, lines, OK, start } from '../../support/simulator';
import { activated, urc } from '../../support/simulator-tcpip';

describe('AT+QIDNSGIP', () => {
  it('reports the address of a name', async () => {
    const { host } = await activated();
    assert.equal(await host.command('AT+QIDNSGIP=1,"localhost"'), OK);
    assert.equal(await host.until('1"\r\n'), urc('"dnsgip",0,1,300') + urc('"dnsgip","127.0.0.1"'));
    assert.equal(await host.command('AT+QIDNSGIP=1,"name.example"'), OK);
    assert.equal(await host.until('565\r\n'), urc('"dnsgip",565'));
  });

  it('may leave out how long that is valid', async () => {
    const { host } = await activated({ dnsTtl: false });
    await host.command('AT+QIDNSGIP=1,"192.0.2.1"');
    assert.equal(await host.until('1"\r\n'), urc('"dnsgip",0,1') + urc('"dnsgip","192.0.2.1"'));
  });
});

describe('AT+QPING', () => {
  it('reports each answer, and the sum of them', async () => {
    const { host } = await activated();
    assert.equal(await host.command('AT+QPING=1,"127.0.0.1",4,2'), OK);
    const answer = '+QPING: 0,"127.0.0.1",32,1,255';
    assert.equal(await host.until('1,1,1\r\n'), lines(answer, answer, '+QPING: 0,2,2,0,1,1,1'));
  });

  it('reaches only this host', async () => {
    const { host } = await activated();
    await host.command('AT+QPING=1,"192.0.2.1"');
    assert.equal(await host.until('569\r\n'), lines('+QPING: 569'));
    await host.command('AT+QPING=1,"name.example"');
    assert.equal(await host.until('565\r\n'), lines('+QPING: 565'));
  });
});

describe('AT+QNTP', () => {
  it('reports the time', async () => {
    const { host } = await activated();
    assert.equal(await host.command('AT+QNTP=1,"localhost"'), OK);
    await host.until(/^\r\n\+QNTP: 0,"\d{4}\/\d\d\/\d\d,\d\d:\d\d:\d\d\+00"\r\n$/);
    await host.command('AT+QNTP=1,"name.example",123');
    assert.equal(await host.until('565\r\n'), lines('+QNTP: 565'));
  });
});

describe('AT+QIDNSCFG', () => {
  it('tells and sets the servers for names', async () => {
    const { host } = await activated();
    assert.equal(await host.command('AT+QIDNSCFG=1'), lines('+QIDNSCFG: 1,"127.0.0.53","127.0.0.53"', 'OK'));
    assert.equal(await host.command('AT+QIDNSCFG=1,"192.0.2.1","192.0.2.2"'), OK);
    assert.equal(await host.command('AT+QIDNSCFG=1'), lines('+QIDNSCFG: 1,"192.0.2.1","192.0.2.2"', 'OK'));
  });
});

describe('commands of the network', () => {
  it('need an active context', async () => {
    const { host } = start({ family: 'tcpip' });
    for (const command of [
      'QIDNSCFG=1',
      'QIDNSGIP=1,"localhost"',
      'QPING=1,"127.0.0.1"',
      'QNTP=1,"localhost"',
    ])
      assert.equal(await host.command(`AT+${command}`), ERROR, command);
  });
});
