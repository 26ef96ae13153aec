import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { endpointOf, Example, exampleNames, portOf, readExample } from './support/example';
import type { NodeConfig } from './support/flow';
import { connectPeer, tcpServer, type Peer, UdpPeer } from '../support/peers';

const everyExample = exampleNames.map((name) => ({ name, nodes: readExample(name) }));
const allNodes = everyExample.flatMap(({ nodes }) => nodes);

describe('Examples', () => {
  it('use every node type', () => {
    const used = new Set(allNodes.map(({ type }) => type));
    assert.deepEqual(
      Object.keys(manifest['node-red'].nodes).filter((type) => !used.has(type)),
      [],
    );
  });

  it('can all be imported into one flow file: no id and no port of a module is used twice', () => {
    const ids = allNodes.map(({ id }) => id);
    const ports = allNodes
      .filter(({ type }) => /^(qfwd-(server|client|forward)|tcp in)$/.test(type))
      .map((it): unknown => Number(portOf(it)));
    for (const values of [ids, ports]) {
      assert.deepEqual(
        values.filter((value, index) => values.indexOf(value) !== index),
        [],
      );
    }
  });

  it('have the name of their file on their tab', () => {
    for (const { name, nodes } of everyExample) {
      const [tab] = nodes.filter(({ type }) => type === 'tab');
      assert.equal(String(tab?.label).toLowerCase().replaceAll(' ', '-'), name);
    }
  });

  for (const { name, nodes } of everyExample) {
    it(`${name} is complete, needs no hardware, and explains what to try`, () => {
      const ids = new Set(nodes.map(({ id }) => id));
      for (const node of nodes) {
        const missing = referencesOf(node).filter((id) => !ids.has(id));
        assert.deepEqual(missing, [], `${node.type} ${String(node.name)}`);
      }
      const [modem, ...others] = nodes.filter(({ type }) => type === 'qfwd-modem');
      assert.deepEqual([modem?.transport, others], ['simulator', []]);
      const port = portOf(endpointOf(nodes));
      const [note] = nodes.filter(({ type }) => type === 'comment');
      for (const text of [note?.name, note?.info]) {
        assert.match(
          String(text),
          new RegExp(`\\b(nc (-\\w+ )?127\\.0\\.0\\.1 |curl -x 127\\.0\\.0\\.1:)${String(port)}\\b`),
        );
      }
    });
  }
});

for (const [module, simulator] of [
  ['a module with AT+QFWD', {}],
  ['a module without it', { family: 'tcpip' }],
] as const) {
  const isTcpip = 'family' in simulator;

  describe(`Examples on ${module}`, () => {
    it('echo answers each line', async () => {
      const { port } = await Example.start('echo', undefined, simulator);
      const peer = await connectPeer(port);
      peer.socket.write('one\r\ntw');
      assert.equal(await lineOf(peer), 'You said: one\n');
      peer.socket.write('o\n');
      assert.equal(await lineOf(peer), 'You said: two\n');
    });

    it('serial-device connects peers with a device, in both directions', async () => {
      const example = await Example.start('serial-device', undefined, simulator);
      const peers = [await connectPeer(example.port), await connectPeer(example.port)];
      for (const peer of peers) {
        await example.debug('connections').next(({ event, port }) => {
          return event === 'client/incoming' && port === peer.port;
        });
      }
      peers[0]!.socket.write('*ID');
      peers[0]!.socket.write('N?\r\nwhat\n');
      for (const peer of peers) {
        assert.equal(await lineOf(peer), 'Stand-in,1.0\r\n');
        assert.equal(await lineOf(peer), '? what\r\n');
      }
    });

    it('dashboard shows signal and traffic', async () => {
      const example = await Example.start('dashboard', undefined, simulator);
      example.press('every 5 s');
      const power = await example.debug('Signal').next(({ topic }) => topic === 'RSRP (dBm)');
      assert.equal(power.payload, -101);
      await example.debug('Modem').next(({ payload }) => payload === 'ready · Simulated · FDD LTE');
      const peer = await connectPeer(example.port);
      peer.socket.write('hello');
      assert.equal(await peer.text(5), 'hello');
      example.press('every 5 s');
      for (const topic of ['received', 'sent']) {
        await example
          .debug('Traffic')
          .next((message) => message.topic === topic && Number(message.payload) > 0);
      }
    });

    it('client sends readings while it is connected, and receives commands', async () => {
      const reading = /^\{"celsius":2\d(\.\d\d?)?\}\n$/;
      const host = await tcpServer();
      const example = await Example.start('client', host.port, simulator);
      const peer = await host.peers.next();
      await example.debug('connection').next(({ event }) => event === 'client/open');
      example.press('every 5 s');
      assert.match(await lineOf(peer), reading);

      peer.socket.write('on\nread\njump\n');
      assert.equal((await example.debug('relay').next()).payload, true);
      const answers = [await lineOf(peer), await lineOf(peer), await lineOf(peer)].sort();
      assert.deepEqual(answers.slice(0, 2), ['done: on\n', 'unknown: jump\n']);
      assert.match(answers[2]!, reading);

      peer.socket.destroy();
      await example.debug('connection').next(({ event }) => event === 'client/close');
      example.press('every 5 s');
      const again = await host.peers.next();
      await example.debug('connection').next(({ event }) => event === 'client/open');
      example.press('every 5 s');
      assert.match(await lineOf(again), reading);
      await example.clock.pass(20_000);
      assert.deepEqual(example.debug('errors').pending, []);
    });

    it('udp-telemetry parses datagrams and acknowledges each one to its sender', async () => {
      const example = await Example.start('udp-telemetry', undefined, simulator);
      const texts = ['temperature=21.5 humidity=40\n', 'level=3 noise alarm=on'];
      const expected = [
        [{ temperature: 21.5, humidity: 40 }, 'ok 2\n'],
        [{ level: 3 }, 'ok 1\n'],
      ];
      for (const [index, text] of texts.entries()) {
        const sensor = await UdpPeer.bind();
        sensor.send(text, example.port);
        const { payload, port } = await example.debug('values').next();
        const { data } = await sensor.datagrams.next();
        // The function node's objects are of another realm.
        assert.deepEqual([{ ...(payload as object) }, data.toString()], expected[index]);
        assert.equal(port, sensor.port);
      }
    });

    it('chat sends to all peers what each of them sends, and who comes and goes', async () => {
      const example = await Example.start('chat', undefined, simulator);
      const ann = await connectPeer(example.port);
      const [, annId] = /^\* (\d+) joined\n$/.exec(await lineOf(ann))!;
      const bob = await connectPeer(example.port);
      const joined = await lineOf(bob);
      const [, bobId] = /^\* (\d+) joined\n$/.exec(joined)!;
      assert.equal(await lineOf(ann), joined);

      bob.socket.write('hello\r\n');
      for (const peer of [ann, bob]) assert.equal(await lineOf(peer), `${bobId}: hello\n`);
      ann.socket.destroy();
      assert.equal(await lineOf(bob), `* ${annId} left\n`);
      bob.socket.destroy();
      await example.debug('no connection').next();
    });

    it('pipeline reads when the module reports data, and responds', async () => {
      const example = await Example.start('pipeline', undefined, simulator);
      const peer = await connectPeer(example.port);
      for (const text of ['a line\n', 'another line\n']) {
        peer.socket.write(text);
        assert.equal(await lineOf(peer), `${text.length - 1} characters\n`);
        assert.match(
          String((await example.debug('URC').next()).raw),
          isTcpip ? /^\+QIURC: "recv",\d+$/ : /^\+QFWDURC: "client\/read",\d+$/,
        );
      }
      await example.clock.pass(20_000);
      assert.deepEqual(example.debug('errors').pending, []);
    });

    for (const name of ['forward-inward', 'forward-outward']) {
      it(`${name} delivers the responses of its local test server`, async () => {
        const example = await Example.start(name, undefined, simulator);
        const peer = await connectPeer(example.port);
        peer.socket.write('one\ntwo\n');
        assert.equal(await lineOf(peer), 'You said: one\n');
        assert.equal(await lineOf(peer), 'You said: two\n');
        await example.debug('connections').next(({ event }) => event === 'client/open');
        peer.socket.destroy();
        await example.debug('connections').next(({ event }) => event === 'client/close');
        assert.deepEqual(example.debug('errors').pending, []);
      });
    }

    it('forward-proxy fetches its page over the module', async () => {
      const example = await Example.start('forward-proxy', undefined, simulator);
      example.press('fetch');
      assert.equal((await example.debug('page').next()).payload, 'A page that came through the module\n');
      await example.debug('connections').next(({ event }) => event === 'client/close');
      assert.deepEqual(example.debug('errors').pending, []);
    });

    it('diagnosis answers each button', async () => {
      const example = await Example.start('diagnosis', undefined, simulator);
      const answer = async (button: string): Promise<unknown> => {
        example.press(button);
        return (await example.debug('answers').next()).payload;
      };
      const peer = await connectPeer(example.port);
      const { socketId } = await example.debug('URCs').next(({ event }) => event === 'client/incoming');

      const localIp = isTcpip ? {} : { localIp: '0.0.0.0' };
      const ends = { ip: '127.0.0.1', port: peer.port, ...localIp, localPort: example.port };
      const [server] = (await answer('servers?')) as { socketId: number; port: number }[];
      assert.equal(server?.port, example.port);
      const [connection] = (await answer('connections?')) as object[];
      assert.deepEqual({ ...connection, socketId, ...ends }, connection);
      assert.deepEqual(await answer('who is connected?'), [{ index: 1, socketId, ...ends }]);

      peer.socket.write('unread');
      await example.debug('URCs').next(({ event }) => event === 'client/read');
      const { recvUsed } = (await answer('queues?')) as { recvUsed: number };
      assert.equal(recvUsed, 6);
      assert.deepEqual(await answer('URC port?'), { socketId, urcPort: 'usbat' });
      assert.match(JSON.stringify(await answer('who are you?')), /Quectel/);
      assert.match(JSON.stringify(await answer('signal?')), /\+CSQ: /);

      await answer('close it');
      await peer.closed;
      example.press('close it');
      assert.equal((await example.debug('errors').next()).error?.code, 'QFWD_CLOSED');
    });
  });
}

async function lineOf(peer: Peer): Promise<string> {
  let line = '';
  while (!line.endsWith('\n')) line += await peer.text(1);
  return line;
}

/** The nodes that a node names. */
function referencesOf(node: NodeConfig): string[] {
  const broker = node.type.startsWith('mqtt ') ? node.broker : undefined;
  const named: unknown[] = [node.z, node.g, node.modem, node.source, node.proxy, broker];
  const lists: unknown[] = [node.wires, node.links, node.scope, node.nodes].filter((list) =>
    Array.isArray(list),
  );
  return [...named, ...lists.flat(2)].filter((id): id is string => typeof id === 'string' && id !== '');
}
