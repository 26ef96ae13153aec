import assert from 'node:assert/strict';
import type { ModemSummary } from '../../../nodes/qfwd-modem/answers';
import { arrange, colorOf, type Order, tally } from '../../../nodes/qfwd-modem/editor/overview';

describe('The overview of modems', () => {
  const modem = (name: string, state: ModemSummary['state'], waiting = 0): ModemSummary => ({
    id: name,
    name,
    portName: `/dev/${name}`,
    state,
    waiting,
  });
  const modems = [
    modem('b2', 'ready'),
    modem('b10', 'ready'),
    modem('c', 'offline'),
    modem('d', 'ready', 1),
    modem('e', 'unused'),
    modem('f', 'stopped'),
    modem('a', 'no-network'),
  ];
  const names = (order: Order, filter = ''): string[] =>
    arrange(modems, { order, filter, labelOf: ({ name }) => name, say: (key) => key }).map(
      ({ name }) => name,
    );

  it('counts those that are ready, then the others, worst first', () => {
    assert.deepEqual(tally(modems), [
      ['status.ready', 3],
      ['status.offline', 2],
      ['status.no-network', 1],
      ['status.unused', 1],
    ]);
  });

  it('lists the worst first, or by name', () => {
    assert.deepEqual(names('state'), ['c', 'f', 'a', 'd', 'b2', 'b10', 'e']);
    assert.deepEqual(names('name'), ['a', 'b2', 'b10', 'c', 'd', 'e', 'f']);
  });

  it('filters by a part of name, port or state', () => {
    assert.deepEqual(names('name', ' B1'), ['b10']);
    assert.deepEqual(names('name', 'dev/c'), ['c']);
    assert.deepEqual(names('name', 'offline'), ['c', 'f']);
  });

  it('marks a ready modem in amber if one of its servers or clients is not open', () => {
    assert.deepEqual(modems.slice(0, 4).map(colorOf), ['green', 'green', 'red', 'yellow']);
  });
});
