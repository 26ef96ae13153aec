import assert from 'node:assert/strict';

import { cutInto, delayNext, dropNext, garbleNext, insertBefore, loseInput } from '../../../src/simulator';
import { connected, lines, OK, start } from '../../support/simulator';

describe('faults', () => {
  it('lose one prompt', async () => {
    const { module, host } = await connected();
    module.inject(dropNext('prompt'));
    host.write('AT+QFWDSEND=2,0\r');
    host.write('\x1b');
    assert.equal(await host.until('OK\r\n'), OK);
    assert.equal(await host.send('AT+QFWDSEND=2,0,1', 'x'), lines('+QFWDSEND: 2,1', 'OK'));
  });

  it('lose one final result, one URC', async () => {
    const { clock, module, host, peer } = await connected();
    module.inject(dropNext('result'));
    module.inject(dropNext('urc'));
    host.write('AT+CGMM\r');
    peer.socket.write('x');
    await host.until(lines('EC25'));
    await clock.quiet();
    assert.match(await host.command('AT+QFWDACK=2'), /,1,16383,/);
    assert.equal(host.pending, '');
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
  });

  it('put noise or a URC in front of a part of an answer', async () => {
    const { module, host } = start();
    module.inject(insertBefore('result', lines('+QFWDURC: "client/read",2')));
    module.inject(insertBefore('info', '\xff\x00'));
    assert.match(await host.command('AT+CGMM'), /EC25\r\n\r\n\+QFWDURC: "client\/read",2\r\n\r\nOK/);
    assert.equal(await host.command('AT+CGMM'), lines('EC25', 'OK'));
  });

  it('garble a part of an answer', async () => {
    const { module, host } = start();
    module.inject(garbleNext('info', (bytes) => bytes.subarray(3)));
    assert.equal(await host.command('AT+CGMM'), `C25\r\n${OK}`);
  });

  it('delay one response, and what the host sends meanwhile waits', async () => {
    const { clock, module, host } = start();
    module.inject(delayNext(30));
    const begun = clock.now();
    host.write('AT+CGMM\rAT\r');
    assert.equal(await host.until(/OK\r\n.*OK\r\n/s), lines('EC25', 'OK', 'OK'));
    assert.equal(clock.now() - begun, 30);
  });

  it('lose bytes of the host', async () => {
    const { module, host } = start();
    module.inject(loseInput(2));
    host.write('AT+CGMM\rAT+CGMI\r');
    assert.equal(await host.until('OK\r\n'), lines('Quectel', 'OK'));
  });

  it('deliver in pieces until they are removed, on one port only', async () => {
    const { module, host } = start();
    const pieces: number[] = [];
    host.stream.on('data', (bytes: Buffer) => pieces.push(bytes.length));
    const takeOff = module.inject(cutInto());
    await host.command('AT');
    assert.deepEqual(pieces.splice(0), [1, 1, 1, 1, 1, 1]);
    takeOff();
    module.inject(cutInto(), 'usbmodem');
    await host.command('AT');
    assert.deepEqual(pieces, [6]);
  });
});
