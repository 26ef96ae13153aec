import assert from 'node:assert/strict';

import { Connection } from '../../../src/modem/data/connection';
import { newCounters } from '../../../src/modem/link/counters';
import { RequestReader } from '../../../src/modem/data/request-reader';
import { Unread } from '../../../src/modem/data/unread';
import { MANUAL } from '../../../src/qfwd/dialect';
import { QfwdCommands } from '../../../src/qfwd/qfwd-commands';

describe('A request for data', () => {
  it('ends though the peer sends faster than it can be read', async () => {
    const connection = new Connection({ socketId: 2, protocol: 'tcp' }, 0, newCounters());
    const reader = new RequestReader(new Unread(new Map()), { onDrained: () => undefined });
    let reads = 0;
    const session = {
      commands: new QfwdCommands(MANUAL, { dialect: 'auto', payloadMode: 'auto' }),
      receive: (_socketId: number, length: number) =>
        Promise.resolve({ data: Buffer.alloc(++reads < 5000 ? length : 0) }),
    };
    assert.equal(
      (await reader.read(session, connection, undefined, () => assert.fail())).length,
      1024 * 1024,
    );
    assert.equal((await reader.read(session, connection, 1500, () => assert.fail())).length, 1500);
  });

  it('gets all there is, and all it asks for, from firmware that gives a packet at a time', async () => {
    const connection = new Connection({ socketId: 2, protocol: 'tcp' }, 0, newCounters());
    const reader = new RequestReader(new Unread(new Map()), { onDrained: () => undefined });
    const packets = [300, 300, 300, 100, 300, 300];
    const session = {
      commands: new QfwdCommands(MANUAL, { dialect: 'auto', payloadMode: 'auto' }),
      receive: (_socketId: number, length: number) => {
        const size = Math.min(length, packets[0] ?? 0);
        if (packets[0] === size) packets.shift();
        else if (packets[0]) packets[0] -= size;
        return Promise.resolve({ data: Buffer.alloc(size) });
      },
    };
    assert.equal((await reader.read(session, connection, 800, () => assert.fail())).length, 800);
    assert.equal((await reader.read(session, connection, undefined, () => assert.fail())).length, 800);
  });
});
