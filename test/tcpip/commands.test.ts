import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { Command } from '../../src/at';
import { closeSocket, openSocket, receive, sendHex, sendRaw } from '../../src/tcpip/commands';
import { decodeUrc, isUnsolicited } from '../../src/tcpip/urc';
import { answered } from '../support/answered';
import { hostilePayload } from '../support/payloads';

/** What a command makes of what the module says, and the URCs in it. */
function heard<T>(command: Command<T>, said: string | Buffer) {
  const urcs: string[] = [];
  const value = answered(command, said, isUnsolicited, (line) => urcs.push(line));
  return { value, urcs };
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('AT+QIOPEN', () => {
  const server = { contextId: 1, socketId: 0, host: '127.0.0.1', remotePort: 0, localPort: 8080 };

  it('always has the access mode as a parameter', () => {
    assert.equal(
      openSocket({ ...server, type: 'TCP LISTENER' }).text,
      'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,8080,0',
    );
    assert.equal(
      openSocket({ ...server, type: 'UDP', host: '192.0.2.155', remotePort: 7, localPort: 0 }).text,
      'AT+QIOPEN=1,0,"UDP","192.0.2.155",7,0,0',
    );
  });

  it('rejects a host that ends the command line', () => {
    for (const host of ['a"b', 'a\rb', 'a\x1ab'])
      assert.throws(() => openSocket({ ...server, type: 'TCP', host }), { name: 'InvalidParameter' });
  });

  it('may have a response before its result code or after it', () => {
    const command = openSocket({ ...server, type: 'TCP' });
    assert.deepEqual(heard(command, '\r\n+QIOPEN: 0,0\r\n\r\nOK\r\n').urcs, ['+QIOPEN: 0,0']);
    assert.deepEqual(heard(command, '\r\nOK\r\n').urcs, []);
  });
});

describe('AT+QICLOSE', () => {
  it('waits longer than the module may block the line', () => {
    const { text, timeout = 0 } = closeSocket(3);
    assert.equal(text, 'AT+QICLOSE=3,2');
    assert.ok(timeout > 2000);
  });
});

describe('AT+QISEND', () => {
  const text = bytes('Hello example');
  const all = { taken: 13, hasEchoed: false };
  const prompt = '\r\n> ';

  for (const [what, said, result] of [
    ['SEND OK', '\r\nSEND OK\r\n', all],
    ['SEND FAIL', '\r\nSEND FAIL\r\n', { ...all, taken: 0 }],
    ['the payload and SEND OK', 'Hello example\r\nSEND OK\r\n', { ...all, hasEchoed: true }],
    [
      'a URC, the payload and SEND OK',
      '\r\n+QIURC: "recv",3\r\nHello example\r\nSEND OK\r\n',
      { ...all, hasEchoed: true },
    ],
    ['its id and SEND OK', '\r\n3,SEND OK\r\n', all],
    ['SEND OK as a URC', '\r\n+QIURC: SEND OK\r\n', all],
    ['its id and SEND FAIL as a URC', '\r\n+QIURC: 3,SEND FAIL\r\n', { ...all, taken: 0 }],
    ['free space', '\r\n+QISEND: 3,0,8780\r\n\r\nOK\r\n', all],
    ['no free space', '\r\n+QISEND: 3,1,0\r\n\r\nOK\r\n', { ...all, taken: 0 }],
  ] as const)
    it(`has the response ${what}`, () => {
      assert.deepEqual(heard(sendRaw(3, text), prompt + said).value, result);
      if (!result.hasEchoed) assert.deepEqual(heard(sendHex(3, text), said).value, result);
    });

  for (const prompt of ['\r\n> ', '\r\n>', '\r\n>\r\n'])
    it(`has the prompt ${JSON.stringify(prompt)}`, () => {
      assert.equal(heard(sendRaw(3, text), `${prompt}\r\nSEND OK\r\n`).value.taken, 13);
    });

  it('has an unknown outcome if the response to its data is OK, as after ESC', () => {
    assert.throws(() => heard(sendRaw(3, text), `${prompt}\r\nOK\r\n`), { failure: 'malformed' });
  });

  it('is rejected with ERROR', () => {
    assert.throws(() => heard(sendRaw(3, text), '\r\nERROR\r\n'), { failure: 'rejected' });
  });

  it('has the peer of a UDP SERVICE as a parameter', () => {
    const { text: line } = sendRaw(0, bytes('echo teste 001'), { ip: '192.0.2.241', port: 7 });
    assert.equal(line, 'AT+QISEND=0,14,"192.0.2.241",7');
  });

  it('finds its result with any echoed payload, and without', () => {
    fc.assert(
      fc.property(hostilePayload({ minLength: 1, maxLength: 200 }), (payload) => {
        const command = sendRaw(3, payload);
        const said = Buffer.concat([bytes(prompt), payload, bytes('\r\nSEND OK\r\n')]);
        const { value, urcs } = heard(command, said);
        assert.equal(value.taken, payload.length);
        assert.deepEqual(urcs, []);
      }),
    );
  });

  it('may have the payload as digits in the command line', () => {
    assert.equal(sendHex(0, bytes('12345')).text, 'AT+QISENDEX=0,"3132333435"');
  });
});

describe('AT+QIRD', () => {
  const header = (length: number, tail = '') => bytes(`\r\n+QIRD: ${length}${tail}\r\n`);

  for (const tail of ['\r\n\r\nOK\r\n', '\r\nOK\r\n'])
    it(`returns any data followed by ${JSON.stringify(tail)}`, () => {
      fc.assert(
        fc.property(hostilePayload({ minLength: 1, maxLength: 1500 }), (data) => {
          const said = Buffer.concat([header(data.length), data, bytes(tail)]);
          assert.deepEqual(heard(receive(0, 1500), said), { value: { data }, urcs: [] });
        }),
      );
    });

  it('accepts a URC between the data and OK', () => {
    const { value, urcs } = heard(receive(0, 1500), '\r\n+QIRD: 3\r\nabc\r\n+QIURC: "recv",0\r\n\r\nOK\r\n');
    assert.deepEqual(value, { data: bytes('abc') });
    assert.deepEqual(urcs, ['+QIURC: "recv",0']);
  });

  it('returns nothing if there is no data', () => {
    assert.deepEqual(heard(receive(0, 1500), '\r\n+QIRD: 0\r\n\r\nOK\r\n').value, { data: bytes('') });
  });

  for (const said of ['14,"192.0.2.241",7', '14, "192.0.2.241", 7', '14,192.0.2.241,7'])
    it(`returns a datagram and its sender: ${said}`, () => {
      const { value } = heard(receive(0), `\r\n+QIRD: ${said}\r\necho teste 001\r\n\r\nOK\r\n`);
      assert.deepEqual(value, { data: bytes('echo teste 001'), from: { ip: '192.0.2.241', port: 7 } });
    });

  it('returns an empty datagram, which has a sender', () => {
    const { value } = heard(receive(0), '\r\n+QIRD: 0,"2001:db8::1",7\r\n\r\nOK\r\n');
    assert.deepEqual(value, { data: bytes(''), from: { ip: '2001:db8::1', port: 7 } });
  });

  it('does not take queue figures for its response', () => {
    assert.throws(() => heard(receive(0, 1500), '\r\n+QIRD: 3,0,3\r\n\r\nOK\r\n'), { failure: 'malformed' });
  });

  it('rejects a length that no module returns', () => {
    assert.throws(() => heard(receive(0, 1500), '\r\n+QIRD: 150000\r\n\r\nOK\r\n'), { failure: 'malformed' });
  });

  it('is rejected for a socket that does not exist', () => {
    assert.throws(() => heard(receive(0, 1500), '\r\nERROR\r\n'), { failure: 'rejected' });
  });
});

describe('A URC', () => {
  const ends = { ip: '198.51.100.9', port: 62060, localIp: '', localPort: 0 };
  for (const [line, urc] of [
    ['+QIOPEN: 0,566', { event: 'client/open', socketId: 0, result: 566 }],
    [
      '+QIURC: "incoming",11,0,"198.51.100.9",62060',
      { event: 'client/incoming', serverId: 0, socketId: 11, ...ends },
    ],
    ['+QIURC: "incoming full"', { event: 'server/full' }],
    ['+QIURC: "recv",11', { event: 'client/read', socketId: 11 }],
    ['+QIURC: "recv",11,20', { event: 'client/read', socketId: 11, length: 20 }],
    ['+QIURC: "recv",0,"buff full"', { event: 'client/read', socketId: 0 }],
    ['+QIURC: "closed",10', { event: 'client/close', socketId: 10 }],
    ['+QIURC: "pdpdeact",1', { event: 'context/lost', pdpCid: 1 }],
    ...['+QIURC: "dnsgip",0,1,300', '+QIURC: "wakeup/data",3', '+QIURC: SEND OK', '+QIURC: "closed"'].map(
      (line) => [line, { event: 'other', line }] as const,
    ),
  ] as const)
    it(line, () => {
      assert.deepEqual(decodeUrc(line), urc);
      assert.ok(isUnsolicited(line));
    });

  it('is not the response to a test command', () => {
    for (const line of ['+QIOPEN: (1-5),(0-11),"TCP/UDP"', '+QISEND: (0-11),(0-1460)', 'OK', 'RDY'])
      assert.ok(!isUnsolicited(line));
  });

  it('may be any line', () => {
    const part = fc.constantFrom('"', ',', '1', ' ', '"recv"', '"incoming"', '"closed"', '"pdpdeact"');
    const rest = fc.oneof(
      fc.string(),
      fc.array(part).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom('', '+QIURC: ', '+QIOPEN: '), rest, (head, rest) => {
        const urc = decodeUrc(head + rest);
        if (urc.event === 'other') assert.equal(urc.line, head + rest);
        if ('socketId' in urc) assert.ok(Number.isSafeInteger(urc.socketId));
      }),
    );
  });
});
