/** Errors of a modem node, in flows of Node-RED's own Catch nodes, groups and subflows. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import RED, { type Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import modem from '../../../nodes/qfwd-modem/qfwd-modem';
import urc from '../../../nodes/qfwd-urc/qfwd-urc';
import { defer } from '../../support/cleanup';

const MODEM = 'modem of users';

const config = { id: MODEM, type: 'qfwd-modem', transport: 'simulator', simulator: {} };

function tab(id: string): object {
  return { id, type: 'tab', label: id };
}

function placed(type: string, id: string, z: string, properties: object = {}): object {
  return { id, type, z, x: 0, y: 0, wires: [], ...properties };
}

/** A user of the modem. */
function user(id: string, z: string, properties: object = {}): object {
  return placed('qfwd-urc', id, z, { modem: MODEM, ...properties });
}

/** A Catch node, with a node behind it that tells what it emits. */
function catcher(id: string, z: string, properties: object = {}): object[] {
  return [
    placed('catch', id, z, { scope: null, ...properties, wires: [[`${id} tap`]] }),
    placed('helper', `${id} tap`, z),
  ];
}

/** Has the modem fail once; resolves with how often each of these nodes was told. */
async function toldBy(flow: readonly object[], ...ids: readonly string[]): Promise<Record<string, number>> {
  // The helper takes one Catch node at most.
  await helper.load([modem, urc], [tab('first'), placed('catch', 'only', 'first')]);
  defer(() => helper.unload());
  const started = once(RED.events, 'flows:started');
  await (RED.nodes as { setFlows(flows: object[]): Promise<unknown> }).setFlows([config, ...flow]);
  await started;
  const told = Object.fromEntries(ids.map((id) => [id, 0]));
  const sources = new Set<unknown>();
  for (const id of ids) {
    helper.getNode(`${id} tap`)!.on('input', (message) => {
      const { error } = message as { error?: { source: { id: string } } };
      told[id]!++;
      sources.add(error?.source.id);
    });
  }
  const node = helper.getNode(MODEM)! as Node & { modem: NodeJS.EventEmitter };
  node.modem.emit('problem', new Error('it failed'));
  // A message goes on in the next round of the event loop.
  for (let round = 0; round < 5; round++) await setImmediate();
  assert.deepEqual(
    [...sources].filter((id) => id !== MODEM),
    [],
  );
  return told;
}

describe('An error of a modem that many nodes use', () => {
  it('reaches each Catch node of each flow once, and only those with one of these nodes in their scope', async () => {
    const flow = [
      tab('one'),
      tab('two'),
      tab('empty'),
      ...['a', 'b', 'c'].map((id) => user(id, 'one')),
      user('d', 'two'),
      ...catcher('all', 'one'),
      ...catcher('first', 'one', { scope: ['a'] }),
      ...catcher('others', 'one', { scope: ['b', 'c'] }),
      ...catcher('nobody', 'one', { scope: ['x'] }),
      ...catcher('second tab', 'two'),
      ...catcher('third tab', 'empty'),
    ];
    assert.deepEqual(await toldBy(flow, 'all', 'first', 'others', 'nobody', 'second tab', 'third tab'), {
      all: 1,
      first: 1,
      others: 1,
      nobody: 0,
      'second tab': 1,
      'third tab': 0,
    });
  });

  it('reaches a Catch node for uncaught errors only if no other of its flow gets it', async () => {
    const flow = [
      tab('one'),
      tab('two'),
      ...['a', 'b'].map((id) => user(id, 'one')),
      ...['c', 'd'].map((id) => user(id, 'two')),
      ...catcher('scoped', 'one', { scope: ['b'] }),
      ...catcher('rest of one', 'one', { uncaught: true }),
      ...catcher('rest of two', 'two', { uncaught: true }),
    ];
    assert.deepEqual(await toldBy(flow, 'scoped', 'rest of one', 'rest of two'), {
      scoped: 1,
      'rest of one': 0,
      'rest of two': 1,
    });
  });

  it('reaches a Catch node for a group once, if one of these nodes is in the group', async () => {
    const group = (id: string, nodes: string[]) => ({ id, type: 'group', z: 'one', name: id, nodes });
    const flow = [
      tab('one'),
      group('g1', ['a', 'b', 'in g1', 'in g1 tap']),
      group('g2', ['in g2', 'in g2 tap']),
      user('a', 'one', { g: 'g1' }),
      user('b', 'one', { g: 'g1' }),
      user('c', 'one'),
      ...catcher('in g1', 'one', { g: 'g1', scope: 'group' }),
      ...catcher('in g2', 'one', { g: 'g2', scope: 'group' }),
    ];
    assert.deepEqual(await toldBy(flow, 'in g1', 'in g2'), { 'in g1': 1, 'in g2': 0 });
  });

  it('of a subflow that does not catch it reaches the flow of its instance, once', async () => {
    const flow = [
      { id: 'quiet', type: 'subflow', name: 'quiet', in: [], out: [] },
      user('a', 'quiet'),
      user('b', 'quiet'),
      {
        id: 'catching',
        type: 'subflow',
        name: 'catching',
        in: [],
        out: [{ wires: [{ id: 'inner', port: 0 }] }],
      },
      user('c', 'catching'),
      user('d', 'catching'),
      placed('catch', 'inner', 'catching', { scope: null, wires: [[]] }),
      tab('one'),
      placed('subflow:quiet', 'q1', 'one'),
      placed('subflow:quiet', 'q2', 'one'),
      placed('subflow:catching', 'c1', 'one', { wires: [['c1 tap']] }),
      placed('helper', 'c1 tap', 'one'),
      ...catcher('outer', 'one'),
      ...catcher('of an instance', 'one', { scope: ['q2'] }),
    ];
    assert.deepEqual(await toldBy(flow, 'outer', 'of an instance', 'c1'), {
      outer: 1,
      'of an instance': 1,
      c1: 1,
    });
  });
});
