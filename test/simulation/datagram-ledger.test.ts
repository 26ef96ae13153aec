import assert from 'node:assert/strict';

import { Connection } from '../../src/modem/data/connection';
import { newCounters } from '../../src/modem/link/counters';
import { DatagramLedger } from './datagram-ledger';
import { DatagramTalk } from './datagram-talk';
import type { Dispatch } from './dispatch';
import { MemoryNetwork } from './network/memory-network';
import { record } from './record';
import { SimulationClock } from './simulation-clock';

const SERVER = 2000;

/** A peer that has written two records, and the connection that its server has for it. */
function talk() {
  const clock = new SimulationClock();
  const breaches: string[] = [];
  const ledger = new DatagramLedger({ problems: 0, breach: (text) => breaches.push(text) });
  const socket = new MemoryNetwork(clock).createSocket();
  const peer = new DatagramTalk('du1', socket, SERVER, clock);
  peer.written = 2;
  ledger.talks.set(peer.label, peer);
  const ends = { ip: '127.0.0.1', port: peer.port, localIp: '', localPort: SERVER };
  const connection = new Connection({ socketId: 2, protocol: 'udp', ends }, 0, newCounters(), clock, 'a run');
  const take = (data: Buffer, from?: { readonly port: number }) => ledger.take(connection, data, from);
  const send = (dispatch: Partial<Dispatch> = {}) =>
    ledger.dispatches.push({
      label: 'c1',
      first: 0,
      count: 1,
      port: peer.port,
      outcome: 'sent',
      ...dispatch,
    });
  const close = (): string[] => {
    ledger.close();
    return breaches;
  };
  return { ledger, peer, connection, take, send, close };
}

describe('The rules for datagrams', () => {
  it('hold if each record is received once, in order, at the right end', () => {
    const { peer, take, send, close } = talk();
    take(record('du1', 0));
    take(record('du1', 1), { port: peer.port });
    send();
    peer.received.push(record('c1', 0));
    assert.deepEqual(close(), []);
  });

  it('are broken by a record that is changed, doubled, from nobody, or from another port', () => {
    const { take, close } = talk();
    take(record('du1', 1));
    take(record('du1', 0).subarray(1));
    take(record('du1', 0), { port: 1 });
    take(record('du9', 0));
    const breaches = close().join();
    assert.match(breaches, /changed.*told to be of port 1.*doubled or late.*of nobody: du9/);
  });

  it('are broken by a lost record, unless the loss is reported or has happened in the network', () => {
    for (const excuse of [undefined, 'told', 'lost', 'restart'] as const) {
      const { ledger, peer, connection, take, close } = talk();
      take(record('du1', 1));
      if (excuse === 'told') ledger.noteIncomplete(connection);
      if (excuse === 'lost') ledger.noteLost(peer.port, SERVER);
      if (excuse === 'restart') peer.excuses.add(excuse);
      assert.equal(close().length, excuse ? 0 : 1, excuse);
    }
  });

  it('are broken by an answer that is lost though sent, sent though reported as failed, or for another peer', () => {
    const lost = talk();
    lost.send();
    assert.match(lost.close().join(), /datagram 0 to c1, port \d+, was told as sent, and is lost/);
    const failed = talk();
    failed.send({ outcome: 'QFWD_CLOSED' });
    failed.peer.received.push(record('c1', 0));
    assert.match(failed.close().join(), /was told as QFWD_CLOSED/);
    const misled = talk();
    misled.send({ port: 1 });
    misled.peer.received.push(record('c1', 0), Buffer.from('x'));
    assert.match(misled.close().join(), /which was sent to port 1.*is no datagram of the flow/);
  });
});
