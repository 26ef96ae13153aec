import assert from 'node:assert/strict';
import { node, startFlow } from './support/flow';
import { serveModule } from './support/module';
import { freePort } from '../support/free-port';
import { connectPeer, tcpServer } from '../support/peers';

describe('qfwd-urc', () => {
  it('emits the URCs of the manual, decoded and as lines', async () => {
    const port = await freePort();
    const host = await tcpServer();
    const client = { host: '127.0.0.1', port: host.port, socketId: 40 };
    const flow = await startFlow(
      node('server', { port, socketId: 30 }),
      node('client', client),
      node('urc'),
      node('recv'),
    );
    await flow.event('server', 'server/open');
    const peer = await connectPeer(port);
    peer.socket.end('hello');
    await flow.event('server', 'client/close');

    const ip = '127.0.0.1';
    const from = peer.port;
    const incoming = { serverId: 30, socketId: 2, ip, port: from, localIp: '0.0.0.0', localPort: port };
    const expected: [event: string, payload: object, raw: string][] = [
      ['server/open', { socketId: 30, result: 0 }, '30,0'],
      ['client/open', { socketId: 40, result: 0 }, '40,0'],
      ['client/incoming', incoming, `30,2,"${ip}",${from},"0.0.0.0",${port}`],
      ['client/read', { socketId: 2 }, '2'],
      ['client/close', { socketId: 2 }, '2'],
    ];
    for (const [event, payload, raw] of expected) {
      const message = await flow.event('urc', event);
      assert.deepEqual(message.payload, payload);
      assert.equal(message.raw, `+QFWDURC: "${event}",${raw}`);
      assert.equal(message.socketId, (payload as { socketId: number }).socketId);
    }
  });

  it('emits any other line as it is', async () => {
    const { module, modem } = await serveModule();
    const flow = await startFlow(modem, node('urc'));
    await flow.status('urc', 'ready');
    for (const line of ['+CPIN: READY', '+QIND: PB DONE', 'RING', '+QFWDURC: "client/new",1']) {
      module.urc(line);
      const { event, payload, raw } = await flow.from('urc').next();
      assert.deepEqual([event, payload, raw], ['other', line, line]);
    }
  });

  it('emits only the selected events', async () => {
    const port = await freePort();
    const flow = await startFlow(
      node('server', { port }),
      node('urc', { events: ['client/close', 'server/open'] }),
      node('recv'),
    );
    await flow.event('server', 'server/open');
    const peer = await connectPeer(port);
    peer.socket.end('hello');
    await flow.event('server', 'client/close');
    const events = flow.from('urc').pending.map(({ event }) => event);
    assert.deepEqual(events, ['server/open', 'client/close']);
  });

  it('reports that the module has started', async () => {
    const { module, modem } = await serveModule();
    const flow = await startFlow(modem, node('urc', { events: ['other'] }));
    await flow.status('urc', 'ready');
    await module.reboot();
    assert.equal((await flow.from('urc').next()).raw, 'RDY');
    await flow.status('urc', 'initializing');
    await flow.status('urc', 'ready');
  });

  for (const events of [['client/dance'], 'client/read', { 'client/read': true }]) {
    it(`rejects ${JSON.stringify(events)} as events`, async () => {
      const flow = await startFlow(node('urc', { events }));
      const { fill, shape } = await flow.status('urc', 'error');
      assert.deepEqual({ fill, shape }, { fill: 'red', shape: 'ring' });
      assert.match(String((await flow.log.next()).msg), /events must be a list of server\/open/);
    });
  }
});
