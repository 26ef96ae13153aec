import assert from 'node:assert/strict';

import type { SocketUrc } from '../../../src/modem';
import { delayNext } from '../../../src/simulator';
import { hostileBytes } from '../../support/hostile';
import { checkClean } from '../../support/modem/calibrated';
import { readyRig } from '../../support/modem/rig';
import { connectPeer, type Peer, tcpServer } from '../../support/peers';

describe('A calibration', () => {
  it('disturbs no other socket, and causes no events', async () => {
    const rig = await readyRig();
    const echo = rig.echo();
    const urcs: SocketUrc[] = [];
    rig.modem.on('urc', (urc) => urcs.push(urc));
    const { peer, socketId } = await (await rig.openServer()).connect();
    const bytes = hostileBytes(20_000, 'calibration');
    peer.socket.write(bytes);
    const profile = await rig.modem.calibrate();
    assert.equal(profile.facts.fixed, 'transparent');
    assert.deepEqual(await peer.until(bytes.length), bytes);
    assert.deepEqual(
      echo.connections().map((connection) => connection.socketId),
      [socketId],
    );
    const ids = urcs.flatMap((urc) => ('socketId' in urc ? [urc.socketId] : []));
    assert.deepEqual([...new Set(ids)].sort(), [
      socketId,
      ...(await rig.modem.requests.servers()).map((it) => it.socketId),
    ]);
    assert.equal(rig.modem.connections().length, 1);
  });

  it('is not disturbed when the sockets are listed meanwhile', async () => {
    const rig = await readyRig();
    rig.module.on('command', (line) => {
      if (!line.startsWith('AT+QFWDSEND')) return;
      // After a raw command that may change sockets, the sockets are listed.
      rig.modem.requests.raw('AT+QFWDCFG="urc",1').catch(() => undefined);
    });
    const { facts } = await rig.modem.calibrate();
    assert.deepEqual(
      [facts.fixed, facts.acceptedIds, facts.udpServer],
      ['transparent', 'reused', 'per-peer'],
    );
  });

  it('is not confused by another peer that connects, whose connection it closes', async () => {
    const rig = await readyRig();
    const strangers: Promise<Peer>[] = [];
    rig.module.on('command', (line) => {
      const port = /^AT\+QFWDCLIENT=.*"tcp","127.0.0.1",(\d+)/.exec(line)?.[1];
      if (port !== undefined && strangers.length === 0) strangers.push(connectPeer(Number(port)));
    });
    const { facts } = await rig.modem.calibrate();
    assert.equal(facts.fixed, 'transparent');
    assert.equal(strangers.length, 1);
    const stranger = await strangers[0]!;
    await stranger.ended;
    assert.equal(stranger.received.length, 0);
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('closes the connection of another peer that connects at the very end', async () => {
    const rig = await readyRig();
    const ports = new Map<string, number>();
    const strangers: Promise<Peer>[] = [];
    const ending = new AbortController();
    let said = '';
    rig.module.on('sent', (bytes) => (said += bytes.toString('latin1')));
    rig.module.on('command', (line) => {
      const [, id, port] = /^AT\+QFWDCLIENT=0,(\d+),.*"tcp",.*,(\d+),/.exec(line) ?? [];
      if (id !== undefined) ports.set(id, Number(port));
      // After this, its sockets are closed only once.
      if (/^AT\+QFWDSEND=\d/.test(line)) ending.abort();
      const closing = ports.get(line.replace('AT+QFWDCLOSE=', ''));
      if (closing === undefined || strangers.length > 0) return;
      // All expected connections are being closed, and the server is still open.
      rig.module.inject(delayNext(50));
      strangers.push(connectPeer(closing));
    });
    await assert.rejects(rig.modem.calibrate(ending.signal), { code: 'QFWD_TIMEOUT' });
    assert.equal(strangers.length, 1);
    const stranger = await strangers[0]!;
    await stranger.ended;
    assert.equal(stranger.received.length, 0);
    const accepted = new RegExp(`"client/incoming",\\d+,(\\d+),"127.0.0.1",${stranger.port},`).exec(said);
    assert.ok(accepted, 'he has not come in time');
    const closed = rig.module.commands.indexOf(`AT+QFWDCLOSE=${accepted[1]}`);
    assert.ok(closed >= 0);
    await checkClean(rig);
  });

  it('closes what was opened unexpectedly', async () => {
    const rig = await readyRig();
    const clients: string[] = [];
    let somebody: Promise<unknown> | undefined;
    rig.module.on('command', (line) => {
      const port = /^AT\+QFWDCLIENT=.*"tcp","127.0.0.1",(\d+)/.exec(line)?.[1];
      if (port === undefined || clients.push(port) < 3) return;
      // The server is closed, and another program opens its port before the client connects.
      rig.module.inject(delayNext(50));
      somebody = tcpServer(Number(port));
    });
    const { facts } = await rig.modem.calibrate();
    assert.ok(await somebody);
    assert.deepEqual([facts.refused, facts.udpServer], [undefined, 'per-peer']);
    await checkClean(rig);
  });
});
