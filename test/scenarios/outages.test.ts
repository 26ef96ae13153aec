/** A gateway that nobody visits: whatever goes away, and however it comes back, the stream goes on. */
import assert from 'node:assert/strict';

import type { Connection } from '../../src/modem';
import type { Fault, SimulatorOptions } from '../../src/simulator';
import type { Peer } from '../support/peers';
import {
  assertAccounted,
  assertIncreasing,
  assertNotSent,
  assertRead,
  numbersIn,
  type Outcomes,
  RECORD,
  record,
  sendBatch,
} from '../support/modem/records';
import { scenario } from '../support/modem/family';
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
    await rig.pass(60_000);
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
    simulator: { bootDelay: 3000, apDelay: 20_000 },
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

scenario('Numbered records to and from a module', () => {
  for (const [name, { simulator = {}, isRestart = false, happen }] of Object.entries(OUTAGES)) {
    it(`${name} are received once and in order, and the queue is empty again`, async () => {
      const rig = await readyRig({ simulator, modem: { queueLimit: QUEUE_LIMIT } });
      const server = await rig.openServer();
      const collector = rig.collect();
      let peer = await server.dial();
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
        await server.event('server/open');
        peer = await server.dial();
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
        assertIncreasing(all);
        assertNotSent(new Set(all), codes);
        return;
      }
      assertAccounted(numbersIn(received.subarray(0, -QUEUE_LIMIT)), codes, count);
      peer.socket.write(record(told++));
      await collector.untilText(last.socketId, `#${told - 1}.`);
      assertRead(collector, collector.data(last.socketId), told);
    });
  }
});

/** The connection of a peer, once the modem knows it. */
async function connectionOf(rig: Rig, peer: Peer): Promise<Connection> {
  const find = () =>
    rig.modem.connections().find(({ ends, state }) => ends?.port === peer.port && state === 'open');
  await rig.until(() => rig.modem.state === 'ready' && find() !== undefined);
  return find()!;
}

/** Without the filling at the end, and what a restart cut off. */
function wholeRecords(received: Buffer): Buffer {
  const end = received.indexOf('=====');
  const records = end < 0 ? received : received.subarray(0, end);
  return records.subarray(0, records.length - (records.length % RECORD));
}
