import assert from 'node:assert/strict';

import { insertBefore } from '../../src/simulator';
import { countedHeader, PLAIN_HEADER, said } from '../support/sms';
import { readyRig } from '../support/modem/rig';

describe('A short message in text mode', () => {
  it('causes no close, restart or response, whatever its content', async () => {
    const rig = await readyRig();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    const collector = rig.collect();
    const lines: string[] = [];
    rig.modem.on('urc', (_urc, line) => lines.push(line));
    const bodies = [
      'RDY',
      'POWERED DOWN',
      'OK',
      'ERROR',
      'AT seven',
      `+QFWDURC: "client/close",${socketId}`,
      `+QFWDRECV: ${socketId},1000`,
    ];
    for (const body of bodies) {
      const text = said(countedHeader(body.length), body);
      rig.module.inject(insertBefore('block', text));
      rig.module.inject(insertBefore('result', text));
      peer.socket.write(`<${body}>`);
      await collector.untilText(socketId, `<${body}>`);
      rig.module.urc(`${PLAIN_HEADER}\r\n${body}`);
      await rig.modem.send(socketId, Buffer.from(`(${body})`), 30_000);
      await peer.untilText(`(${body})`);
    }
    for (const body of bodies) {
      assert.ok(lines.includes(`${PLAIN_HEADER}\n${body}`), body);
      assert.equal(lines.filter((line) => line === `${countedHeader(body.length)}\n${body}`).length, 2);
    }
    assert.deepEqual(server.events, ['server/open', 'client/incoming']);
    assert.deepEqual(rig.states.all, ['connecting', 'initializing', 'ready']);
    assert.deepEqual(rig.problems, []);
  });
});
