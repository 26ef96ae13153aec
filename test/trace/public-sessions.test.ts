/** Public sessions of real modules, whose begin is that of a simulated one, played to a whole modem. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { ReplayedModule } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { parseTrace, type TraceEntry } from '../../src/trace';
import { inProcessTransport } from '../../src/transport';
import { Log } from '../support/log';
import { Collector } from '../support/modem/collector';
import { type Rig, startRig } from '../support/modem/rig';

const folder = path.resolve(__dirname, '../traces');

function trace(name: string): TraceEntry[] {
  const file = readdirSync(folder).find((it) => it.startsWith(name)) ?? name;
  return parseTrace(readFileSync(path.join(folder, file), 'utf8'));
}

/** Up to the first socket. */
function startUp(): TraceEntry[] {
  const entries = trace('simulator-tcpip-manual');
  return entries.slice(
    0,
    entries.findIndex(({ data }) => data.startsWith('AT+QIOPEN=1')),
  );
}

/** What the driver asks instead of what was asked then, and without the echo, which the driver has switched off. */
const RESTATED: readonly [was: RegExp, is: string][] = [
  [/AT\+QISTATE=1,\d+/, 'AT+QISTATE?'],
  [/"UDP SERVICE",".*",7,/, '"UDP SERVICE","127.0.0.1",0,'],
  [/^AT\+[^\r]*\r(?=\r\n)/, ''],
];

function restated(entries: readonly TraceEntry[]): TraceEntry[] {
  return entries.map((entry) => ({
    ...entry,
    data: RESTATED.reduce((text, [was, is]) => text.replace(was, is), entry.data),
  }));
}

/** Traces one after the other. */
function joined(traces: readonly (readonly TraceEntry[])[]): TraceEntry[] {
  let begin = 0;
  return traces.flatMap((entries) => {
    const shifted = entries.map((entry) => ({ ...entry, ms: begin + entry.ms }));
    begin = shifted.at(-1)?.ms ?? begin;
    return shifted;
  });
}

/** A client that gets socket id 0, for sessions that begin with an open socket. */
const OPENING: readonly TraceEntry[] = [
  { ms: 1, port: 'usbat', dir: 'out', data: 'AT+QIOPEN=1,0,"TCP","192.0.2.1",7,0,0\r' },
  { ms: 2, port: 'usbat', dir: 'in', data: '\r\nOK\r\n' },
  { ms: 3, port: 'usbat', dir: 'in', data: '\r\n+QIOPEN: 0,0\r\n' },
];
const PEER = { host: '192.0.2.1', port: 7, reconnect: false } as const;

/** A modem at a module that plays a session. */
function modemAt(session: string, before: readonly TraceEntry[] = []): Rig {
  const module = new ReplayedModule(joined([startUp(), before, restated(trace(session))]));
  return startRig({
    transport: () => inProcessTransport('a trace', () => module.attach()),
    families: [tcpipFamily],
    random: 0.5,
  });
}

describe('Public sessions', () => {
  let rig: Rig;

  function start(...session: Parameters<typeof modemAt>): Collector {
    rig = modemAt(...session);
    return rig.collect();
  }

  afterEach(() => {
    assert.equal(rig.modem.counters.resyncs, 0);
    assert.deepEqual(rig.problems, []);
  });

  it('03: a datagram of 60 bytes is sent, its echo is not taken for data, and one of 60 bytes is read', async () => {
    const collector = start('public-03');
    const client = rig.declareClient({ protocol: 'udp', host: '192.0.2.155', port: 7 });
    const { socketId } = await client.event('client/open');
    assert.equal((await rig.modem.send(socketId, Buffer.alloc(60, 'h'), 5000)).bytes, 60);
    assert.equal((await collector.until(socketId, 60)).length, 60);
    await client.endpoint.close();
  });

  it('06: a client in state 3 is open; 83 bytes are sent, and 4 are read', async () => {
    const collector = start('public-06');
    const client = rig.declareClient({ host: 'mqtt.example.com', port: 1883 });
    const { socketId } = await client.event('client/open');
    assert.equal((await rig.modem.send(socketId, Buffer.alloc(83, 'm'), 5000)).bytes, 83);
    const [listed] = await rig.modem.requests.clients();
    assert.deepEqual([listed?.ip, listed?.port], ['192.0.2.190', 1883]);
    assert.equal((await collector.until(socketId, 4)).length, 4);
    await client.endpoint.close();
  });

  it('07: a listener takes a connection from the internet, and 16 bytes of it', async () => {
    const collector = start('public-07');
    const server = await rig.openServer({ port: 8080 });
    const { socketId, ip, port } = await server.event('client/incoming');
    assert.deepEqual([socketId, ip, port], [11, '203.0.113.92', 62_060]);
    assert.equal((await collector.until(socketId, 16)).length, 16);
  });

  it('11: a datagram of 14 bytes is delivered with its sender', async () => {
    start('public-11');
    const server = await rig.openServer({ protocol: 'udp', port: 3030 });
    const peer = { ip: '192.0.2.241', port: 7 };
    const received = new Log<readonly [length: number, from: object | undefined]>();
    rig.modem.addConsumer(new Collector((_connection, data, from) => received.push([data.length, from])));
    const { bytes } = await rig.modem.send(server.socketId, Buffer.from('echo teste 001'), 5000, peer);
    assert.equal(bytes, 14);
    assert.deepEqual(await received.next(), [14, peer]);
  });

  it('13: 39 bytes that were announced before the first command, and the end of the connection', async () => {
    const collector = start('public-13');
    const client = rig.declareClient({ host: '192.0.2.98', port: 9966, reconnect: false });
    const { socketId } = await client.event('client/open');
    assert.equal((await collector.until(socketId, 39)).length, 39);
    const { reason, bytesIn } = await client.event('client/close');
    assert.deepEqual([reason, bytesIn], ['peer', 39]);
  });

  it('14: 9 bytes are sent, 5 of them as HEX, and 5 are read; the totals are reported', async () => {
    const collector = start('public-14', OPENING);
    const client = rig.declareClient(PEER);
    const { socketId } = await client.event('client/open');
    assert.equal((await rig.modem.send(socketId, Buffer.from('test'), 5000)).bytes, 4);
    // Ctrl-Z is sent as HEX.
    assert.equal((await rig.modem.send(socketId, Buffer.alloc(5, '\x1a'), 5000)).bytes, 5);
    assert.equal((await collector.until(socketId, 5)).length, 5);
    const { sendUsed, sendTotal, recvTotal } = await rig.modem.requests.queueFigures(socketId);
    assert.deepEqual([sendUsed, sendTotal, recvTotal], [0, 14, 5]);
    await client.endpoint.close();
  });

  it('16: a client cannot be opened, with result 552', async () => {
    start('public-16');
    const client = rig.declareClient({ host: 'example.com', port: 4243 });
    assert.equal((await client.event('client/failed')).result, 552);
  });
});
