import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError, type Command, InvalidParameter } from '../../src/at';
import { closeSocket, openClient, openServer, receive, send, setUrcPort } from '../../src/qfwd/commands';
import { listClients, listConnections, listServers, queueFigures, urcPortOf } from '../../src/qfwd/queries';
import { type OpenClient, type OpenServer } from '../../src/sockets';
import { type Dialect, EXAMPLE, MANUAL } from '../../src/qfwd/dialect';
import { answered } from '../support/answered';
import { hostilePayload } from '../support/payloads';

/** The spellings of the headings of chapter 2, and of a firmware list. */
const HEADINGS: Dialect = { ...MANUAL, server: 'QFWDSERVER', state: 'QFWDSSSTATE', close: 'QFWDSCLOSE' };

const server: OpenServer = {
  socketId: 1,
  pdpCid: 0,
  ipVersion: 'IP',
  protocol: 'tcp',
  port: 2020,
  backlog: 5,
  idleTimeout: 60,
  urcPort: 'usbat',
};
const client: OpenClient = {
  socketId: 11,
  pdpCid: 16,
  ipVersion: 'IPV6',
  protocol: 'udp',
  host: 'example.com',
  port: 65535,
  urcPort: 'uart1',
};

const said = (...lines: string[]) => [...lines, 'OK'].map((line) => `\r\n${line}\r\n`).join('');

function isNonsense(command: Command, answer: string): void {
  assert.throws(
    () => answered(command, answer),
    (error) => error instanceof AtError && error.failure === 'malformed' && error.mayHaveHappened,
    answer,
  );
}

describe('The commands', () => {
  const raw = { bytes: Buffer.from('11'), format: 'raw' } as const;
  const texts: [Command, string][] = [
    [openServer(MANUAL, server), 'AT+QFWDSEVER=0,1,"IP","tcp",2020,5,60,"usbat"'],
    [openServer(HEADINGS, server), 'AT+QFWDSERVER=0,1,"IP","tcp",2020,5,60,"usbat"'],
    [openServer(EXAMPLE, server), 'AT+QFWDSEVER=1,"uninet","ip","tcp",2020,5'],
    [openClient(client), 'AT+QFWDCLIENT=16,11,"IPV6","udp","example.com",65535,"uart1"'],
    [closeSocket(MANUAL, 2), 'AT+QFWDCLOSE=2'],
    [closeSocket(HEADINGS, 2), 'AT+QFWDSCLOSE=2'],
    [send(2, { ...raw, form: 'variable' }), 'AT+QFWDSEND=2,0'],
    [send(2, { ...raw, form: 'fixed' }), 'AT+QFWDSEND=2,0,2'],
    [send(2, { ...raw, format: 'hex', form: 'variable' }), 'AT+QFWDSEND=2,1'],
    [receive(MANUAL, 3, 1024), 'AT+QFWDRECV=3,1024'],
    [receive(EXAMPLE, 3, 1024), 'AT+QFWDACK=3,1024'],
    [queueFigures(3), 'AT+QFWDACK=3'],
    [listServers(MANUAL), 'AT+QFWDSEVER?'],
    [listServers(HEADINGS), 'AT+QFWDSERVER?'],
    [listClients(), 'AT+QFWDCLIENT?'],
    [listConnections(MANUAL, 1), 'AT+QFWDSTATE=1'],
    [listConnections(HEADINGS, 1), 'AT+QFWDSSSTATE=1'],
    [urcPortOf(1), 'AT+QFWDCFG="urc",1'],
    [setUrcPort(1, 'usbmodem'), 'AT+QFWDCFG="urc",1,"usbmodem"'],
  ];
  for (const [command, text] of texts) it(`writes ${text}`, () => assert.equal(command.text, text));

  it('are repeatable if they are queries, and no others are', () => {
    const repeatable = texts.filter(([command]) => command.isRepeatable).map(([, text]) => text);
    assert.deepEqual(
      repeatable,
      texts.map(([, text]) => text).filter((text) => /\?$|ACK=3$|STATE=1$|"urc",1$/.test(text)),
    );
  });

  it('need only OK if they query nothing', () => {
    for (const command of [
      openServer(MANUAL, server),
      openClient(client),
      closeSocket(MANUAL, 2),
      setUrcPort(1, 'usbat'),
    ]) {
      assert.doesNotThrow(() => answered(command, said('+QFWDURC: "client/read",3')));
    }
  });

  it('reject a host that ends the command line', () => {
    for (const host of ['a"', 'a\r', 'a\nAT', 'a\x1a', '\x1b']) {
      assert.throws(() => openClient({ ...client, host }), InvalidParameter);
    }
  });

  describe('send', () => {
    const command = send(2, { bytes: Buffer.from('11'), format: 'hex', form: 'variable' });
    const afterPrompt = (...lines: string[]) => `\r\n> ${said(...lines)}`;

    it('writes the examples of chapter 4', () => assert.equal(command.body?.toString('latin1'), '3131\x1a'));

    it('returns how many bytes were accepted', () => {
      assert.equal(answered(command, afterPrompt('+QFWDSEND: 2,2')), 2);
      assert.equal(answered(command, afterPrompt('+QFWDSEND:2,0')), 0);
      assert.equal(answered(command, '\r\n> \r\n+QFWDSEND: 2, 2\r\n'), 2);
    });

    it('rejects any other response', () => {
      for (const line of [
        '+QFWDSEND: 3,2',
        '+QFWDSEND: 2',
        '+QFWDSEND: 2,x',
        '+QFWDSEND: 2,-1',
        // More than was given: something else was sent with it.
        '+QFWDSEND: 2,6',
        '+QFWDURC: 2,2',
      ]) {
        isNonsense(command, afterPrompt(line));
      }
    });
  });

  describe('receive', () => {
    it('returns the payload unchanged, whatever it contains and however the response is spelled', () => {
      const header = fc.constantFrom('+QFWDRECV: 3,', '+QFWDPRECV: 3,', '+QFWDACK: 3,', '+QFWDRECV:3, ');
      fc.assert(
        fc.property(
          hostilePayload({ maxLength: 1024 }),
          header,
          fc.constantFrom(MANUAL, EXAMPLE),
          (data, header, dialect) => {
            const answer = Buffer.concat([
              Buffer.from(`\r\n${header}${data.length}\r\n`),
              data,
              Buffer.from('\r\n\r\nOK\r\n'),
            ]);
            assert.deepEqual(answered(receive(dialect, 3, 1024), answer), { data });
          },
        ),
      );
    });

    it('returns the data of the examples in chapter 4', () => {
      const answer = '\r\n+QFWDACK: 3,18\r\ntest, data forward\r\n\r\nOK\r\n';
      assert.equal(answered(receive(EXAMPLE, 3, 1024), answer).data.toString(), 'test, data forward');
    });

    it('returns nothing if there is no data', () => {
      for (const answer of [said('+QFWDRECV: 3,0'), '\r\n+QFWDRECV: 3,0\r\n\r\n\r\nOK\r\n', said()]) {
        assert.equal(answered(receive(MANUAL, 3, 1024), answer).data.length, 0);
      }
    });

    it('needs no OK if all data was received', () => {
      assert.equal(
        answered(receive(MANUAL, 3, 5), '\r\n+QFWDRECV: 3,5\r\nhello\r\n').data.toString(),
        'hello',
      );
      assert.equal(answered(receive(MANUAL, 3, 5), '\r\n+QFWDRECV: 3,0\r\n').data.length, 0);
    });

    it('rejects queue figures, more data than requested, and an invalid length', () => {
      for (const line of [
        '+QFWDACK: 3,0,1024,1024,18,1006,4',
        '+QFWDRECV: 3,6',
        '+QFWDRECV: 3,x',
        '+QFWDRECV: 3,1.5',
        '+QFWDRECV: 3,-1',
        '+QFWDRECV: 3,0x2',
        '+QFWDRECV:',
      ]) {
        isNonsense(receive(MANUAL, 3, 5), said(line));
      }
    });

    it('does not accept the data of another socket', () => {
      isNonsense(receive(MANUAL, 3, 5), '\r\n+QFWDRECV: 4,5\r\n\nOK\r\n\r\n\r\nOK\r\n');
      isNonsense(receive(MANUAL, 3, 5), said('+QFWDRECV: 4,0'));
    });
  });

  it('return the queue figures of a socket', () => {
    const figures = {
      socketId: 3,
      sendUsed: 1,
      sendUnused: 2,
      sendMax: 3,
      recvUsed: 4,
      recvUnused: 5,
      recvMax: 6,
    };
    assert.deepEqual(answered(queueFigures(3), said('+QFWDACK: 3,1,2,3,4,5,6')), figures);
    assert.deepEqual(answered(queueFigures(3), said('+QFWDACK:3, 1, 2, 3, 4, 5, 6')), figures);
    for (const line of [
      '+QFWDACK: 4,1,2,3,4,5,6',
      '+QFWDACK: 3,1,2,3,4,5',
      '+QFWDACK: 3,1,2,3,4,5,x',
      '+X: 1',
    ]) {
      isNonsense(queueFigures(3), said(line));
    }
  });

  it('list servers', () => {
    assert.deepEqual(
      answered(
        listServers(MANUAL),
        said(
          '+QFWDSEVER: 1,"tcp",2020,"usbat"',
          '+QFWDSERVER:2, "UDP", 65535, "Uart1"',
          '+QFWDSEVER: 3,"TCP",1',
        ),
      ),
      [
        { socketId: 1, protocol: 'tcp', port: 2020, urcPort: 'usbat' },
        { socketId: 2, protocol: 'udp', port: 65535, urcPort: 'uart1' },
        { socketId: 3, protocol: 'tcp', port: 1, urcPort: '' },
      ],
    );
    assert.deepEqual(answered(listServers(HEADINGS), said()), []);
    for (const line of ['+QFWDSEVER: x,"tcp",2020,"usbat"', '+QFWDSEVER: 1,"tcp"', '+QFWDSEVER:']) {
      isNonsense(listServers(MANUAL), said(line));
    }
  });

  it('list clients', () => {
    const ends = { ip: '192.168.225.58', port: 56784, localIp: '0.0.0.0', localPort: 2020 };
    const rest = '"192.168.225.58",56784,"0.0.0.0",2020';
    assert.deepEqual(
      answered(
        listClients(),
        said(
          `+QFWDCLIENT: 2,"income","tcp",${rest},"usbat"`,
          `+QFWDCLIENT: 3,"Active","UDP",${rest},"UsbModem"`,
          `+QFWDCLIENT: 4,"Incoming","TCP",${rest}`,
        ),
      ),
      [
        { socketId: 2, direction: 'income', protocol: 'tcp', ends, urcPort: 'usbat' },
        { socketId: 3, direction: 'active', protocol: 'udp', ends, urcPort: 'usbmodem' },
        { socketId: 4, direction: 'income', protocol: 'tcp', ends, urcPort: '' },
      ],
    );
    isNonsense(listClients(), said('+QFWDCLIENT: 2,"income","tcp","192.168.225.58"'));
  });

  it('list the connections of a server', () => {
    const ends = { ip: '192.168.225.58', localIp: '0.0.0.0', localPort: 2020 };
    const connections = [
      { index: 1, socketId: 2, port: 56784, ...ends },
      { index: 2, socketId: 3, port: 56794, ...ends },
    ];
    for (const name of ['QFWDSTATE', 'QFWDSSSTATE']) {
      const answer = said(
        `+${name}: 1,2,"192.168.225.58",56784,"0.0.0.0",2020`,
        `+${name}: 2,3,"192.168.225.58",56794,"0.0.0.0",2020`,
      );
      assert.deepEqual(answered(listConnections(MANUAL, 1), answer), connections);
      assert.deepEqual(answered(listConnections(HEADINGS, 1), answer), connections);
    }
    assert.deepEqual(answered(listConnections(MANUAL, 1), said()), []);
    isNonsense(listConnections(MANUAL, 1), said('+QFWDSTATE: 1,2,"192.168.225.58",56784'));
  });

  it('return the URC port of a socket', () => {
    assert.equal(answered(urcPortOf(1), said('+QFWDCFG: "urc",1,"usbat"')), 'usbat');
    assert.equal(answered(urcPortOf(1), said('+QFWDCFG: "urc",1,"Uart1"')), 'uart1');
    for (const line of ['+QFWDCFG: "urc",1', '+QFWDCFG: "urc",1,"ttyS0"'])
      isNonsense(urcPortOf(1), said(line));
    isNonsense(urcPortOf(1), said());
  });

  it('accept a URC anywhere between the lines of a response', () => {
    const urc = '+QFWDURC: "client/close",2';
    const answer = said(
      urc,
      '+QFWDSEVER: 1,"tcp",2020,"usbat"',
      urc,
      '+QFWDSEVER: 2,"tcp",2021,"usbat"',
      urc,
    );
    assert.deepEqual(
      answered(listServers(MANUAL), answer).map(({ socketId }) => socketId),
      [1, 2],
    );
  });
});
