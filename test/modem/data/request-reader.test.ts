import assert from 'node:assert/strict';

import { Connection } from '../../../src/modem/data/connection';
import { newCounters } from '../../../src/modem/link/counters';
import { CurrentLink } from '../../../src/modem/link/current-link';
import { RequestReader } from '../../../src/modem/data/request-reader';
import { Unread } from '../../../src/modem/data/unread';
import { MANUAL } from '../../../src/qfwd/dialect';
import { QfwdCommands } from '../../../src/qfwd/qfwd-commands';
import { ManualClock } from '../../support/manual-clock';

function requested() {
  const connection = new Connection(
    { socketId: 2, protocol: 'tcp' },
    0,
    newCounters(),
    new ManualClock(),
    'a run',
  );
  const port = { name: 'a port', open: () => assert.fail('it is not opened') };
  const reader = new RequestReader({
    current: new CurrentLink(port),
    unread: new Unread(new Map()),
    owner: {
      isAlive: () => Promise.resolve(true),
      prove: () => Promise.resolve(true),
      onDrained: () => undefined,
      admits: () => true,
    },
    reader: {
      isAnnounced: () => true,
      noteRequested: () => undefined,
      doubt: () => assert.fail('it is certain'),
    },
  });
  return { connection, reader };
}

describe('A request for data', () => {
  it('ends even if the peer sends faster than it can be read', async () => {
    const { connection, reader } = requested();
    let reads = 0;
    const session = {
      commands: new QfwdCommands(MANUAL, { dialect: 'auto', payloadMode: 'auto' }),
      reads: {
        receive: (_socketId: number, length: number) =>
          Promise.resolve({ data: Buffer.alloc(++reads < 5000 ? length : 0) }),
      },
    };
    assert.equal(
      (await reader.read(session, connection, undefined, () => assert.fail())).data.length,
      1024 * 1024,
    );
    assert.equal((await reader.read(session, connection, 1500, () => assert.fail())).data.length, 1500);
  });

  it('returns all there is, or all that was requested, from firmware that returns one packet at a time', async () => {
    const { connection, reader } = requested();
    const packets = [300, 300, 300, 100, 300, 300];
    const session = {
      commands: new QfwdCommands(MANUAL, { dialect: 'auto', payloadMode: 'auto' }),
      reads: {
        receive: (_socketId: number, length: number) => {
          const size = Math.min(length, packets[0] ?? 0);
          if (packets[0] === size) packets.shift();
          else if (packets[0]) packets[0] -= size;
          return Promise.resolve({ data: Buffer.alloc(size) });
        },
      },
    };
    assert.equal((await reader.read(session, connection, 800, () => assert.fail())).data.length, 800);
    assert.equal((await reader.read(session, connection, undefined, () => assert.fail())).data.length, 800);
  });
});
