import assert from 'node:assert/strict';

import { UdpPeer } from '../../support/peers';
import { ERROR, lines, OK } from '../../support/simulator';
import {
  activated,
  incoming,
  open,
  type Options,
  outgoing,
  SEND_FAIL,
  SEND_OK,
  serve,
  urc,
} from '../../support/simulator-tcpip';

const FORM_FEEDS = 'a\x1bAT+CGMM\r\x1az';

describe('AT+QISEND', () => {
  it('rejects what it cannot send, without a prompt', async () => {
    const { host } = await outgoing();
    for (const wrong of ['0,1461', '0,5,"127.0.0.1",9', '5,5', '12,5', '0,x', ''])
      assert.equal(await host.command(`AT+QISEND=${wrong}`), ERROR, wrong);
    assert.equal(await host.command('AT+QISEND=5,0'), ERROR);
    assert.equal(host.pending, '');
  });

  it('carries 1460 bytes of any kind', async () => {
    const { host, peer } = await outgoing();
    const all = Buffer.from(Array.from({ length: 1460 }, (_, index) => index % 256));
    assert.equal(await host.send('AT+QISEND=0,1460', all), SEND_OK);
    assert.deepEqual(await peer.until(1460), all);
  });

  it('without a length ends at Ctrl-Z, and is cancelled by ESC', async () => {
    const { host, peer } = await outgoing();
    assert.equal(await host.send('AT+QISEND=0', 'line\r\n\x1a'), SEND_OK);
    await peer.untilText('line\r\n');
    for (const [sendCancelled, result] of [
      ['OK', OK],
      ['ERROR', ERROR],
      ['SEND FAIL', SEND_FAIL],
    ] as const) {
      const other = await outgoing({ sendCancelled });
      assert.equal(await other.host.send('AT+QISEND=0', 'abc\x1b'), result);
      assert.match(await other.host.command('AT+QIGETERROR'), /: 571,cancel send\r\n/);
      assert.equal(await other.host.command('AT+QISEND=0,0'), lines('+QISEND: 0,0,0', 'OK'));
    }
  });

  it('of a fixed length may end at Ctrl-Z and ESC, or only at ESC', async () => {
    const transparent = await outgoing();
    assert.equal(await transparent.host.send('AT+QISEND=0,12', FORM_FEEDS), SEND_OK);
    await transparent.peer.untilText(FORM_FEEDS);

    const both = await outgoing({ fixedLength: 'ends-at-ctrl-z' });
    assert.equal(await both.host.send('AT+QISEND=0,9', 'ab\x1aAT+CGMM\r'), SEND_OK);
    await both.host.until(lines('EC25', 'OK'));
    await both.peer.untilText('ab');

    const escape = await outgoing({ fixedLength: 'cancels-at-esc' });
    assert.equal(await escape.host.send('AT+QISEND=0,4', 'ab\x1az'), SEND_OK);
    await escape.peer.untilText('ab\x1az');
    assert.equal(await escape.host.send('AT+QISEND=0,12', FORM_FEEDS), OK);
    await escape.host.until(lines('EC25', 'OK'));
  });

  it('echoes its data as AT+QISDE says, whatever ATE says, or with ATE1 only', async () => {
    for (const [sendEcho, echo, says] of [
      ['on', false, 'hi'],
      ['off', true, ''],
      ['with-echo', false, ''],
      ['with-echo', true, 'hi'],
    ] as const) {
      const { host } = await outgoing({ sendEcho, echo });
      assert.ok((await host.send('AT+QISEND=0,2', 'hi')).endsWith(`${says}${SEND_OK}`));
      assert.match(await host.command('AT+QISDE?'), sendEcho === 'off' ? /QISDE: 0/ : /QISDE: 1/);
    }
    const { host } = await outgoing({ sendEcho: 'on' });
    assert.equal(await host.command('AT+QISDE=0'), OK);
    assert.equal(await host.send('AT+QISEND=0,2', 'hi'), SEND_OK);
    assert.equal(await host.command('AT+QISDE=2'), ERROR);
  });

  it('fails when the send buffer is full: all or nothing', async () => {
    const { module, host, peer } = await outgoing({ sendBuffer: 7 });
    const goOn = module.holdSending(0);
    assert.equal(await host.send('AT+QISEND=0,5', 'abcde'), SEND_OK);
    assert.equal(await host.send('AT+QISEND=0,5', 'xxxxx'), SEND_FAIL);
    assert.equal(await host.command('AT+QISEND=0,0'), lines('+QISEND: 5,0,5', 'OK'));
    assert.equal(await host.send('AT+QISEND=0,2', 'fg'), SEND_OK);
    goOn();
    await peer.untilText('abcdefg');
    assert.equal(await host.command('AT+QISEND=0,0'), lines('+QISEND: 7,7,0', 'OK'));
  });

  it('fails when the connection goes while the prompt waits', async () => {
    const { clock, host, peer } = await outgoing({ halfClose: 0 });
    host.write('AT+QISEND=0,2\r');
    await host.until('> ');
    peer.socket.destroy();
    await clock.quiet();
    host.write('hi');
    assert.equal(await host.until('FAIL\r\n'), urc('"closed",0') + SEND_FAIL);
    assert.equal(await host.command('AT+QISEND=0,2'), ERROR);
    assert.match(await host.command('AT+QIGETERROR'), /: 567,/);
  });

  it('still answers a peer that has only ended its own side', async () => {
    const { host, peer } = await outgoing();
    peer.socket.end();
    await host.until(urc('"closed",0'));
    assert.equal(await host.send('AT+QISEND=0,2', 'hi'), SEND_OK);
    await peer.untilText('hi');
  });

  it('gives up when its data does not come: later bytes are commands', async () => {
    for (const [sendTimedOut, result] of [
      ['ERROR', ERROR],
      ['SEND FAIL', SEND_FAIL],
      ['none', ''],
    ] as const) {
      const { clock, host } = await outgoing({ sendTimedOut, qicfg: 'qisend/timeout=5' });
      const before = clock.now();
      host.write('AT+QISEND=0,20\r');
      await host.until('> ');
      host.write('too little');
      await clock.pass(5000);
      assert.equal(clock.now() - before, 5000);
      assert.equal(host.pending, result);
      host.write('AT+CGMM\r');
      assert.equal(await host.until('OK\r\n'), result + lines('EC25', 'OK'));
      assert.equal(await host.command('AT+QISEND=0,0'), lines('+QISEND: 0,0,0', 'OK'));
    }
  });

  it('waits for ever when told so', async () => {
    const { clock, host } = await outgoing({ qicfg: 'qisend/timeout=0' });
    host.write('AT+QISEND=0,2\r');
    await host.until('> ');
    await clock.pass(3_600_000);
    host.write('hi');
    assert.equal(await host.until('OK\r\n'), SEND_OK);
  });

  it('tells the room in place of SEND OK when told so', async () => {
    const { module, host } = await outgoing({ sendBuffer: 10, qicfg: 'sendinfo=1' });
    module.holdSending(0);
    assert.equal(await host.send('AT+QISEND=0,4', 'abcd'), lines('+QISEND: 0,0,6', 'OK'));
    assert.equal(await host.send('AT+QISEND=0,7', 'abcdefg'), lines('+QISEND: 0,1,6', 'OK'));
  });

  it('has other results for each SendMode', async () => {
    for (const [mode, result] of [
      [0, 'SEND OK'],
      [1, 'SEND OK'],
      [2, '0,SEND OK'],
      [3, '+QIURC: SEND OK'],
      [4, '+QIURC: 0,SEND OK'],
    ] as const) {
      const { host } = await outgoing();
      await host.command(`AT+QICFG="TCP/SendMode",${mode}`);
      host.write('AT+QISEND=0,2\r');
      await host.until('> ');
      host.write('hi');
      assert.equal(await host.until(`${result}\r\n`), lines(result));
    }
  });

  it('waits for the peer with SendMode 1', async () => {
    const { clock, module, host } = await outgoing({ qicfg: 'TCP/SendMode=1' });
    const goOn = module.holdSending(0);
    host.write('AT+QISEND=0,2\r');
    await host.until('> ');
    host.write('hi');
    await clock.quiet();
    assert.equal(host.pending, '');
    goOn();
    assert.equal(await host.until('OK\r\n'), SEND_OK);
  });

  it('takes hexadecimal digits with dataformat 1', async () => {
    const { host, peer } = await outgoing({ qicfg: 'dataformat=1,0' });
    assert.equal(await host.send('AT+QISEND=0,3', '1a1BfF'), SEND_OK);
    await peer.untilText('\x1a\x1b\xff');
    assert.equal(await host.send('AT+QISEND=0,1', 'xy'), ERROR);
  });

  it('of UDP acknowledges nothing, or everything', async () => {
    for (const [udpAcked, figures] of [
      ['none', '2,0,2'],
      ['all', '2,2,0'],
    ] as const) {
      const { host } = await activated({ udpAcked });
      const peer = await UdpPeer.bind();
      await open(host, 0, `"UDP","127.0.0.1",${peer.port},0,0`);
      assert.equal(await host.send('AT+QISEND=0,2', 'hi'), SEND_OK);
      await peer.datagrams.next();
      assert.equal(await host.command('AT+QISEND=0,0'), lines(`+QISEND: ${figures}`, 'OK'));
    }
  });

  it('of a UDP service needs an address and a length', async () => {
    const { host } = await activated();
    await serve(host);
    for (const wrong of ['0', '0,2', '0,2,"localhost",9', '0,2,"127.0.0.1",0', '0,2,"127.0.0.1"'])
      assert.equal(await host.command(`AT+QISEND=${wrong}`), ERROR, wrong);
    assert.equal(await host.send('AT+QISEND=0,2,"192.0.2.1",9', 'hi'), SEND_OK);
  });

  it('holds "recv" until its data was sent, or loses it', async () => {
    const during = async (options: Options) => {
      const { clock, host, peer } = await incoming(options);
      host.write('AT+QISEND=11,2\r');
      await host.until('> ');
      peer.socket.write('x');
      await clock.quiet();
      assert.equal(host.pending, '');
      host.write('hi');
      return host.until('SEND OK\r\n');
    };
    assert.equal(await during({}), urc('"recv",11') + SEND_OK);
    assert.equal(await during({ promptUrcs: 'lost' }), SEND_OK);
  });
});

describe('AT+QISENDEX', () => {
  it('takes 512 bytes, or 512 digits', async () => {
    const hex = (bytes: number) => `AT+QISENDEX=0,"${'3a'.repeat(bytes)}"`;
    const bytes = (await outgoing()).host;
    assert.equal(await bytes.command(hex(512)), SEND_OK);
    assert.equal(await bytes.command(hex(513)), ERROR);
    const chars = (await outgoing({ sendexLimit: 'chars' })).host;
    assert.equal(await chars.command(hex(256)), SEND_OK);
    assert.equal(await chars.command(hex(257)), ERROR);
  });

  it('rejects what is no hexadecimal number, and sockets without a peer', async () => {
    const { host } = await outgoing();
    assert.equal(await host.command('AT+QISENDEX=0,"3a",1'), SEND_OK);
    for (const wrong of ['0,"3"', '0,"xy"', '0,""', '0,3a', '0,"3a",3', '1,"3a"'])
      assert.equal(await host.command(`AT+QISENDEX=${wrong}`), ERROR, wrong);
    await open(host, 1, '"UDP SERVICE","127.0.0.1",0,0,0');
    assert.equal(await host.command('AT+QISENDEX=1,"3a"'), ERROR);
  });
});
