import assert from 'node:assert/strict';
import type { EndpointSnapshot, ModemSummary } from '../../../nodes/qfwd-modem/answers';
import {
  arrange,
  colorOf,
  keyOf,
  type Order,
  reasonOf,
  tally,
} from '../../../nodes/qfwd-modem/editor/overview';

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
    arrange(modems, { order, filter, nameOf: ({ name }) => name, say: (key) => key }).map(({ name }) => name);

  it('counts those that are ready, then the others, worst first', () => {
    assert.deepEqual(tally(modems), [
      ['status.ready', 2],
      ['status.offline', 2],
      ['status.waiting', 1],
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
    assert.equal(keyOf(modem('d', 'ready', 1)), 'status.waiting');
  });

  describe('explains in one line', () => {
    const explained = (summary: ModemSummary): string =>
      reasonOf(summary, { labelOf: (id) => (id === 'n1' ? 'uplink' : undefined), say: (key) => key });
    const waitingFor: EndpointSnapshot = {
      owner: 'n1',
      kind: 'client',
      state: 'waiting',
      protocol: 'tcp',
      status: 'locked',
      trouble: { at: 0, text: 'the SIM is locked: not opened' },
    };

    it('why it is offline', () => {
      assert.equal(explained({ ...modem('a', 'offline'), reason: 'no such port' }), 'no such port');
    });

    it('what it waits for, the reason first', () => {
      const ready = modem('a', 'ready', 1);
      assert.equal(explained({ ...ready, waitingFor }), 'status.locked · uplink');
      assert.equal(explained({ ...ready, waiting: 3, waitingFor }), 'status.locked · uplink (+2)');
      const server: EndpointSnapshot = { ...waitingFor, owner: 'n2/1', kind: 'server', status: 'retrying' };
      const trouble = { at: 0, text: 'no socket left' };
      assert.equal(
        explained({ ...ready, waitingFor: { ...server, trouble } }),
        'no socket left · sidebar.server',
      );
    });

    it('states that have no error', () => {
      for (const state of ['activating', 'booting', 'unsupported', 'unused'] as const)
        assert.equal(explained(modem('a', state)), `sidebar.because.${state}`);
    });

    it('nothing of a modem that works, or of one whose link says it', () => {
      assert.equal(explained(modem('a', 'ready')), '');
      assert.equal(explained({ ...modem('a', 'connecting', 1), waitingFor }), '');
    });
  });
});
