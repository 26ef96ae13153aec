import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';

import { Deploys } from '../../../nodes/qfwd-modem/deploys';

const EVENTS = ['flows:started', 'flows:stopping'] as const;

describe('Deploys', () => {
  it('are reported to every modem node over one listener, which is removed with the last node', () => {
    const events = new EventEmitter();
    const deploys = new Deploys(events);
    const counts = () => EVENTS.map((event) => events.listenerCount(event));
    const told: string[] = [];
    const stops = ['one', 'two'].map((name) =>
      deploys.follow({
        onStarted: () => told.push(`${name} started`),
        onStopping: ({ diff }) => told.push(`${name} stopping ${diff?.removed.join()}`),
      }),
    );
    assert.deepEqual(counts(), [1, 1]);
    events.emit('flows:stopping', { diff: { removed: ['two'] } });
    stops[1]!();
    events.emit('flows:started');
    assert.deepEqual(told, ['one stopping two', 'two stopping two', 'one started']);
    stops[0]!();
    assert.deepEqual(counts(), [0, 0]);
    deploys.follow({ onStarted: () => told.push('again'), onStopping: () => undefined });
    events.emit('flows:started');
    assert.equal(told.at(-1), 'again');
  });
});
