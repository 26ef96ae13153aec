import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import RED from 'node-red';
import helper from 'node-red-node-test-helper';
import { SimulatedModule } from '../../src/simulator';
import { serveTcp } from '../../src/simulator/serve-tcp';
import { defer } from '../support/cleanup';
import { quiet } from '../support/quiet';
import { setVariable } from './support/environment';
import { Flow, type NodeConfig, node, simulatorModem, startFlow } from './support/flow';
import { serveModule } from './support/module';
import { freePort } from '../support/free-port';
import { connectPeer, tcpServer, isOpen } from '../support/peers';

describe('qfwd-modem', () => {
  /** One of each type. */
  const everyType = [
    node('server', { port: 2020 }),
    node('client', { host: '127.0.0.1', port: 2020 }),
    node('send'),
    node('recv'),
    node('urc'),
  ];

  /** That nodes say they have no modem, and refuse all input. */
  async function assertNoModem(flow: Flow): Promise<void> {
    for (const { id } of everyType) {
      const status = await flow.statuses(id).next();
      assert.deepEqual(status, { fill: 'red', shape: 'ring', text: `qfwd-${id}.status.no-modem` });
      if (id === 'urc') continue;
      const { code, message } = await flow.refusal(id, { action: 'open', socketId: 2, payload: 'x' });
      assert.equal(code, 'QFWD_INVALID');
      assert.match(message, /no modem/);
    }
  }

  describe('that is missing', () => {
    it('leaves every node without a modem, which each of them reports', async () => {
      await assertNoModem(await new Flow().start(everyType));
    });
  });

  describe('with an invalid configuration', () => {
    const simulator = { transport: 'simulator' };
    const wrong: [config: object, says: RegExp][] = [
      [{ transport: 'usb' }, /transport must be serial or tcp or simulator, but it is "usb"/],
      [{}, /transport is missing/],
      [{ transport: 'serial', path: '' }, /path must be not empty/],
      [{ transport: 'serial', path: '/dev/null', baudRate: 'fast' }, /baudRate must be a whole number/],
      [{ transport: 'tcp', host: '', port: 1 }, /host must be not empty/],
      [
        { transport: 'tcp', host: 'localhost', port: 0 },
        /port must be a whole number from 1 to 65535, but it is 0/,
      ],
      [
        { transport: 'tcp', host: '${QFWD_TEST_UNSET}', port: 1 },
        /variable \$\{QFWD_TEST_UNSET\} is not set/,
      ],
      [{ ...simulator, simulator: { color: 'red' } }, /Unknown simulator option "color"/],
      [{ ...simulator, simulator: { baud: 'fast' } }, /"baud" must be an integer/],
      [{ ...simulator, simulator: '{' }, /simulator must be a JSON object/],
      [{ ...simulator, queueLimit: 10 }, /queueLimit must be a whole number/],
      [{ ...simulator, commandTimeout: '${QFWD_TEST_UNSET}' }, /commandTimeout .* is not set/],
      [{ ...simulator, dialect: 'klingon' }, /dialect must be auto or manual or example/],
      [{ ...simulator, payloadMode: 'both' }, /payloadMode must be auto or raw or hex/],
      [{ ...simulator, urcPort: 'com1' }, /urcPort must be usbat or usbmodem or uart1/],
      [{ ...simulator, pdpCid: 17 }, /pdpCid must be a whole number from 0 to 16/],
      [{ ...simulator, commands: 'both' }, /commands must be auto or qfwd or tcpip/],
      [{ ...simulator, apn: 'a"b' }, /apn: .* must not hold quotes or control characters/],
      [{ ...simulator, apn: 'a\rb' }, /apn: .* must not hold quotes or control characters/],
      [{ ...simulator, apn: 'x'.repeat(100) }, /apn: .* at most 99 bytes/],
      [{ ...simulator, apn: 'x', apnUser: '"' }, /apn: .* must not hold quotes/],
      [{ ...simulator, apn: 'x', apnAuth: 'md5' }, /apnAuth must be none or pap or chap or either/],
      [{ ...simulator, apn: 'x', apnType: 'IPX' }, /apnType must be IP or IPV6 or IPV4V6/],
      [{ ...simulator, init: 'AT\nhello' }, /init: refused: it does not begin with AT: "hello"/],
      [{ ...simulator, init: 'AT+CSQ\x1a' }, /init: .* control characters/],
    ];
    it('reports what is wrong, and leaves every node without a modem', async () => {
      for (const [config, says] of wrong) {
        const flow = await new Flow().start([node('modem', config), ...everyType]);
        const { type, msg } = await flow.log.next();
        assert.equal(type, 'qfwd-modem');
        assert.match(String(msg), says);
        await assertNoModem(flow);
        await flow.remove();
      }
    });

    for (const pin of ['12x9', '1234\r\nAT+CFUN=0', '1234"', '1234,"0000"', '1234\x1a']) {
      it(`neither uses nor shows an invalid PIN: ${JSON.stringify(pin)}`, async () => {
        const flow = new Flow();
        await flow.start([simulatorModem()], { [flow.modemId]: { pin } });
        const text = String((await flow.log.next()).msg);
        assert.match(text, /pin must be 4 to 8 digits/);
        assert.ok(!text.includes(pin.slice(0, 4)));
      });
    }
  });

  describe('whose port does not exist', () => {
    it('shows offline and warns once, however often it tries', async () => {
      const path = '/dev/no-such-tty';
      const flow = await startFlow(node('modem', { transport: 'serial', path }), node('urc'));
      for (let tries = 0; tries < 2; tries++) {
        await flow.status('urc', 'connecting');
        const { fill, shape } = await flow.status('urc', 'offline');
        assert.deepEqual({ fill, shape }, { fill: 'red', shape: 'ring' });
      }
      const [warning, ...others] = flow.log.pending;
      assert.match(String(warning?.msg), /not connected to \/dev\/no-such-tty: no such port: /);
      assert.deepEqual(others, []);
    });

    it('connects as soon as the port exists', async () => {
      const port = await freePort();
      const config = { transport: 'tcp', host: '127.0.0.1', port: String(port) };
      const flow = await startFlow(node('modem', config), node('server', { port: await freePort() }));
      assert.match(String((await flow.log.next()).msg), /cannot be reached/);
      const module = new SimulatedModule();
      const served = await serveTcp(module, 'usbat', { host: '127.0.0.1', port });
      defer(async () => {
        await served.close();
        await module.powerOff();
      });
      await flow.event('server', 'server/open');
    });
  });

  it('replaces the ports of its simulator when it is set to another module', async () => {
    const port = await freePort();
    const server = node('server', { port });
    const flow = await startFlow(simulatorModem(), server);
    await flow.event('server', 'server/open');
    const { modem } = await serveModule();
    await flow.deploy([modem, server]);
    const { payload } = await flow.event('server', 'server/open');
    assert.equal((payload as { result: number }).result, 0);
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.log.pending, []);
  });

  describe('whose line is lost for some time', () => {
    it('adopts its connections, with data received meanwhile', async () => {
      const port = await freePort();
      const { module, modem } = await serveModule();
      const flow = await startFlow(
        modem,
        node('server', { port }),
        node('recv', { to: ['send'] }),
        node('send'),
      );
      await flow.event('server', 'server/open');
      const peer = await connectPeer(port);
      const { socketId } = await flow.event('server', 'client/incoming');
      module.unplug();
      await flow.event('server', 'client/incoming').then(({ payload }) => {
        assert.equal((payload as { adopted?: boolean }).adopted, true);
      });
      peer.socket.write('after');
      assert.equal(await peer.text(5), 'after');
      assert.equal((await flow.from('recv').next()).socketId, socketId);
      assert.ok(flow.from('server').pending.every(({ event }) => event !== 'client/close'));
    });
  });

  describe('that is deployed again', () => {
    const ports = { server: 0 };
    let nodes: NodeConfig[];

    beforeEach(async () => {
      ports.server = await freePort();
      nodes = [
        simulatorModem(),
        node('server', { port: ports.server }),
        node('recv', { to: ['send'] }),
        node('send'),
      ];
    });

    async function connected() {
      const flow = await startFlow(...nodes);
      const { socketId: serverId } = await flow.event('server', 'server/open');
      const peer = await connectPeer(ports.server);
      const { socketId } = await flow.event('server', 'client/incoming');
      peer.socket.write('one');
      assert.equal(await peer.text(3), 'one');
      return { flow, peer, serverId, socketId };
    }

    const ways: [what: string, again: (flow: Flow) => Promise<unknown>][] = [
      ['as a whole', (flow) => flow.deploy(nodes)],
      ['after Node-RED has stopped', async (flow) => (await flow.stop(), flow.start(nodes))],
    ];
    for (const [what, again] of ways) {
      it(`${what}, it adopts its server and connections, and no data is lost`, async () => {
        const { flow, peer, serverId, socketId } = await connected();
        const isRunning = again(flow);
        peer.socket.write('two');
        await isRunning;
        const opened = await flow.event('server', 'server/open');
        assert.deepEqual(opened.payload, { socketId: serverId, result: 0, adopted: true });
        const { payload } = await flow.event('server', 'client/incoming');
        assert.deepEqual(payload, {
          serverId,
          socketId,
          ip: '127.0.0.1',
          port: peer.port,
          localIp: '0.0.0.0',
          localPort: ports.server,
          adopted: true,
        });
        peer.socket.write('three');
        assert.equal(await peer.text(8), 'twothree');
        await flow.clock.pass(20_000);
        assert.deepEqual(flow.errors.pending, []);
        assert.deepEqual(flow.from('server').pending, []);
      });
    }

    it('with another setting that the module does not list reopens its server', async () => {
      const { flow, peer } = await connected();
      const changed = nodes.map((config) =>
        config.id === 'server' ? { ...config, idleTimeout: 600 } : config,
      );
      await flow.deploy(changed);
      const { payload } = await flow.event('server', 'server/open');
      assert.equal((payload as { adopted?: true }).adopted, undefined);
      await peer.closed;
      const next = await connectPeer(ports.server);
      next.socket.write('next');
      assert.equal(await next.text(4), 'next');
    });

    it('with another flow node that has changed keeps running', async () => {
      const { flow, peer } = await connected();
      const changed = nodes.map((config) =>
        config.id === 'recv' ? { ...config, topic: 'changed' } : config,
      );
      await flow.deploy(changed, 'nodes');
      await flow.from('recv').next();
      peer.socket.write('two');
      assert.equal(await peer.text(3), 'two');
      assert.equal((await flow.from('recv').next()).topic, 'changed');
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.from('server').pending, []);
    });

    it('with other options has another simulated module', async () => {
      const { flow, peer } = await connected();
      await flow.deploy([simulatorModem({ echo: false }), ...nodes.slice(1)]);
      await peer.closed;
      const { payload } = await flow.event('server', 'server/open');
      assert.equal((payload as { adopted?: true }).adopted, undefined);
    });
  });

  describe('that is deleted', () => {
    it('leaves no port, socket or timer behind', async () => {
      const port = await freePort();
      const host = await tcpServer();
      const before = await sockets();
      const timers = watchTimers();
      const flow = await startFlow(
        node('server', { port }),
        node('server', { id: 'udp', port, protocol: 'udp' }),
        node('client', { host: '127.0.0.1', port: host.port }),
        node('recv'),
      );
      await flow.event('server', 'server/open');
      await flow.event('udp', 'server/open');
      await flow.event('client', 'client/open');
      const peer = await connectPeer(port);
      peer.socket.write('hello');
      await flow.from('recv').next();
      await flow.remove();
      await Promise.all([peer.closed, (await host.peers.next()).closed]);
      assert.equal(await isOpen(port), false);
      assert.deepEqual(await sockets(), before);
      assert.deepEqual(timers(), []);
    });

    it('keeps its simulated module for a short time, for a modem that returns', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port }));
      await flow.event('server', 'server/open');
      await flow.stop();
      await flow.clock.pass(2900);
      assert.equal(await isOpen(port), true);
      await flow.clock.pass(10_000);
      assert.equal(await isOpen(port), false);
    });

    it('is closed within 5 s even if the module no longer responds', async () => {
      const { module, modem } = await serveModule();
      const flow = await startFlow(modem, node('server', { port: await freePort() }));
      await flow.event('server', 'server/open');
      module.inject({ receive: () => Buffer.alloc(0) });
      const before = flow.clock.now();
      await flow.remove();
      assert.ok(flow.clock.now() - before < 5000);
    });

    it('is closed at once if the module has never responded', async () => {
      const host = await tcpServer();
      const modem = node('modem', { transport: 'tcp', host: '127.0.0.1', port: host.port });
      const flow = await startFlow(modem, node('urc'));
      const line = await host.peers.next();
      await flow.remove();
      await line.closed;
    });
  });

  describe('at the start of a connection', () => {
    it('executes the init lines, and reports a rejected one to every Catch node', async () => {
      setVariable('QFWD_TEST_INIT', 'AT+CSQ\n\nAT+NOSUCH\r\nAT+CREG=1');
      const { module, modem } = await serveModule({}, { init: '${QFWD_TEST_INIT}' });
      const flow = await startFlow(modem, node('urc'));
      await flow.status('urc', 'ready');
      const inits = module.commands.filter((command) => /CSQ|NOSUCH|CREG=/.test(command));
      assert.deepEqual(inits, ['AT+CSQ', 'AT+NOSUCH', 'AT+CREG=1']);
      const { error } = await flow.errors.next();
      assert.equal(error?.code, 'QFWD_REJECTED');
      assert.match(error.message, /the module answered \+CME ERROR: 4 .* \(start command AT\+NOSUCH\)/);
    });

    it('executes the secret ones, too, and shows them nowhere', async () => {
      const { module, modem } = await serveModule({}, { init: 'AT+CSQ', trace: true });
      const flow = new Flow();
      const logged: unknown[] = [];
      const logger = new EventEmitter().on('log', ({ msg }: { msg: unknown }) => logged.push(msg));
      RED.log.addHandler(logger);
      defer(() => RED.log.removeHandler(logger));
      const secretInit = 'AT+XAUTH="user","hunter2"\nAT+CREG=1';
      await flow.start([modem, node('urc')], { [flow.modemId]: { secretInit } });
      await flow.status('urc', 'ready');
      const inits = module.commands.filter((command) => /CSQ|XAUTH|CREG=/.test(command));
      assert.deepEqual(inits, ['AT+CSQ', 'AT+XAUTH="user","hunter2"', 'AT+CREG=1']);
      const { error } = await flow.errors.next();
      assert.match(error!.message, /the module answered \+CME ERROR: 4 .* to AT\+XAUTH=…/);
      const { body } = await helper
        .request()
        .get(`/qfwd/modems/${encodeURIComponent(flow.modemId)}`)
        .expect(200);
      for (const shown of [error, body, logged]) {
        const text = JSON.stringify(shown);
        assert.ok(text.includes('AT+XAUTH=…') && !text.includes('hunter2'), text);
      }
    });

    it('enters the PIN', async () => {
      const flow = new Flow();
      const nodes = [simulatorModem({ pin: '4321' }), node('urc', { events: ['other'] })];
      await flow.start(nodes, { [flow.modemId]: { pin: '4321' } });
      await flow.from('urc').next(({ raw }) => raw === '+CPIN: READY');
      await flow.status('urc', 'ready');
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.errors.pending, []);
    });

    it('enters a wrong PIN once, and never again', async () => {
      const { module, modem } = await serveModule({ pin: '4321' });
      const flow = new Flow();
      await flow.start([modem, node('urc')], { [flow.modemId]: { pin: '1234' } });
      assert.match((await flow.errors.next()).error!.message, /SIM refused the PIN/);
      await flow.status('urc', 'ready');
      module.unplug();
      await flow.status('urc', 'offline');
      await flow.status('urc', 'ready');
      assert.equal(module.commands.filter((command) => command.startsWith('AT+CPIN=')).length, 1);
      await flow.clock.pass(20_000);
      assert.deepEqual(flow.errors.pending, []);
    });
  });
});

/** Sockets that keep the process alive, by kind. */
async function sockets(): Promise<string[]> {
  // What is closed is gone only once the event loop has been round.
  await quiet();
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|UDP)/.test(kind));
}

/** Watches timers that are set from now on; tells the delays of those that still keep the process alive. */
function watchTimers(): () => unknown[] {
  const timers = new Map<number, { hasRef(): boolean; _idleTimeout: number }>();
  const hook = createHook({
    init: (id, type, _trigger, resource) => {
      if (type === 'Timeout') timers.set(id, resource as { hasRef(): boolean; _idleTimeout: number });
    },
    destroy: (id) => timers.delete(id),
  }).enable();
  defer(() => hook.disable());
  return () => [...timers.values()].filter((timer) => timer.hasRef()).map((timer) => timer._idleTimeout);
}

describe('qfwd-modem with a second port', () => {
  it('handles URCs that are received there', async () => {
    const port = await freePort();
    const flow = await startFlow(
      simulatorModem({}, { urcPort: 'usbmodem', secondPath: 'the other one' }),
      node('server', { port }),
      node('recv'),
      node('urc'),
    );
    await flow.event('server', 'server/open');
    const peer = await connectPeer(port);
    const { socketId } = await flow.event('server', 'client/incoming');
    peer.socket.write('hello');
    const { payload } = await flow.from('recv').next();
    assert.deepEqual([payload, socketId], [Buffer.from('hello'), 2]);
    await flow.from('urc').next(({ event }) => event === 'client/read');
  });
});
