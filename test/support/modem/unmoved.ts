import assert from 'node:assert/strict';

import type { Peer } from '../peers';
import type { Collector } from './collector';
import type { Server } from './owners';
import type { Rig } from './rig';

/** A server with one connection, of which the flow was told nothing but that they were opened, and whose data it still gets. */
export async function assertUnmoved(
  rig: Rig,
  server: Server,
  peer: Peer,
  collector: Collector,
  socketId: number,
): Promise<void> {
  // RDY is looked into; sockets that are still there are told as such.
  const told = server.log.all.flatMap((it) =>
    'event' in it && !('adopted' in it.event) ? [it.event.event] : [],
  );
  assert.deepEqual(told, ['server/open', 'client/incoming']);
  assert.equal(rig.modem.state, 'ready');
  assert.equal(rig.modem.counters.restarts, 0);
  peer.socket.write('once more');
  await collector.untilText(socketId, 'once more');
}
