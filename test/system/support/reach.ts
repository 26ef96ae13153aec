import { setTimeout as delay } from 'node:timers/promises';

import { connectPeer, type Peer } from '../../support/peers';

/** Connects as soon as another process listens on the port; rejects after `limit` ms. */
export async function reach(port: number, limit = 30_000): Promise<Peer> {
  const deadline = performance.now() + limit;
  for (;;) {
    try {
      return await connectPeer(port);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}
