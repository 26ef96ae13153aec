import assert from 'node:assert/strict';

import { tcpServer } from '../../support/peers';
import { readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

/** A module whose own URCs, RDY among them, go where nobody listens. */
const UNHEARD = { urcPort: 'uart1' } as const;

describe('What the module fails to say', () => {
  it('a restart is noticed by its echo, and a server comes back', async () => {
    const rig = await readyRig({ simulator: UNHEARD });
    const server = await rig.openServer();
    await rig.module.reboot();
    await server.event('server/close');
    await server.event('server/open');
    await server.connect();
    assert.ok(!rig.states.all.includes('offline'));
  });

  it('a module that cannot turn its echo off is not restarted over and over', async () => {
    const module = new ScriptedModule(() => undefined);
    module.onCommand = (line) => module.say(`${line}\r`);
    const rig = await readyRig({ transport: () => module });
    await rig.pass(120_000);
    assert.ok(module.commands.length > 10);
    assert.equal(rig.states.all.filter((state) => state === 'initialising').length, 1);
  });

  it('a server that is gone is opened again', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    await server.event('server/close');
    await server.event('server/open');
    await server.connect();
  });

  it('is looked for with no more than one command in ten seconds', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    rig.collect();
    for (let peers = 0; peers < 3; peers++) await server.connect();
    await rig.pass(30_000);
    const before = rig.module.commands.length;
    await rig.pass(120_000);
    assert.ok(rig.module.commands.length - before <= 13, rig.module.commands.slice(before).join('\n'));
  });

  it('data without report on one of many connections makes all be looked at', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const collector = rig.collect();
    const connected = [];
    for (let peers = 0; peers < 10; peers++) connected.push(await server.connect());
    await rig.pass(30_000);
    rig.module.inject({
      send: (packet) => (packet.kind === 'urc' && packet.bytes.includes('client/read') ? [] : [packet]),
    });
    const started = rig.clock.now();
    for (const { peer } of connected) peer.socket.write('unheard');
    await Promise.all(connected.map(({ socketId }) => collector.until(socketId, 7)));
    assert.ok(rig.clock.now() - started < 60_000);
    // Having learned that reports get lost, it looks more often.
    const [{ peer, socketId } = assert.fail()] = connected;
    const again = rig.clock.now();
    peer.socket.write('again');
    await collector.until(socketId, 12);
    assert.ok(rig.clock.now() - again < 15_000);
  });
});

describe('A module whose reports go to another port', () => {
  it('is warned of once, with what to do, and works nevertheless', async () => {
    const rig = await readyRig({ modem: { urcPort: 'usbmodem' } });
    const collector = rig.collect();
    const server = await rig.declareServer({ urcPort: 'usbmodem' });
    await server.event('server/open');
    assert.match(await rig.warnings.next(), /AT\+QURCCFG="urcport"/);
    const peer = await server.dial();
    peer.socket.write('by asking');
    const { socketId } = await server.event('client/incoming');
    await collector.until(socketId, 9);
    assert.equal(rig.warnings.all.length, 1);
  });

  it('is not warned of when its reports come', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    await server.event('server/close');
    assert.deepEqual(rig.warnings.all, []);
  });
});

describe('What a raw command changes', () => {
  it('a server closed by it is opened again', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.modem.requests.raw(`AT+QFWDCLOSE=${server.socketId}`);
    await server.event('server/close');
    await server.event('server/open');
    await server.connect();
  });

  it('a client closed by it connects again', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = rig.declareClient({ port: outside.port });
    const { socketId } = await client.event('client/open');
    await rig.modem.requests.raw(`at+qfwdclose=${socketId}`);
    await client.event('client/close');
    await client.event('client/open');
  });
});

describe('Opening what is taken for open', () => {
  it('opens a server that is not there any more', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    await rig.ask(`AT+QFWDCLOSE=${server.socketId}`);
    const event = await server.endpoint.open(server.settings);
    assert.equal(event.result, 0);
    assert.deepEqual(server.events, ['server/open', 'server/close']);
    await server.connect();
  });

  it('connects a client that is not there any more', async () => {
    const rig = await readyRig();
    const outside = await tcpServer();
    const client = rig.declareClient({ port: outside.port });
    const { socketId } = await client.event('client/open');
    await rig.ask(`AT+QFWDCLOSE=${socketId}`);
    assert.equal((await client.endpoint.open(client.settings)).result, 0);
    assert.equal(outside.peers.all.length, 2);
  });

  it('does nothing to what is there', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer } = await server.connect();
    await server.endpoint.open(server.settings);
    assert.equal(rig.count('AT+QFWDSEVER=0'), 1);
    assert.equal(peer.socket.closed, false);
  });
});
