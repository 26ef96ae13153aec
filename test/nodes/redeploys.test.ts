import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import type { Modem } from '../../src/modem';
import { type Flow, type NodeConfig, node, simulatorModem, startFlow } from './support/flow';
import { freePort } from '../support/free-port';
import { connectPeer, isOpen, type Peer } from '../support/peers';

/** Of each kind; a full deploy takes longer. */
const ROUNDS = { full: 20, flows: 100, nodes: 100 };

describe('A flow that is deployed repeatedly', () => {
  let nodes: NodeConfig[];
  let flow: Flow;
  let peer: Peer;
  let port: number;

  beforeEach(async () => {
    port = await freePort();
    nodes = [
      simulatorModem({ halfClose: 0 }),
      node('server', { port }),
      node('recv', { to: ['send'] }),
      node('send'),
      node('urc'),
    ];
    flow = await startFlow(...nodes);
    await flow.event('server', 'server/open');
    peer = await connectPeer(port);
    await flow.event('server', 'client/incoming');
  });

  /** The same flow but for the topic of its recv node. */
  function withTopic(topic: string): NodeConfig[] {
    return nodes.map((config) => (config.id === 'recv' ? { ...config, topic } : config));
  }

  async function echoes(text: string): Promise<void> {
    peer.socket.write(text);
    assert.equal(await peer.text(text.length), text);
  }

  /** What is held after a few rounds is what is held after many. */
  async function grown(rounds: number, round: (number: number) => Promise<void>): Promise<void> {
    for (let number = 0; number < 3; number++) await round(number);
    const before = await held(flow);
    for (let number = 3; number < rounds; number++) await round(number);
    assert.deepEqual(await held(flow), before);
    await flow.clock.pass(20_000);
    assert.deepEqual(flow.errors.pending, []);
  }

  for (const type of ['full', 'flows', 'nodes'] as const) {
    it(`as "${type}" keeps its connection, loses no data and leaves nothing behind`, async () => {
      await grown(ROUNDS[type], async (number) => {
        // One comes while nobody is there to take it.
        const deploying = flow.deploy(withTopic(`${number}`), type);
        await echoes(`during ${number},`);
        await deploying;
        await echoes(`after ${number}.`);
      });
      const events = flow.from('server').pending.map(({ event }) => event);
      assert.ok(!events.includes('client/close'), 'the connection was dropped');
    }).timeout(60_000);
  }

  it('with another port each time has one server at a time', async () => {
    await grown(ROUNDS.nodes, async () => {
      const before = port;
      port = await freePort();
      nodes = nodes.map((config) => (config.id === 'server' ? { ...config, port } : config));
      await flow.deploy(nodes, 'nodes');
      await flow.event('server', 'server/open');
      peer = await connectPeer(port);
      await echoes('hello');
      peer.socket.destroy();
      assert.equal(await isOpen(before), false);
    });
  }).timeout(60_000);
});

/** Sockets, and listeners of the modem. Timers of Node-RED's own come and go. */
async function held(flow: Flow): Promise<object> {
  await flow.clock.quiet();
  const { modem } = helper.getNode(flow.modemId) as unknown as { modem: Modem };
  const sockets = process.getActiveResourcesInfo().filter((kind) => /^(TCP|UDP)/.test(kind)).length;
  const listeners = modem.eventNames().map((name) => [name, modem.listenerCount(name)]);
  return { sockets, listeners };
}
