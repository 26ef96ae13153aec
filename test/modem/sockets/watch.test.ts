import assert from 'node:assert/strict';

import { dropNext } from '../../../src/simulator';
import { tcpServer } from '../../support/peers';
import { readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

/** A module whose URCs, including RDY, go to a port that is not open. */
const UNHEARD = { urcPort: 'uart1' } as const;

describe('Events without a URC:', () => {
  it('a restart is detected by its echo, and the server is opened again', async () => {
    const rig = await readyRig({ simulator: UNHEARD });
    const server = await rig.openServer();
    await rig.module.reboot();
    await rig.within(20_000, server.event('server/close'));
    await server.event('server/open');
    await server.connect();
    assert.deepEqual(rig.states.all, ['connecting', 'initializing', 'ready', 'initializing', 'ready']);
  });

  it('a module that always echoes does not count as restarted each time', async () => {
    const module = new ScriptedModule(() => undefined);
    module.onCommand = (line) => module.say(`${line}\r`);
    const rig = await readyRig({ transport: () => module });
    await rig.pass(120_000);
    assert.ok(module.commands.length > 10);
    assert.equal(rig.states.all.filter((state) => state === 'initializing').length, 1);
  });

  it('a server that the module no longer has is opened again', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    await rig.within(40_000, server.event('server/close'));
    await rig.within(2000, server.event('server/open'));
    await server.connect();
  });

  it('they are looked for with at most one command in ten seconds', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    rig.collect();
    for (let peers = 0; peers < 3; peers++) await server.connect();
    await rig.pass(30_000);
    const before = rig.module.commands.length;
    await rig.pass(120_000);
    const asked = rig.module.commands.slice(before);
    assert.ok(asked.length > 0 && asked.length <= 12, asked.join('\n'));
  });

  it('data without a URC on one of many connections makes the modem poll all of them', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const collector = rig.collect();
    const connected = [];
    for (let peers = 0; peers < 10; peers++) connected.push(await server.connect());
    await rig.pass(30_000);
    rig.module.inject({
      send: (packet) => (packet.kind === 'urc' && packet.bytes.includes('client/read') ? [] : [packet]),
    });
    for (const { peer } of connected) peer.socket.write('unheard');
    await rig.within(30_000, Promise.all(connected.map(({ socketId }) => collector.until(socketId, 7))));
  });

  it('data without a URC makes the modem poll more often for some time', async () => {
    const rig = await readyRig();
    const collector = rig.collect();
    const { peer, socketId } = await (await rig.openServer()).connect();
    await rig.pass(30_000);
    rig.module.inject(dropNext('urc'));
    peer.socket.write('unheard');
    await rig.within(20_000, collector.until(socketId, 7));
    // The polls that follow data are over by then.
    await rig.pass(9100);
    const before = rig.module.commands.length;
    await rig.pass(20_000);
    const asked = rig.module.commands.slice(before);
    assert.ok(asked.length >= 4, asked.join('\n'));
  });
});

describe('A module whose URCs go to another port', () => {
  it('causes one warning with a remedy, and works nevertheless', async () => {
    const rig = await readyRig({ modem: { urcPort: 'usbmodem' } });
    const collector = rig.collect();
    const server = await rig.declareServer({ urcPort: 'usbmodem' });
    await server.event('server/open');
    assert.match(await rig.warnings.next(), /AT\+QURCCFG="urcport"/);
    const peer = await server.dial();
    peer.socket.write('by asking');
    const { socketId } = await rig.within(20_000, server.event('client/incoming'));
    await rig.within(20_000, collector.until(socketId, 9));
    await rig.pass(60_000);
    assert.equal(rig.warnings.all.length, 1);
  });

  it('causes no warning when its URCs arrive', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    await server.event('server/close');
    await rig.pass(60_000);
    assert.deepEqual(rig.warnings.all, []);
  });
});

describe('Changes by a raw command:', () => {
  it('a server that it closes is opened again', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.modem.requests.raw(`AT+QFWDCLOSE=${server.socketId}`);
    await rig.within(1000, server.event('server/close'));
    await rig.within(2000, server.event('server/open'));
    await server.connect();
  });

  it('a client that it closes connects again', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = rig.declareClient({ port: outside.port });
    const { socketId } = await client.event('client/open');
    await rig.modem.requests.raw(`at+qfwdclose=${socketId}`);
    await rig.within(1000, client.event('client/close'));
    await rig.within(2000, client.event('client/open'));
  });
});

describe('A call to open a socket that counts as open', () => {
  it('opens a server that the module no longer has', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    const event = await server.endpoint.open(server.settings);
    assert.equal(event.result, 0);
    assert.deepEqual(server.events, ['server/open', 'server/close']);
    await server.connect();
  });

  it('connects a client that the module no longer has', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = rig.declareClient({ port: outside.port });
    const { socketId } = await client.event('client/open');
    await rig.ask(`AT+QFWDCLOSE=${socketId}`);
    assert.equal((await client.endpoint.open(client.settings)).result, 0);
    assert.equal(outside.peers.all.length, 2);
  });

  it('does nothing if the module still has it', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer } = await server.connect();
    await server.endpoint.open(server.settings);
    assert.equal(rig.count('AT+QFWDSEVER=0'), 1);
    assert.equal(peer.socket.closed, false);
  });
});
