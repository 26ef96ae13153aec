import assert from 'node:assert/strict';

import { ERROR, lines, OK } from '../../support/simulator';
import { UdpPeer } from '../../support/peers';
import {
  activated,
  block,
  incoming,
  open,
  type Options,
  outgoing,
  serve,
  urc,
} from '../../support/simulator-tcpip';

const RECV = urc('"recv",0');

/** A UDP service with connect id 0, and a peer that has sent to it. */
async function served(options: Options, ...datagrams: string[]) {
  const started = await activated(options);
  const port = await serve(started.host);
  const peer = await UdpPeer.bind();
  for (const datagram of datagrams) peer.send(datagram, port);
  await started.clock.quiet();
  await started.host.until(RECV);
  return { ...started, peer, port };
}

/** A UDP client with connect id 0, whose peer has sent to it. */
async function greeted(options: Options, ...datagrams: string[]) {
  const started = await activated(options);
  const peer = await UdpPeer.bind();
  await open(started.host, 0, `"UDP","127.0.0.1",${peer.port},0,0`);
  await started.host.send('AT+QISEND=0,2', 'hi');
  const { from } = await peer.datagrams.next();
  for (const datagram of datagrams) peer.send(datagram, from.port);
  await started.clock.quiet();
  await started.host.until(RECV);
  return started;
}

describe('AT+QIRD', () => {
  it('rejects what it cannot read', async () => {
    const { host } = await outgoing();
    for (const wrong of ['1', '12', '0,1501', '0,-1', '0,5,1', 'x', ''])
      assert.equal(await host.command(`AT+QIRD=${wrong}`), ERROR, wrong);
    assert.equal(await open(host, 1, '"TCP LISTENER","127.0.0.1",0,0,0'), 0);
    assert.equal(await host.command('AT+QIRD=1'), ERROR);
  });

  it('delimits any bytes by their length alone', async () => {
    const { host, peer } = await outgoing();
    const data = '\r\nOK\r\n> +QIRD: 5\r\n\0\xff\x1a';
    peer.socket.write(Buffer.from(data, 'latin1'));
    await host.until(RECV);
    assert.equal(await host.command('AT+QIRD=0,2'), block('2', '\r\n'));
    host.write('AT+QIRD=0,1500\r');
    const answer = block(String(data.length - 2), data.slice(2));
    assert.equal(await host.until(answer), answer);
  });

  it('may have OK at once after the data', async () => {
    const { host, peer } = await outgoing({ readEnd: 'none' });
    peer.socket.write('hello');
    await host.until(RECV);
    assert.equal(await host.command('AT+QIRD=0'), '\r\n+QIRD: 5\r\nhello\r\nOK\r\n');
  });

  it('may have a comma before its data, and hexadecimal digits', async () => {
    const { host, peer } = await outgoing({ qicfg: 'viewmode=1;dataformat=0,1' });
    peer.socket.write('hello');
    await host.until(RECV);
    assert.equal(await host.command('AT+QIRD=0'), '\r\n+QIRD: 5,68656C6C6F\r\n\r\nOK\r\n');
    await host.command('AT+QICFG="viewmode",0');
    peer.socket.write('z');
    await host.until(RECV);
    assert.equal(await host.command('AT+QIRD=0'), block('1', '7A'));
  });

  it('reports data once, until the last byte was read or until a read found nothing', async () => {
    for (const [recvLatch, afterLastByte] of [
      ['at-last-byte', RECV],
      ['at-empty-read', ''],
    ] as const) {
      const { clock, host, peer } = await outgoing({ recvLatch });
      /** What is reported when data comes. */
      const comes = async (data: string) => {
        peer.socket.write(data);
        await clock.quiet();
        return host.pending === '' ? '' : host.until(RECV);
      };
      assert.equal(await comes('abc'), RECV);
      assert.equal(await comes('d'), '');
      assert.equal(await host.command('AT+QIRD=0,3'), block('3', 'abc'));
      assert.equal(await comes('e'), '');
      assert.equal(await host.command('AT+QIRD=0'), block('2', 'de'));
      assert.equal(await comes('f'), afterLastByte);
      assert.equal(await host.command('AT+QIRD=0'), block('1', 'f'));
      assert.equal(await host.command('AT+QIRD=0'), lines('+QIRD: 0', 'OK'));
      assert.equal(await comes('g'), RECV);
    }
  });

  it('may say how much there is', async () => {
    const { host, peer } = await outgoing({ qicfg: 'recvind=1' });
    peer.socket.write('hello');
    assert.equal(await host.until('5\r\n'), urc('"recv",0,5'));
  });

  it('may report the rest between data and OK', async () => {
    const { host, peer } = await outgoing({ recvInRead: true });
    peer.socket.write('hello');
    await host.until(RECV);
    assert.equal(await host.command('AT+QIRD=0,2'), `\r\n+QIRD: 2\r\nhe\r\n${RECV}${OK}`);
    assert.equal(await host.command('AT+QIRD=0'), block('3', 'llo'));
  });

  it('reads what came before the peer has closed, or not', async () => {
    for (const [readEnded, answer] of [
      ['data', block('3', 'bye')],
      ['error', ERROR],
    ] as const) {
      const { host, peer } = await outgoing({ readEnded });
      peer.socket.end('bye');
      await host.until(urc('"closed",0'));
      assert.equal(await host.command('AT+QIRD=0'), answer);
    }
  });

  it('reads in push mode nothing', async () => {
    const { host } = await incoming({}, 1);
    assert.equal(await host.command('AT+QIRD=11'), ERROR);
    assert.equal(await host.command('AT+QIRD=11,0'), ERROR);
  });
});

describe('AT+QIRD of UDP', () => {
  it('reads one datagram at a time, and may lose the rest of a long one', async () => {
    for (const [datagramRest, rest] of [
      ['kept', 'llo'],
      ['lost', ''],
    ] as const) {
      const { host } = await greeted({ datagramRest }, 'hello', 'there');
      assert.equal(await host.command('AT+QIRD=0,2'), block('2', 'he'));
      if (rest !== '') assert.equal(await host.command('AT+QIRD=0'), block('3', rest));
      assert.equal(await host.command('AT+QIRD=0'), block('5', 'there'));
      assert.equal(await host.command('AT+QIRD=0'), lines('+QIRD: 0', 'OK'));
    }
  });

  it('may go on over the end of a datagram', async () => {
    const { host } = await greeted({ qicfg: 'udp/readmode=1' }, 'hello', 'there');
    assert.equal(await host.command('AT+QIRD=0,7'), block('7', 'helloth'));
    assert.equal(await host.command('AT+QIRD=0,7'), block('3', 'ere'));
  });
});

describe('AT+QIRD of a UDP service', () => {
  it('tells who has sent a datagram: in quotes, without, or not', async () => {
    for (const [readAddress, sender] of [
      ['quoted', (port: number) => `,"127.0.0.1",${port}`],
      ['unquoted', (port: number) => `,127.0.0.1,${port}`],
      ['missing', () => ''],
    ] as const) {
      const { host, peer } = await served({ readAddress }, 'one', 'two');
      assert.equal(await host.command('AT+QIRD=0'), block(`3${sender(peer.port)}`, 'one'));
      assert.equal(await host.command('AT+QIRD=0'), block(`3${sender(peer.port)}`, 'two'));
    }
  });

  it('with a length has the same header, or none', async () => {
    const header = await served({}, 'one');
    assert.equal(await header.host.command('AT+QIRD=0,9'), block(`3,"127.0.0.1",${header.peer.port}`, 'one'));
    const bare = await served({ serviceRead: 'bare' }, 'one', 'two');
    assert.equal(await bare.host.command('AT+QIRD=0,9'), '\r\none\r\n\r\nOK\r\n');
    assert.equal(await bare.host.command('AT+QIRD=0'), block(`3,"127.0.0.1",${bare.peer.port}`, 'two'));
  });

  it('pushes datagrams with their senders', async () => {
    const { host } = await activated({ qicfg: 'viewmode=1' });
    const port = await serve(host, 1);
    const peer = await UdpPeer.bind();
    peer.send('hello', port);
    const pushed = urc(`"recv",0,5,"127.0.0.1",${peer.port},hello`);
    assert.equal(await host.until('hello\r\n'), pushed);
  });
});
