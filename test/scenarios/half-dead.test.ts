import assert from 'node:assert/strict';

import { QfwdError } from '../../src/modem';
import { type Outcomes, RECORD, record, sendBatch } from '../support/modem/records';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';

const QUEUE_LIMIT = 65_536;

scenario('A network that is lost while its sockets stay open', () => {
  it('fills the queue and makes each message fail once, until the module closes the sockets', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 1024 }, modem: { queueLimit: QUEUE_LIMIT } });
    const server = await rig.openServer();
    const dead = await server.connect();
    const alive = await server.connect();
    const release = rig.module.holdSending(dead.socketId);

    const codes: Outcomes = await sendBatch(rig, dead.socketId, 0, QUEUE_LIMIT / RECORD + 20, 5000);
    const told = new Set(codes.values());
    assert.deepEqual(told, new Set(['QFWD_QUEUE_FULL', 'QFWD_TIMEOUT']));
    await rig.modem.send(alive.socketId, Buffer.alloc(QUEUE_LIMIT, 'x'), 10_000);
    await alive.peer.until(QUEUE_LIMIT);

    // The module drops the connection, and says nothing of it.
    rig.module.inject({
      send: (packet) => (/client\/close|"closed"/.test(packet.bytes.toString()) ? [] : [packet]),
    });
    const waiting = rig.modem.send(dead.socketId, record(0), 60_000);
    const closed = assert.rejects(waiting, { code: 'QFWD_CLOSED' });
    await rig.ask(`${rig.family.commands.close}${dead.socketId}`);
    release();
    await closed;
    await server.event('client/close');
  });

  it('leaves exactly what the module has accepted of each message to be delivered when it is back', async () => {
    const rig = await readyRig({ simulator: { sendBuffer: 1024 } });
    const { peer, socketId } = await (await rig.openServer()).connect();
    const release = rig.module.holdSending(socketId);
    /** How many bytes of a record the module took. */
    const taken = (number: number, timeout: number): Promise<number> =>
      rig.modem.send(socketId, record(number), timeout).then(
        ({ bytes }) => bytes,
        (error: unknown) => {
          assert.ok(error instanceof QfwdError && error.code === 'QFWD_TIMEOUT');
          return error.sent ?? 0;
        },
      );
    const numbers = Array.from({ length: 120 }, (_, number) => number);
    const early = await Promise.all(numbers.slice(0, 60).map((number) => taken(number, 2000)));
    assert.ok(early.includes(0) && early.includes(RECORD));
    const late = numbers.slice(60).map((number) => taken(number, 60_000));
    release();
    const lengths = [...early, ...(await Promise.all(late))];
    const expected = Buffer.concat(lengths.map((length, number) => record(number).subarray(0, length)));
    assert.deepEqual(await peer.until(expected.length), expected);
  });
});
