import assert from 'node:assert/strict';

import { connected, ERROR, Host, lines, OK } from '../../support/simulator';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');

describe('AT+QFWDSEND', () => {
  it('of fixed length is transparent', async () => {
    const { host, peer } = await connected();
    assert.equal(await host.send('AT+QFWDSEND=2,0,256', ALL_BYTES), lines('+QFWDSEND: 2,256', 'OK'));
    await peer.untilText(ALL_BYTES);
  });

  it('of fixed length may end at Ctrl-Z, and the rest runs as commands', async () => {
    const { module, host, peer } = await connected({ fixedLength: 'ends-at-ctrl-z' });
    const answer = await host.send('AT+QFWDSEND=2,0,100', 'ab\x1a AT+CSQ\r');
    assert.equal(answer, lines('+QFWDSEND: 2,2', 'OK'));
    await peer.untilText('ab');
    assert.equal(await host.until('OK\r\n'), lines('+CSQ: 20,99', 'OK'));
    assert.equal(module.commands.at(-1), 'AT+CSQ');
    assert.equal(await host.send('AT+QFWDSEND=2,0,100', 'ab\x1b'), OK);
  });

  it('of variable length ends at Ctrl-Z', async () => {
    const { host, peer } = await connected();
    assert.equal(
      await host.send('AT+QFWDSEND=2,0,', 'line\r\nAT\r\x1a'),
      lines('+QFWDSEND: 2,8', 'OK').replace('8', '9'),
    );
    assert.equal(await host.send('AT+QFWDSEND=2,0', 'abc\x1b'), OK);
    assert.equal(await host.send('AT+QFWDSEND=2,0', `${'x'.repeat(1025)}\x1a`), ERROR);
    assert.equal(await host.send('AT+QFWDSEND=2,0', '\x1a'), lines('+QFWDSEND: 2,0', 'OK'));
    await host.send('AT+QFWDSEND=2,0', 'end\x1a');
    await peer.untilText('end');
    assert.equal(peer.received.toString(), 'line\r\nAT\rend');
  });

  it('in HEX takes two digits a byte', async () => {
    const { host, peer } = await connected();
    assert.equal(await host.send('AT+QFWDSEND=2,1,3', '1b1AfF'), lines('+QFWDSEND: 2,3', 'OK'));
    assert.equal(await host.send('AT+QFWDSEND=2,1', '3x\x1a'), ERROR);
    assert.equal(await host.send('AT+QFWDSEND=2,1', '313\x1a'), ERROR);
    await host.send('AT+QFWDSEND=2,0,3', 'end');
    await peer.untilText('end');
    assert.equal(peer.received.toString('latin1'), '\x1b\x1a\xffend');
  });

  it('in HEX may count characters', async () => {
    const { host } = await connected({ hexUnits: 'chars', hexActual: 'chars' });
    assert.equal(await host.send('AT+QFWDSEND=2,1,4', '3132'), lines('+QFWDSEND: 2,4', 'OK'));
  });

  it('in HEX is limited to 1024 bytes or characters', async () => {
    const digits = '31'.repeat(1024);
    const bytes = (await connected()).host;
    assert.equal(await bytes.send('AT+QFWDSEND=2,1,1024', digits), lines('+QFWDSEND: 2,1024', 'OK'));
    const chars = (await connected({ hexLimit: 'chars' })).host;
    assert.equal(await chars.command('AT+QFWDSEND=2,1,513'), ERROR);
    assert.equal(await chars.send('AT+QFWDSEND=2,1', `${digits}\x1a`), ERROR);
    assert.equal(
      await chars.send('AT+QFWDSEND=2,1,512', digits.slice(1024)),
      lines('+QFWDSEND: 2,512', 'OK'),
    );
  });

  it('is taken in part when told so', async () => {
    const { host, peer } = await connected({ partial: 3 });
    assert.equal(await host.send('AT+QFWDSEND=2,0,5', 'abcde'), lines('+QFWDSEND: 2,3', 'OK'));
    await peer.untilText('abc');
  });

  it('fills the send queue when nothing goes out: partly, then not at all', async () => {
    const { module, host, peer } = await connected({ sendBuffer: 7 });
    const goOn = module.holdSending(2);
    assert.equal(await host.send('AT+QFWDSEND=2,0,5', 'abcde'), lines('+QFWDSEND: 2,5', 'OK'));
    assert.equal(await host.send('AT+QFWDSEND=2,0,5', 'fghij'), lines('+QFWDSEND: 2,2', 'OK'));
    assert.equal(await host.send('AT+QFWDSEND=2,0,5', 'xxxxx'), lines('+QFWDSEND: 2,0', 'OK'));
    assert.equal(await host.command('AT+QFWDACK=2'), lines('+QFWDACK: 2,7,0,7,0,16384,16384', 'OK'));
    goOn();
    await peer.untilText('abcdefg');
    assert.equal(await host.command('AT+QFWDACK=2'), lines('+QFWDACK: 2,0,7,7,0,16384,16384', 'OK'));
  });

  it('is held up by a peer that does not read', async () => {
    const { host, peer } = await connected();
    peer.socket.pause();
    const body = Buffer.alloc(1024, 'x');
    let sent = 0;
    for (let taken = 1024; taken === 1024; sent += taken) {
      taken = Number(/: 2,(\d+)/.exec(await host.send('AT+QFWDSEND=2,0,1024', body))?.[1]);
    }
    const [used, unused, max] = (/: 2,([\d,]+)/.exec(await host.command('AT+QFWDACK=2'))?.[1] ?? '')
      .split(',')
      .map(Number);
    assert.deepEqual([used, unused, max], [16_384, 0, 16_384]);
    let received = 0;
    await new Promise<void>((done) => {
      peer.socket.on('data', (bytes: Buffer) => {
        received += bytes.length;
        if (received === sent) done();
      });
      peer.socket.resume();
    });
  });

  it('echoes the body under ATE1 when told so', async () => {
    const { host } = await connected({ bodyEcho: true });
    await host.command('ATE1');
    host.write('AT+QFWDSEND=2,0,2\r');
    assert.equal(await host.until('> '), 'AT+QFWDSEND=2,0,2\r\r\n> ');
    host.write('hi');
    assert.equal(await host.until('OK\r\n'), `hi${lines('+QFWDSEND: 2,2', 'OK')}`);
  });

  it('prompts as the firmware does', async () => {
    for (const prompt of ['\r\n> ', '\r\n>', '\r\n>\r\n'] as const) {
      const { host } = await connected({ prompt });
      host.write('AT+QFWDSEND=2,0,2\r');
      assert.equal(await host.until(prompt), prompt);
      host.write('hi');
      assert.equal(await host.until('OK\r\n'), lines('+QFWDSEND: 2,2', 'OK'));
    }
  });

  it('keeps URCs out of the data phase', async () => {
    const { clock, module, host, peer } = await connected();
    const modem = new Host(module.attach('usbmodem'));
    host.write('AT+QFWDSEND=2,0,4\r');
    await host.until('> ');
    host.write('ab');
    peer.socket.write('hello');
    peer.socket.end();
    await clock.quiet();
    assert.equal(await modem.command('AT+QFWDCLIENT?'), OK);
    assert.equal(host.pending, '');
    host.write('cd');
    const urcs = lines('+QFWDURC: "client/read",2', '+QFWDURC: "client/close",2');
    assert.equal(await host.until('OK\r\n'), urcs + lines('+QFWDSEND: 2,4', 'OK'));
  });
});

describe('AT+QFWDRECV', () => {
  it('delimits any bytes by their length alone', async () => {
    const { host, peer } = await connected();
    const data = `\r\nOK\r\n> ${ALL_BYTES}`;
    peer.socket.write(Buffer.from(data, 'latin1'));
    await host.urc('client/read');
    host.write('AT+QFWDRECV=2,1024\r');
    const answer = `\r\n+QFWDRECV: 2,${data.length}\r\n${data}\r\n\r\nOK\r\n`;
    assert.equal(await host.until(answer), answer);
  });

  it('answers nothing with length 0 or with an error', async () => {
    const zero = (await connected()).host;
    assert.equal(await zero.command('AT+QFWDRECV=2,10'), lines('+QFWDRECV: 2,0', 'OK'));
    const error = (await connected({ emptyRead: 'error' })).host;
    assert.equal(await error.command('AT+QFWDRECV=2,10'), ERROR);
  });

  it('may call itself QFWDPRECV', async () => {
    const { host, peer } = await connected({ recvHeader: 'QFWDPRECV' });
    peer.socket.write('x');
    await host.urc('client/read');
    assert.equal(await host.command('AT+QFWDRECV=2,10'), '\r\n+QFWDPRECV: 2,1\r\nx\r\n\r\nOK\r\n');
  });
});
