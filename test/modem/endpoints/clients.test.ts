import assert from 'node:assert/strict';

import { clientTraits } from '../../../src/modem/endpoints/client';
import {
  delayNext,
  dropNext,
  garbleNext,
  insertBefore,
  loseInput,
  type Packet,
} from '../../../src/simulator';
import { Log } from '../../support/log';
import { freePort } from '../../support/free-port';
import { tcpServer, UdpPeer } from '../../support/peers';
import { Collector } from '../../support/modem/collector';
import { readyRig } from '../../support/modem/rig';

describe('A client', () => {
  it('connects as declared', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    rig.echo();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    const { socketId } = client;
    const [connection] = rig.modem.connections();
    assert.equal(connection?.owner, 'a client');
    assert.equal(connection.ends?.port, outside.port);
    assert.ok(
      rig.module.commands.includes(
        `AT+QFWDCLIENT=0,${socketId},"IP","tcp","127.0.0.1",${outside.port},"usbat"`,
      ),
    );
    const peer = await outside.peers.next();
    peer.socket.write('abc');
    await peer.untilText('abc');
  });

  it('connects again after its peer has closed, after its last data', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const collector = rig.collect();
    const client = rig.declareClient({ port: outside.port });
    const { socketId } = await client.event('client/open');
    (await outside.peers.next()).socket.end('bye');
    await client.event('client/close');
    assert.equal(collector.data(socketId).toString(), 'bye');
    await client.state('waiting');
    await client.event('client/open');
    await outside.peers.next();
    assert.deepEqual(client.events, ['client/open', 'client/close', 'client/open']);
  });

  it('stays closed after that without reconnect', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port, reconnect: false });
    await client.event('client/open');
    (await outside.peers.next()).socket.end();
    await client.state('closed');
    await rig.pass(60_000);
    await rig.replug();
    await rig.pass(60_000);
    assert.deepEqual(client.events, ['client/open', 'client/close']);
  });

  it('waits longer each time it is refused, and reports each failure, but only one error', async () => {
    const port = await freePort();
    const rig = await readyRig({ random: 0 });
    const client = rig.declareClient({ port });
    const times: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      assert.equal((await client.event('client/failed')).result, 111);
      times.push(rig.clock.now());
    }
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    const outside = await tcpServer(port);
    await client.event('client/open');
    await outside.peers.next();
    assert.equal(client.log.all.filter((news) => 'error' in news).length, 1);
  });

  it('that is opened, receives data and is closed at the same moment reports all of it', async () => {
    const outside = await tcpServer();
    const rig = await readyRig({ simulator: { openOrder: 'urc-first' } });
    const collector = rig.collect();
    const client = rig.declareClient({ port: outside.port, reconnect: false, autoOpen: false });
    // The response is delayed until the peer has connected and closed.
    rig.module.inject(delayNext(50));
    const opening = client.endpoint.open(client.settings);
    (await outside.peers.next()).socket.end('bye');
    const { socketId } = await opening;
    await client.event('client/close');
    await client.state('closed');
    assert.equal(collector.data(socketId).toString(), 'bye');
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('reports its opening before its first data, even if both are received together', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const toldBefore: string[][] = [];
    const collector = new Collector(() => toldBefore.push([...client.events]));
    rig.modem.addConsumer(collector);
    const reports: Buffer[] = [];
    rig.module.inject({
      send: (packet) => {
        if (packet.kind !== 'urc') return [packet];
        return reports.push(packet.bytes) < 2
          ? []
          : [{ kind: 'urc', bytes: Buffer.concat(reports.splice(0)) }];
      },
    });
    const client = rig.declareClient({ port: outside.port });
    (await outside.peers.next()).socket.write('hello');
    const { socketId } = await client.event('client/open');
    await collector.until(socketId, 5);
    assert.deepEqual(toldBefore, [['client/open']]);
  });

  it('that is already closed by its peer is closed, and reports it', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    const { socketId } = await client.event('client/open');
    await rig.ask(`AT+QFWDCLOSE=${socketId}`);
    const closed = await client.endpoint.close();
    assert.equal(closed?.event, 'client/close');
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('that is opened again when its end is reported reports that end once', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    const held = new Log<Packet>();
    let given = 0;
    rig.module.inject({
      send: (packet) => {
        if (packet.kind === 'result') return [...held.all.slice(given, (given = held.all.length)), packet];
        if (packet.kind !== 'urc') return [packet];
        held.push(packet);
        return [];
      },
    });
    (await outside.peers.next()).socket.destroy();
    await held.next();
    await client.endpoint.open(client.settings);
    assert.deepEqual(client.events, ['client/open', 'client/close']);
  });

  it('whose end is received together with its opening is not connected', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port, reconnect: false });
    rig.module.inject(
      garbleNext('urc', (bytes) => {
        const id = /\d+/.exec(bytes.toString())![0];
        return Buffer.concat([bytes, Buffer.from(`\r\n+QFWDURC: "client/close",${id}\r\n`)]);
      }),
    );
    await client.event('client/close');
    await client.state('closed');
    assert.deepEqual(client.events, ['client/open', 'client/close']);
    assert.deepEqual(rig.modem.connections(), []);
  });

  describe('whose opening', () => {
    it('has no URC is found in the list', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port });
      rig.module.inject(dropNext('urc'));
      assert.equal((await client.event('client/open')).result, 0);
      await outside.peers.next();
      assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
    });

    it('has no response is known from its URC', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port, autoOpen: false });
      rig.module.inject(dropNext('result'));
      const opened = await client.endpoint.open(client.settings);
      assert.equal(opened.result, 0);
      assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
    });

    it('has neither response nor URC is found in the list, and not requested twice', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port, autoOpen: false });
      rig.module.inject(dropNext('result'));
      rig.module.inject(dropNext('urc'));
      await client.endpoint.open(client.settings);
      await outside.peers.next();
      assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
    });

    it('did not reach the module fails with a timeout', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port, autoOpen: false });
      const command = `AT+QFWDCLIENT=0,60000,"IP","tcp","127.0.0.1",${outside.port},"usbat"\r`;
      rig.module.inject(loseInput(command.length));
      await assert.rejects(client.endpoint.open(client.settings), { code: 'QFWD_TIMEOUT' });
    });

    it('takes too long is canceled', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port, autoOpen: false });
      rig.module.inject(dropNext('urc'));
      rig.module.inject({ send: (packet) => (packet.kind === 'info' ? [] : [packet]) });
      await assert.rejects(client.endpoint.open(client.settings), { code: 'QFWD_TIMEOUT' });
      const peer = await outside.peers.next();
      await peer.ended;
    });

    it('is reported before OK is open', async () => {
      const outside = await tcpServer();
      const rig = await readyRig({ simulator: { openOrder: 'urc-first' } });
      const { result } = await rig.declareClient({ port: outside.port }).event('client/open');
      assert.equal(result, 0);
      assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
    });

    it('is canceled by a close does not happen', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port, autoOpen: false });
      rig.module.inject(dropNext('urc'));
      const opening = client.endpoint.open(client.settings);
      await outside.peers.next();
      const [opened, closed] = await Promise.allSettled([opening, client.endpoint.close()]);
      assert.equal(closed.status, 'fulfilled');
      assert.ok(opened.status === 'rejected');
      assert.equal((opened.reason as { code: string }).code, 'QFWD_CLOSED');
      await outside.peers.all[0]!.ended;
      assert.equal(client.endpoint.socketId, undefined);
      assert.deepEqual(rig.modem.connections(), []);
    });

    it('is requested again is waited for, and not given up', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port, autoOpen: false });
      const opened = await Promise.all([
        client.endpoint.open(client.settings),
        client.endpoint.open(client.settings),
      ]);
      assert.deepEqual(
        opened.map(({ result }) => result),
        [0, 0],
      );
      assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
    });

    it('is requested again with other settings is replaced', async () => {
      const slow = await tcpServer();
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: slow.port });
      rig.module.inject(dropNext('urc'));
      await slow.peers.next();
      const opened = await client.endpoint.open({ ...client.settings, port: outside.port });
      assert.equal(opened.result, 0);
      await outside.peers.next();
      await rig.pass(60_000);
      assert.equal(outside.peers.all.length, 1);
      assert.equal(slow.peers.all.length, 1);
    });

    it('is in progress is not closed as unknown when others are opened and closed', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      const client = rig.declareClient({ port: outside.port });
      rig.module.inject(dropNext('urc'));
      await outside.peers.next();
      await rig.openServer();
      await client.event('client/open');
      assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
    });

    it('is in progress when the declaration ends is canceled', async () => {
      const outside = await tcpServer();
      const rig = await readyRig();
      rig.declareClient({ port: outside.port });
      rig.module.inject(dropNext('urc'));
      const peer = await outside.peers.next();
      rig.modem.endpoints.release('a client', true);
      await peer.ended;
    });
  });

  it('is forgotten if the module does not have it', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    await client.event('client/open');
    rig.module.inject(dropNext('urc'));
    (await outside.peers.next()).socket.destroy();
    await client.event('client/close');
    await client.event('client/open');
  });

  it('needs a name that cannot be in a command fails with an explanation', async () => {
    const rig = await readyRig();
    const client = rig.declareClient({ host: 'a"\r\nAT+CFUN=0', port: 1, autoOpen: false });
    await assert.rejects(client.endpoint.open(client.settings), { code: 'QFWD_INVALID' });
  });

  it('over UDP sends and receives whole datagrams', async () => {
    const outside = await UdpPeer.bind();
    const rig = await readyRig();
    const collector = rig.collect();
    const client = rig.declareClient({ protocol: 'udp', port: outside.port });
    const { socketId } = await client.event('client/open');
    const data = Buffer.alloc(1024, '\x1a\x1b');
    await rig.modem.send(socketId, data, 5000);
    assert.deepEqual((await outside.datagrams.next()).data, data);
    const { ends } = rig.modem.connection(socketId);
    outside.send(Buffer.alloc(700, 'a'), ends!.localPort);
    outside.send(Buffer.alloc(900, 'b'), ends!.localPort);
    await collector.until(socketId, 1600);
    assert.deepEqual(
      collector.pieces(socketId).map((piece) => piece.length),
      [700, 900],
    );
    await assert.rejects(rig.modem.send(socketId, Buffer.alloc(1025), 5000), {
      code: 'QFWD_INVALID',
      sent: 0,
    });
  });

  it('works with noise before and after it', async () => {
    const outside = await tcpServer();
    const rig = await readyRig();
    const client = rig.declareClient({ port: outside.port });
    rig.module.inject(insertBefore('result', '\r\n+QIND: SMS DONE\r\n\x00\xff'));
    assert.equal((await client.event('client/open')).result, 0);
    assert.equal(rig.count('AT+QFWDCLIENT=0'), 1);
  });
});

describe('A listed client', () => {
  const ends = (ip: string) => ({ ip, port: 502, localIp: '::', localPort: 1024 });
  const find = (host: string, listedIp: string) =>
    clientTraits(1000).find(
      {
        servers: [],
        sockets: new Map([
          [7, { socketId: 7, direction: 'active', protocol: 'tcp', ends: ends(listedIp), urcPort: 'usbat' }],
        ]),
      },
      { host, port: 502, protocol: 'tcp', ipVersion: 'IPV6', pdpCid: 0, urcPort: 'usbat', reconnect: true },
      () => true,
    );

  it('is identified however its address is written', () => {
    for (const listed of [
      '::1',
      '0000:0000:0000:0000:0000:0000:0000:0001',
      '0:0:0:0:0:0:0:1',
      '32.1.13.184.0.1',
    ])
      assert.equal(find('::1', listed), 7, listed);
    assert.equal(find('FD00::A', 'fd00:0:0:0:0:0:0:a'), 7);
    assert.equal(find('device.example', '10.1.2.3'), 7);
  });

  it('is another one at another address', () => {
    assert.equal(find('::1', '::2'), undefined);
    assert.equal(find('10.0.0.1', '10.0.0.2'), undefined);
  });
});
