/** A gateway that nobody visits: whatever goes away, and however it comes back, the stream goes on. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import type { Connection } from '../../src/modem';
import type { Fault, SimulatorOptions } from '../../src/simulator';
import { defer } from '../support/cleanup';
import { connectPeer, type Peer } from '../support/peers';
import {
  assertAccounted,
  numbersIn,
  type Outcomes,
  RECORD,
  record,
  sendBatch,
} from '../support/modem/records';
import { readyRig, type Rig } from '../support/modem/rig';

const BATCH = 4;
const QUEUE_LIMIT = 4096;

interface Outage {
  readonly simulator?: Partial<SimulatorOptions>;
  /** Whether the module's sockets are gone afterwards. */
  readonly isRestart?: true;
  /** Resolves when it is over. */
  readonly happen: (rig: Rig) => Promise<void>;
}

const deafAndMute: Fault = { receive: () => Buffer.alloc(0), send: () => [] };

/** Something wrong with the line for a minute of the driver's time. */
function aMinuteOf(fault: Fault): Outage['happen'] {
  return async (rig) => {
    const stop = rig.module.inject(fault);
    for (let passed = 0; passed < 12; passed++) {
      rig.clock.forward(4000);
      await delay(10);
    }
    stop();
  };
}

const OUTAGES: Record<string, Outage> = {
  'whose cable is pulled': {
    happen: (rig) => {
      rig.module.unplug();
      return Promise.resolve();
    },
  },
  'that is dead for a minute': { happen: aMinuteOf(deafAndMute) },
  'that hears and is not heard': { happen: aMinuteOf({ send: () => [] }) },
  'that is heard and does not hear': { happen: aMinuteOf({ receive: () => Buffer.alloc(0) }) },
  'that restarts': { isRestart: true, happen: (rig) => rig.module.reboot() },
  'that restarts and takes its time with the QFWD commands': {
    isRestart: true,
    simulator: { bootDelay: 30, apDelay: 150 },
    happen: (rig) => rig.module.reboot(),
  },
  'that restarts without a word': {
    isRestart: true,
    simulator: { urcPort: 'uart1' },
    happen: (rig) => rig.module.reboot(),
  },
  'that restarts with its cable out': {
    isRestart: true,
    happen: async (rig) => {
      rig.module.unplug();
      await rig.module.reboot();
    },
  },
};

describe('Numbered records to and from a module', () => {
  for (const [name, { simulator = {}, isRestart = false, happen }] of Object.entries(OUTAGES)) {
    it(`${name} arrive once and in order, and the queue is empty again`, async () => {
      const rig = await readyRig({ simulator, modem: { queueLimit: QUEUE_LIMIT } });
      const { port } = (await rig.openServer()).settings;
      const collector = rig.collect();
      passTime(rig);
      let peer = await connectPeer(port);
      const peers = [peer];
      const codes: Outcomes = new Map();
      let told = 0;
      let count = 0;
      for (let round = 0; round < 3; round++) {
        const target = await connectionOf(rig, peer);
        for (let burst = 0; burst < 3; burst++, count += BATCH) {
          for (let of = 0; of < BATCH; of++) peer.socket.write(record(told++));
          const sending = sendBatch(rig, target.socketId, count, BATCH, 60_000);
          if (burst === 1) await happen(rig);
          for (const [number, code] of await sending) codes.set(number, code);
        }
        if (!isRestart) continue;
        await peer.closed;
        peer = await reconnect(port);
        peers.push(peer);
      }
      const last = await connectionOf(rig, peer);
      for (const code of codes.values())
        assert.ok(['QFWD_UNKNOWN_OUTCOME', 'QFWD_OFFLINE', 'QFWD_CLOSED'].includes(code), code);

      // Every byte of the queue is free again, and all the data of what lives on is there.
      const before = peer.received.length;
      await rig.modem.send(last, Buffer.alloc(QUEUE_LIMIT, '='), 60_000);
      const received = await peer.until(before + QUEUE_LIMIT);
      if (isRestart) {
        // What the module took and had not passed on when it restarted is lost; nobody can know.
        const all = peers.flatMap(({ received }) => [...numbersIn(wholeRecords(received))]);
        assert.deepEqual(
          [...all],
          [...new Set(all)].sort((a, b) => a - b),
          'doubled or out of order',
        );
        return;
      }
      assertAccounted(numbersIn(received.subarray(0, -QUEUE_LIMIT)), codes, count);
      if (collector.missed.all.length === 0) {
        await collector.until(last.socketId, told * RECORD);
        assert.equal(numbersIn(collector.data(last.socketId)).size, told);
      }
    });
  }
});

/** Lets the driver's minutes pass in moments. */
function passTime(rig: Rig): void {
  const passing = setInterval(() => rig.clock.forward(500), 10);
  defer(() => clearInterval(passing));
}

async function reconnect(port: number): Promise<Peer> {
  for (;;) {
    const peer = await connectPeer(port).catch(() => undefined);
    if (peer) return peer;
    await delay(5);
  }
}

/** The connection of a peer, once the modem knows it. */
async function connectionOf(rig: Rig, peer: Peer): Promise<Connection> {
  for (let tries = 0; tries < 1000; tries++) {
    const found = rig.modem
      .connections()
      .find(({ ends, state }) => ends?.port === peer.port && state === 'open');
    if (found && rig.modem.state === 'ready') return found;
    await delay(5);
  }
  throw new Error(`the modem is ${rig.modem.state} and does not know the peer`);
}

/** Without the filling at the end, and what a restart cut off. */
function wholeRecords(received: Buffer): Buffer {
  const end = received.indexOf('=====');
  const records = end < 0 ? received : received.subarray(0, end);
  return records.subarray(0, records.length - (records.length % RECORD));
}
