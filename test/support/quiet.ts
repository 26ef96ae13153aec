import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

import { settled } from './manual-clock';

assert.ok(performance.nodeTiming.uvMetricsInfo, 'the tests need Node 20.18 or later');

/** How many markers in a row must arrive alone: one packet may cause another. */
const ROUNDS = 4;

/** Work that other threads do for this process: files, and names of hosts. */
const ELSEWHERE = /^(FSReq|GetAddrInfoReq|GetNameInfoReq)/;

/** Datagrams of this process to itself. Whatever was sent over the loopback interface before one has arrived when it arrives. */
class Markers {
  /** Events of the event loop that were caused by these. */
  events = 0;
  private lastTurn = -1;
  private readonly waiting: (() => void)[] = [];
  private readonly socket = createSocket('udp4').unref();
  private readonly isBound = once(this.socket.bind(0, '127.0.0.1'), 'listening');

  constructor() {
    this.socket.on('message', () => {
      // Several that arrive in one turn of the event loop are one event.
      const { loopCount } = performance.nodeTiming.uvMetricsInfo;
      if (loopCount !== this.lastTurn) this.events++;
      this.lastTurn = loopCount;
      this.waiting.shift()?.();
      if (this.waiting.length === 0) this.socket.unref();
    });
  }

  /** Resolves when the next one has arrived. */
  async pass(): Promise<void> {
    await this.isBound;
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.socket.ref();
      this.socket.send('', this.socket.address().port, '127.0.0.1');
    });
  }
}

const markers = new Markers();

/** Sockets that are being connected: a marker may overtake them. */
const connecting = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  connecting.add(socket);
  for (const event of ['connect', 'close']) socket.once(event, () => connecting.delete(socket));
});

/**
 * Resolves when nothing can happen in this process before time passes: neither sockets nor pipes have data for it, and it waits
 * for no result.
 * @param noted counts other activity, such as immediates
 */
export async function quiet(noted: () => number = () => 0): Promise<void> {
  const happened = () => performance.nodeTiming.uvMetricsInfo.events - markers.events + noted();
  do {
    for (let rounds = 0, before = happened(); rounds < ROUNDS; rounds++) {
      await markers.pass();
      // Whatever has arrived with it is handled in this turn of the event loop.
      await settled();
      const now = happened();
      if (now !== before) rounds = 0;
      before = now;
    }
  } while (isUnderWay());
}

function isUnderWay(): boolean {
  return connecting.size > 0 || process.getActiveResourcesInfo().some((kind) => ELSEWHERE.test(kind));
}
