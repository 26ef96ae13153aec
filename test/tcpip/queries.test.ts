import assert from 'node:assert/strict';

import { ACTIVE_CONTEXTS } from '../../src/tcpip/contexts';
import { acceptedBy, listOf } from '../../src/tcpip/lists';
import {
  LAST_RESULT,
  LIST_SOCKETS,
  receiveTotals,
  sendTotals,
  socketState,
  urcPortOf,
} from '../../src/tcpip/queries';
import { isUnsolicited } from '../../src/tcpip/urc';
import { answered } from '../support/answered';

const said = (...lines: string[]) => `${lines.map((line) => `\r\n${line}\r\n`).join('')}\r\nOK\r\n`;

const list = (...lines: string[]) =>
  listOf(
    answered(LIST_SOCKETS, said(...lines), isUnsolicited),
    ({ contextId, state }) => contextId === 9 || state === 'ended',
  );

describe('AT+QISTATE', () => {
  it('lists servers, connections and clients', () => {
    const found = list(
      '+QISTATE: 0,"TCP LISTENER","198.51.100.187",0,8080,3,1,0,0,"usbat"',
      '+QISTATE: 1,"UDP SERVICE","198.51.100.166",7,3030,2,1,1,0,"usbat"',
      '+QISTATE: 2,"TCP","192.0.2.98",9966,9437,2,1,2,0,"UART1"',
      '+QISTATE: 11,"TCP INCOMING","192.0.2.68",54842,8080,2,1,0,0,"usbat"',
    );
    assert.deepEqual(found.servers, [
      { socketId: 0, protocol: 'tcp', port: 8080, urcPort: 'usbat' },
      { socketId: 1, protocol: 'udp', port: 3030, urcPort: 'usbat' },
    ]);
    const ends = (ip: string, port: number, localPort: number) => ({ ip, port, localIp: '', localPort });
    assert.deepEqual(
      [...found.sockets.values()],
      [
        {
          socketId: 2,
          direction: 'active',
          protocol: 'tcp',
          ends: ends('192.0.2.98', 9966, 9437),
          urcPort: 'uart1',
        },
        {
          socketId: 11,
          direction: 'income',
          protocol: 'tcp',
          ends: ends('192.0.2.68', 54842, 8080),
          urcPort: 'usbat',
          serverId: 0,
        },
      ],
    );
    assert.deepEqual(acceptedBy(found, 0), [{ index: 1, socketId: 11, ...ends('192.0.2.68', 54842, 8080) }]);
  });

  it('lists an open client in the state of a listener', () => {
    const { sockets } = list('+QISTATE: 0,"TCP","192.0.2.190",1883,22742,3,1,0,0,"uart1"');
    assert.equal(sockets.get(0)?.hasEnded, undefined);
  });

  it('lists a connection that its peer has closed, which may have unread data', () => {
    const found = list('+QISTATE: 11,"TCP INCOMING","192.0.2.48",54707,2020,4,1,3,0,"uart1"');
    assert.equal(found.sockets.get(11)?.hasEnded, true);
    assert.deepEqual(acceptedBy(found, 3), []);
  });

  it('lists sockets that cannot be used: clients that are connecting, and other access modes', () => {
    const found = list(
      '+QISTATE: 3,"TCP","192.0.2.48",6000,0,1,1,3,0,"uart1"',
      '+QISTATE: 4,"TCP","192.0.2.48",6000,0,2,1,4,1,"uart1"',
      '+QISTATE: 5,"TCP LISTENER","192.0.2.48",0,6000,3,1,5,2,"uart1"',
    );
    assert.deepEqual([found.servers, found.sockets.size, [...(found.occupied ?? [])]], [[], 0, [3, 4, 5]]);
  });

  it('lists no servers of a lost context, and its connections as ended', () => {
    const found = list(
      '+QISTATE: 0,"TCP LISTENER","198.51.100.187",0,8080,3,9,0,0,"usbat"',
      '+QISTATE: 11,"TCP INCOMING","192.0.2.48",54707,2020,2,9,0,0,"uart1"',
    );
    assert.deepEqual([found.servers, found.sockets.get(11)?.hasEnded], [[], true]);
  });

  it('can query one socket', () => {
    assert.equal(answered(socketState(3), '\r\nOK\r\n', isUnsolicited), undefined);
    const one = said('+QISTATE: 3,"TCP LISTENER","10.0.0.155",0,5500,3,1,3,0,"uart1"');
    assert.equal(answered(socketState(3), one, isUnsolicited)?.ends.localPort, 5500);
    assert.equal(answered(urcPortOf(3), one, isUnsolicited), 'uart1');
    assert.throws(() => answered(urcPortOf(3), '\r\nOK\r\n', isUnsolicited), { failure: 'malformed' });
  });
});

describe('Queue figures', () => {
  it('are bytes sent and acknowledged, and bytes received and read', () => {
    const figures = { total: 3615, done: 3530, left: 85 };
    assert.deepEqual(answered(receiveTotals(1), said('+QIRD: 3615,3530,85'), isUnsolicited), figures);
    assert.deepEqual(answered(sendTotals(1), said('+QISEND: 3615,3530,85'), isUnsolicited), figures);
    assert.throws(() => answered(receiveTotals(1), said('+QIRD: 5'), isUnsolicited), {
      failure: 'malformed',
    });
  });
});

describe('AT+QIGETERROR', () => {
  for (const [line, result] of [
    ['+QIGETERROR: 563,socket identity has been used', 563],
    ['+QIGETERROR: 0, operate successfully', 0],
  ] as const)
    it(line, () => assert.equal(answered(LAST_RESULT, said(line), isUnsolicited), result));
});

describe('AT+QIACT?', () => {
  it('lists the active contexts, with one address or two', () => {
    const active = said(
      '+QIACT: 1,1,1,"10.0.0.2"',
      '+QIACT: 3,1,3,"10.0.0.3","2001:db8::1"',
      '+QIACT: 4,0,1',
    );
    assert.deepEqual([...answered(ACTIVE_CONTEXTS, active, isUnsolicited)], [1, 3]);
    assert.deepEqual([...answered(ACTIVE_CONTEXTS, '\r\nOK\r\n', isUnsolicited)], []);
  });
});
