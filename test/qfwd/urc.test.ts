import assert from 'node:assert/strict';
import fc from 'fast-check';

import { decodeUrc, isUnsolicited } from '../../src/qfwd/urc';
import { type SocketUrc } from '../../src/sockets';

const incoming: SocketUrc = {
  event: 'client/incoming',
  serverId: 1,
  socketId: 2,
  ip: '192.168.225.58',
  port: 56784,
  localIp: '0.0.0.0',
  localPort: 2020,
};

describe('A URC', () => {
  const cases: [string, SocketUrc][] = [
    ['+QFWDURC: "server/open",1,0', { event: 'server/open', socketId: 1, result: 0 }],
    ['+QFWDURC: "server/open",1,563', { event: 'server/open', socketId: 1, result: 563 }],
    ['+QFWDURC: "client/open",11,0', { event: 'client/open', socketId: 11, result: 0 }],
    ['+QFWDURC: "client/incoming",1,2,"192.168.225.58",56784,"0.0.0.0",2020', incoming],
    ['+QFWDURC: "client/incoming", 1, 2, "192.168.225.58", 56784, "0.0.0.0", 2020', incoming],
    [
      '+QFWDURC: "client/incoming",1,2,"fe80::1",56784,"::",2020',
      { ...incoming, ip: 'fe80::1', localIp: '::' },
    ],
    ['+QFWDURC: "client/read",3', { event: 'client/read', socketId: 3 }],
    ['+QFWDURC: "client/read",3,18', { event: 'client/read', socketId: 3, length: 18 }],
    ['+QFWDURC:"client/read",3', { event: 'client/read', socketId: 3 }],
    ['+QFWDURC: "Client/Read",3', { event: 'client/read', socketId: 3 }],
    ['+QFWDURC: "client/close",3', { event: 'client/close', socketId: 3 }],
  ];
  for (const [line, urc] of cases) {
    it(line, () => {
      assert.deepEqual(decodeUrc(line), urc);
      assert.ok(isUnsolicited(line));
    });
  }

  it('has the event other if it cannot be decoded', () => {
    for (const line of [
      'RDY',
      '+CPIN: READY',
      '+QFWDURC:',
      '+QFWDURC: "client/read"',
      '+QFWDURC: "client/read",x',
      '+QFWDURC: "client/read",3,x',
      '+QFWDURC: "server/open",1',
      '+QFWDURC: "client/incoming",1,2,"192.168.225.58",http,"0.0.0.0",2020',
      '+QFWDURC: "client/read",0',
      '+QFWDURC: "client/close",65536',
      '+QFWDURC: "client/incoming",1,9999999999,"192.168.225.58",56784,"0.0.0.0",2020',
      '+QFWDURC: "client/other",3',
      'x+QFWDURC: "client/close",3',
    ]) {
      assert.deepEqual(decodeUrc(line), { event: 'other', line });
    }
  });

  it('is decoded from any line without an error', () => {
    const rest = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('"', ',', '1', ' ', 'client/read', 'client/incoming'))
        .map((it) => it.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom('', '+QFWDURC:', '+QFWDURC: "client/incoming",'), rest, (head, rest) => {
        const urc = decodeUrc(head + rest);
        if (urc.event === 'other') assert.equal(urc.line, head + rest);
        else assert.ok(head && 'socketId' in urc && Number.isInteger(urc.socketId));
      }),
    );
  });

  it('is told apart from responses to commands', () => {
    assert.ok(isUnsolicited('+QFWDURC: "client/read",3'));
    for (const line of [
      'OK',
      '+QFWDRECV: 3,18',
      '+QFWDSEND: 2,2',
      '+QFWDCFG: "urc",1,"usbat"',
      '+CSQ: 20,99',
      'Quectel',
    ]) {
      assert.ok(!isUnsolicited(line), line);
    }
  });
});
