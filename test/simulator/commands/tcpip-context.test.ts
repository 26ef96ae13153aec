import assert from 'node:assert/strict';

import { ERROR, lines, OK, start } from '../../support/simulator';
import { activated, incoming, listen, open, urc } from '../../support/simulator-tcpip';

const tcpip = { family: 'tcpip' } as const;

describe('AT+QICSGP', () => {
  it('defines a context, until a restart', async () => {
    const { module, host } = start({ ...tcpip, contexts: 7 });
    assert.equal(await host.command('AT+QICSGP=1'), lines('+QICSGP: 1,"","","",0', 'OK'));
    assert.equal(await host.command('AT+QICSGP=1,3,"apn","user","pwd",2'), OK);
    assert.equal(await host.command('AT+QICSGP=1'), lines('+QICSGP: 3,"apn","user","pwd",2', 'OK'));
    assert.equal(await host.command('AT+QICSGP=2,2,"apn"'), OK);
    assert.equal(await host.command('AT+QICSGP=2'), lines('+QICSGP: 2,"apn","","",0', 'OK'));
    for (const wrong of ['8', '0', '1,4,"apn"', '1,1,apn', '1,1,"apn","","",4', '1,1,"apn","","",0,0'])
      assert.equal(await host.command(`AT+QICSGP=${wrong}`), ERROR, wrong);
    await module.reboot();
    await host.until('SMS DONE\r\n');
    await host.command('ATE0');
    assert.equal(await host.command('AT+QICSGP=1'), lines('+QICSGP: 1,"","","",0', 'OK'));
  });
});

describe('AT+QIACT', () => {
  it('lists active contexts with their addresses', async () => {
    const { host } = start(tcpip);
    await host.command('AT+QICSGP=2,2,"six"');
    await host.command('AT+QICSGP=3,3,"both"');
    for (const id of [3, 1, 2]) assert.equal(await host.command(`AT+QIACT=${id}`), OK);
    assert.equal(
      await host.command('AT+QIACT?'),
      lines(
        '+QIACT: 1,1,1,"10.0.0.1"',
        '+QIACT: 2,1,2,"2001:db8::2"',
        '+QIACT: 3,1,3,"10.0.0.3","2001:db8::3"',
        'OK',
      ),
    );
    assert.equal(await host.command('AT+QIDEACT=1'), OK);
    assert.equal(await host.command('AT+QIDEACT=2'), OK);
    assert.match(await host.command('AT+QIACT?'), /^\r\n\+QIACT: 3,[^\r]*\r\n\r\nOK\r\n$/);
  });

  it('of an active context fails, or is OK', async () => {
    const error = (await activated()).host;
    assert.equal(await error.command('AT+QIACT=1'), ERROR);
    assert.equal(await error.command('AT+QIGETERROR'), lines('+QIGETERROR: 550,unknown error', 'OK'));
    const ok = (await activated({ activateTwice: 'ok' })).host;
    assert.equal(await ok.command('AT+QIACT=1'), OK);
  });

  it('is limited in number', async () => {
    const { host } = await activated({ activeContexts: 1 });
    assert.equal(await host.command('AT+QIACT=2'), ERROR);
    assert.equal(await host.command('AT+QIGETERROR'), lines('+QIGETERROR: 572,operation not allowed', 'OK'));
  });

  it('needs a network', async () => {
    const { host } = start({ ...tcpip, registration: 'denied' });
    assert.equal(await host.command('AT+QIACT=1'), ERROR);
    assert.equal(await host.command('AT+QIACT?'), OK);
  });

  it('keeps the port busy meanwhile', async () => {
    const { clock, host } = start({ ...tcpip, activateDelay: 30_000 });
    host.write('AT+QIACT=1\rAT+CGMM\r');
    assert.equal(await host.until('EC25\r\n\r\nOK\r\n'), lines('OK', 'EC25', 'OK'));
    assert.equal(clock.now(), 30_000);
  });
});

describe('AT+QIACTEX', () => {
  it('reports its result as a URC', async () => {
    const { clock, host } = start({ ...tcpip, activateAsync: true, activateDelay: 5000 });
    assert.equal(await host.command('AT+QIACTEX=1'), OK);
    assert.equal(await host.command('AT+QIACT?'), OK);
    assert.equal(await host.until('1,0\r\n'), lines('+QIACTEX: 1,0'));
    assert.equal(clock.now(), 5000);
    assert.match(await host.command('AT+QIACT?'), /\+QIACT: 1,1,1/);
    await host.command('AT+QIACTEX=1,1');
    assert.equal(await host.until('1,550\r\n'), lines('+QIACTEX: 1,550'));
    await host.command('AT+QIDEACTEX=1');
    assert.equal(await host.until('1,0\r\n'), lines('+QIDEACTEX: 1,0'));
    assert.equal(await host.command('AT+QIACT?'), OK);
  });

  it('is missing in other modules', async () => {
    const { host } = start(tcpip);
    assert.equal(await host.command('AT+QIACTEX=1'), ERROR);
  });
});

describe('AT+QIDEACT', () => {
  it('ends the sockets of its context', async () => {
    const { host, peer } = await incoming();
    await host.command('AT+QIACT=2');
    await host.command('AT+QIOPEN=2,5,"UDP SERVICE","127.0.0.1",0,0,0');
    await host.until('5,0\r\n');
    assert.equal(await host.command('AT+QIDEACT=1'), OK);
    await peer.closed;
    assert.match(await host.command('AT+QISTATE?'), /^\r\n\+QISTATE: 5,[^\r]*\r\n\r\nOK\r\n$/);
    assert.equal(host.pending, '');
  });
});

describe('a context that is lost', () => {
  it('is reported; its ids have to be closed', async () => {
    const { module, host, peer } = await incoming();
    module.loseContext(1);
    assert.equal(await host.until('1\r\n'), urc('"pdpdeact",1'));
    await peer.closed;
    assert.equal(await host.command('AT+QIACT?'), OK);
    assert.equal(await host.command('AT+QISTATE?'), OK);
    assert.equal(await host.command('AT+QIRD=11'), ERROR);
    await host.command('AT+QIACT=1');
    assert.equal(await open(host, 11, '"UDP SERVICE","127.0.0.1",0,0,0'), 563);
    await host.command('AT+QICLOSE=11');
    assert.equal(await open(host, 11, '"UDP SERVICE","127.0.0.1",0,0,0'), 0);
    await host.command('AT+QIDEACT=1');
    await host.command('AT+QIACT=1');
    assert.equal(await open(host, 0, '"UDP SERVICE","127.0.0.1",0,0,0'), 0);
  });

  it('may be lost in silence, and still be listed', async () => {
    const { clock, module, host } = await activated({ contextLoss: 'silent', lostContext: 'listed' });
    await listen(host);
    module.loseContext(1);
    await clock.quiet();
    assert.equal(host.pending, '');
    assert.equal(await host.command('AT+QIACT?'), lines('+QIACT: 1,1,1,"10.0.0.1"', 'OK'));
    assert.equal(await open(host, 5, '"UDP SERVICE","127.0.0.1",0,0,0'), 561);
    await host.command('AT+QIDEACT=1');
    assert.equal(await host.command('AT+QIACT?'), OK);
    assert.equal(await host.command('AT+QIACT=1'), OK);
  });

  it('goes with AT+CFUN', async () => {
    const off = (await activated()).host;
    assert.equal(await off.command('AT+CFUN=0'), OK);
    assert.equal(await off.until('1\r\n'), urc('"pdpdeact",1'));
    const reset = (await activated()).host;
    assert.equal(await reset.command('AT+CFUN=1,1'), OK);
    await reset.until(`${urc('"pdpdeact",1')}${lines('RDY')}`);
  });
});
