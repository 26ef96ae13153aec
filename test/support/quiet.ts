import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

import { settled } from './manual-clock';

assert.ok(performance.nodeTiming.uvMetricsInfo, 'the tests need Node 20.18 or later');

/** How often in a row nothing else may come with a marker: one packet may give rise to another. */
const ROUNDS = 4;

/** What other threads of this process do for it: files, and names of hosts. */
const ELSEWHERE = /^(FSReq|GetAddrInfoReq|GetNameInfoReq)/;

/** Datagrams of this process to itself. What went over the loopback before one has come when it comes, on any machine. */
class Markers {
  /** Events of the event loop that were of these. */
  events = 0;
  private lastTurn = -1;
  private readonly waiting: (() => void)[] = [];
  private readonly socket = createSocket('udp4').unref();
  private readonly isBound = once(this.socket.bind(0, '127.0.0.1'), 'listening');

  constructor() {
    this.socket.on('message', () => {
      // Several that come in one turn are one event.
      const { loopCount } = performance.nodeTiming.uvMetricsInfo;
      if (loopCount !== this.lastTurn) this.events++;
      this.lastTurn = loopCount;
      this.waiting.shift()?.();
      if (this.waiting.length === 0) this.socket.unref();
    });
  }

  /** Resolves when the next one has come. */
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

/** Sockets that are being connected, to where a marker may overtake them. */
const connecting = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  connecting.add(socket);
  for (const event of ['connect', 'close']) socket.once(event, () => connecting.delete(socket));
});

/**
 * Resolves when nothing goes on in this process without time: neither sockets nor pipes have anything for it, and nothing
 * that it asked for is under way.
 * @param noted grows with what happens besides, such as immediates
 */
export async function quiet(noted: () => number = () => 0): Promise<void> {
  const happened = () => performance.nodeTiming.uvMetricsInfo.events - markers.events + noted();
  do {
    for (let rounds = 0, before = happened(); rounds < ROUNDS; rounds++) {
      await markers.pass();
      // Whatever has come with it is done with in this turn.
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
