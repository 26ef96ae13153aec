import assert from 'node:assert/strict';
import fc from 'fast-check';

import { type TraceEntry, TracePlayer, turnsIn } from '../../src/trace';
import { ManualClock } from '../support/manual-clock';

type Said = readonly [ms: number, dir: 'out' | 'in', data: string];

function entries(...dialogue: Said[]): TraceEntry[] {
  return dialogue.map(([ms, dir, data]) => ({ ms, port: 'usbat', dir, data }));
}

const SERVER = 'AT+QFWDSEVER=0,1,"IP","tcp",2020\r';
const OPENED = '\r\n+QFWDURC: "server/open",1,0\r\n';
const INCOMING = '\r\n+QFWDURC: "client/incoming",1,2\r\n';
const READABLE = '\r\n+QFWDURC: "client/read",2\r\n';
const CLOSED = '\r\n+QFWDURC: "client/close",2\r\n';
const NONE = '\r\nOK\r\n';
const OK = '\r\nOK\r\n';
const ERROR = '\r\nERROR\r\n';

/** A server, a connection, its data, and its end. */
const TRACE = entries(
  [5, 'in', '\r\nRDY\r\n'],
  [10, 'out', 'AT+CPIN?\r'],
  [10, 'in', '\r\n+CPIN: BUSY\r\n\r\nOK\r\n'],
  [20, 'out', 'AT+CPIN?\r'],
  [20, 'in', '\r\n+CPIN: READY\r\n\r\nOK\r\n'],
  [30, 'out', 'AT+CPIN=xxxx\r'],
  [30, 'in', OK],
  [40, 'out', 'AT+QFWDCLIENT?\r'],
  [40, 'in', NONE],
  [50, 'out', SERVER],
  [50, 'in', '\r\nOK\r\n\r\n'],
  [60, 'in', '+QFWDURC: "server/open",1,0\r\n'],
  [70, 'in', INCOMING],
  [80, 'out', 'AT+QFWDCLIENT?\r'],
  [80, 'in', '\r\n+QFWDCLIENT: 2\r\n\r\nOK\r\n'],
  [89, 'in', READABLE],
  [100, 'out', 'AT+QFWDRECV=2,1024\r'],
  [100, 'in', '\r\n+QFWDRECV: 2,3\r\n'],
  [100, 'in', 'xxx'],
  [100, 'in', '\r\n\r\nOK\r\n'],
  [110, 'out', 'AT+QFWDSEND=2,0\r'],
  [110, 'in', '\r\n> '],
  [110, 'out', 'xx\x1a'],
  [110, 'in', '\r\n+QFWDSEND: 2,2\r\n\r\nOK\r\n'],
  [130, 'in', CLOSED],
  [140, 'out', 'AT+QFWDRECV=2,1024\r'],
  [140, 'in', '\r\n+CME ERROR: 559\r\n'],
);
const DATA = '\r\n+QFWDRECV: 2,3\r\nxxx\r\n\r\nOK\r\n';

function play(trace = TRACE) {
  const clock = new ManualClock();
  const unknown: string[] = [];
  let said = '';
  const player = new TracePlayer(turnsIn(trace), {
    send: (bytes) => (said += bytes.toString('latin1')),
    onUnknown: (command) => unknown.push(command),
    clock,
  });
  const heard = (): string => {
    const text = said;
    said = '';
    return text;
  };
  player.begin();
  return {
    clock,
    player,
    unknown,
    /** What the module says at once. */
    ask: (text: string): string => {
      player.receive(Buffer.from(text, 'latin1'));
      return heard();
    },
    /** What it says unasked. */
    pass: async (ms: number): Promise<string> => {
      await clock.advance(ms);
      return heard();
    },
  };
}

type Play = ReturnType<typeof play>;

/** Up to the connection. */
async function accepted(): Promise<Play> {
  const it = play();
  await it.pass(5);
  it.ask(SERVER);
  await it.pass(20);
  return it;
}

describe('TracePlayer', () => {
  it('sends URCs at their place in the trace', async () => {
    const { ask, pass } = play();
    assert.equal(await pass(4), '');
    assert.equal(await pass(1), '\r\nRDY\r\n');
    await pass(60_000);
    assert.equal(ask(SERVER), '\r\nOK\r\n');
    assert.equal(await pass(9), '');
    assert.equal(await pass(1), OPENED);
    assert.equal(await pass(10), INCOMING);
    assert.equal(await pass(18), '');
    assert.equal(await pass(1), READABLE);
    assert.equal(await pass(60_000), '', 'the data was not read');
  });

  it('sends what came before a command at the latest before its response', async () => {
    const { ask, pass } = await accepted();
    assert.equal(ask('AT+QFWDRECV=2,1024\r'), READABLE + DATA);
    assert.equal(await pass(60_000), '');
  });

  it('answers a query in the order of the trace, and then as the last time', async () => {
    const { ask, pass } = play();
    await pass(5);
    assert.match(ask('AT+CPIN?\r'), /BUSY/);
    assert.match(ask('AT+CPIN?\r'), /READY/);
    assert.match(ask('AT+CPIN?\r'), /READY/);
  });

  it('does not answer a query with what comes only later in the trace', async () => {
    const { ask, pass } = play();
    for (let times = 0; times < 3; times++) assert.equal(ask('AT+QFWDCLIENT?\r'), NONE);
    await pass(5);
    ask(SERVER);
    await pass(10);
    assert.equal(ask('AT+QFWDCLIENT?\r'), NONE);
    await pass(10);
    assert.match(ask('AT+QFWDCLIENT?\r'), /CLIENT: 2\r/);
    assert.match(ask('AT+QFWDCLIENT?\r'), /CLIENT: 2\r/);
  });

  it('answers a query of which the trace has only later responses', () =>
    assert.match(play(TRACE.slice(11)).ask('AT+QFWDCLIENT?\r'), /CLIENT: 2\r/));

  it('does not reveal the state of a socket before the trace does', () => {
    const { ask } = play(
      entries(
        [0, 'out', 'AT+QFWDRECV=2,1024\r'],
        [0, 'in', DATA],
        [2, 'out', 'AT+QFWDACK=2\r'],
        [2, 'in', '\r\n+QFWDACK: 2,0,8,8,0,8,8\r\n\r\nOK\r\n'],
      ),
    );
    assert.equal(ask('AT+QFWDACK=2\r'), ERROR);
    assert.equal(ask('AT+QFWDRECV=2,1024\r'), DATA);
    assert.match(ask('AT+QFWDACK=2\r'), /QFWDACK: 2,0,8/);
  });

  it('returns data once, and reports the end at its place', async () => {
    const { ask, pass } = await accepted();
    const read = 'AT+QFWDRECV=2,1024\r';
    await pass(19);
    assert.equal(ask(read), DATA);
    assert.equal(ask(read), '\r\n+QFWDRECV: 2,0\r\n\r\nOK\r\n');
    ask('AT+QFWDSEND=2,0\r');
    ask('xx\x1a');
    assert.equal(await pass(20), CLOSED);
    assert.equal(ask(read), '\r\n+CME ERROR: 559\r\n');
    assert.equal(ask(read), '\r\n+CME ERROR: 559\r\n');
  });

  it('reads and sends any length that is requested', async () => {
    const { ask, pass } = await accepted();
    await pass(19);
    assert.equal(ask('AT+QFWDRECV=2,512\r'), DATA);
    assert.equal(ask('AT+QFWDSEND=2,0,4\r'), '\r\n> ');
    assert.equal(ask('a\x1abc'), '\r\n+QFWDSEND: 2,4\r\n\r\nOK\r\n');
  });

  it('accepts a body in pieces, and its cancellation, and sends nothing else meanwhile', async () => {
    const { ask, pass } = await accepted();
    assert.equal(ask('AT+QFWDSEND=2,0\r'), `${READABLE}\r\n> `);
    assert.equal(ask('\x1b'), OK);
    assert.equal(ask('AT+QFWDSEND=2,0\r'), '\r\n> ');
    assert.equal(ask('AT+CSQ\r'), '');
    assert.equal(await pass(1000), '');
    assert.equal(ask('more\x1a'), '\r\n+QFWDSEND: 2,11\r\n\r\nOK\r\n');
    assert.equal(await pass(20), CLOSED);
  });

  it('opens a socket again as it was opened the last time', async () => {
    const { ask, pass } = await accepted();
    assert.equal(ask(SERVER), OK + OPENED);
    assert.equal(await pass(19), READABLE);
  });

  it('names the sender of a datagram only with the datagram', () => {
    const { ask } = play(
      entries([0, 'out', 'AT+QIRD=0\r'], [0, 'in', '\r\n+QIRD: 2,"192.0.2.1",7\r\nxx\r\n\r\nOK\r\n']),
    );
    assert.match(ask('AT+QIRD=0\r'), /\+QIRD: 2,"192.0.2.1",7\r\nxx\r\n/);
    assert.equal(ask('AT+QIRD=0\r'), '\r\n+QIRD: 0\r\n\r\nOK\r\n');
  });

  it('lists a socket that was opened since, and none that was closed since', () => {
    const { ask } = play(
      entries(
        [0, 'out', 'AT+QFWDSEVER?\r'],
        [0, 'in', '\r\n+QFWDSEVER: 1,"udp",7\r\n\r\nOK\r\n'],
        [2, 'out', 'AT+QFWDCLOSE=1\r'],
        [2, 'in', OK],
        [4, 'out', SERVER.replace('0,1', '0,3')],
        [4, 'in', OK],
        [4, 'in', '\r\n+QFWDURC: "server/open",3,0\r\n'],
        [7, 'out', 'AT+QFWDSEVER?\r'],
        [7, 'in', '\r\n+QFWDSEVER: 3,"tcp",2020\r\n\r\nOK\r\n'],
      ),
    );
    const list = (): string[] => ask('AT+QFWDSEVER?\r').match(/QFWDSEVER: \d/g) ?? [];
    assert.deepEqual(list(), ['QFWDSEVER: 1']);
    ask('AT+QFWDCLOSE=1\r');
    assert.deepEqual(list(), []);
    ask(SERVER.replace('0,1', '0,3'));
    assert.deepEqual(list(), ['QFWDSEVER: 3']);
  });

  it('lists no connection before it is told, whatever numbers a command has', () => {
    const { ask } = play(
      entries(
        [0, 'out', 'AT+QFWDCLIENT?\r'],
        [0, 'in', NONE],
        [0, 'out', 'AT+QFWDSEVER=0,3,"IP","tcp",2020,2,60\r'],
        [0, 'in', OK],
        [0, 'in', INCOMING.replace('1,2', '3,2')],
        [0, 'out', 'AT+QFWDCLIENT?\r'],
        [0, 'in', '\r\n+QFWDCLIENT: 2\r\n\r\nOK\r\n'],
      ),
    );
    assert.equal(ask('AT+QFWDCLIENT?\r'), NONE);
    ask('AT+QFWDSEVER=0,3,"IP","tcp",2020,2,60\r');
    assert.equal(ask('AT+QFWDCLIENT?\r'), NONE);
  });

  it('tells once what came within the answer to a query, even if that is never asked', async () => {
    const trace = entries([0, 'out', 'AT+CSQ\r'], [0, 'in', `${READABLE}\r\n+CSQ: 20,99\r\n\r\nOK\r\n`]);
    const { ask, pass } = play(trace);
    assert.equal(ask('AT+CSQ\r'), `${READABLE}\r\n+CSQ: 20,99\r\n\r\nOK\r\n`);
    assert.equal(ask('AT+CSQ\r'), '\r\n+CSQ: 20,99\r\n\r\nOK\r\n');
    assert.equal(await pass(60_000), '');
    assert.equal(await play(trace).pass(60_000), READABLE);
  });

  it('takes more before it is read than then', async () => {
    const send = (count: number): Said[] => [
      [0, 'out', 'AT+QFWDSEND=1,0\r'],
      [0, 'in', '\r\n> '],
      [0, 'out', 'x\x1a'],
      [0, 'in', `\r\n+QFWDSEND: 1,${count}\r\n\r\nOK\r\n`],
    ];
    const read: Said[] = [
      [0, 'in', READABLE],
      [0, 'out', 'AT+QFWDRECV=2,1024\r'],
      [0, 'in', DATA],
    ];
    const { ask, pass } = play(entries(...send(1), ...read, ...send(2), ...read));
    const taken = [1, 2].map(() => ask('AT+QFWDSEND=1,0\r') + ask('x\x1a'));
    assert.match(taken.join(), /SEND: 1,1\r.*SEND: 1,2\r/s);
    let received = '';
    for (let times = 0; times < 3; times++) received += ask('AT+QFWDRECV=2,1024\r') + (await pass(1));
    assert.equal(received.split('xxx').length, 3, received);
  });

  it('takes a body of HEX with a stated length, of two digits for each byte', () => {
    const { ask } = play(
      entries(
        [0, 'out', 'AT+QFWDSEND=1,1,4\r'],
        [0, 'in', '\r\n> '],
        [2, 'out', 'xxxxxxxx'],
        [2, 'in', '\r\n+QFWDSEND: 1,4\r\n\r\nOK\r\n'],
      ),
    );
    ask('AT+QFWDSEND=1,1,4\r');
    assert.equal(ask('3132'), '');
    assert.match(ask('3334'), /SEND: 1,4/);
  });

  describe('several commands on a line', () => {
    const JOINED = entries(
      [0, 'out', 'AT+QIRD=0,1500;+QIRD=1,1500;+QIRD=0,0\r'],
      [0, 'in', '\r\n+QIRD: 4\r\n\r\nOK\r\n\r\n+QIRD: 0\r\n\r\n+QIRD: 4,4,0\r\n\r\nOK\r\n'],
    );

    it('are answered together', () => assert.equal(play(JOINED).ask(JOINED[0]!.data), JOINED[1]!.data));

    it('are answered one by one, too, and the other way round', () => {
      const { ask } = play(JOINED);
      assert.equal(ask('AT+QIRD=0,1500\r'), '\r\n+QIRD: 4\r\n\r\nOK\r\n\r\nOK\r\n');
      assert.equal(ask('AT+QIRD=1,1500\r'), '\r\n+QIRD: 0\r\n\r\nOK\r\n');
      assert.equal(ask('AT+QIRD=0,1500;+QIRD=0,0\r'), '\r\n+QIRD: 0\r\n\r\n+QIRD: 4,4,0\r\n\r\nOK\r\n');
    });

    it('are rejected if they were never answered', () => {
      const { ask, unknown } = play();
      assert.equal(ask('AT+CPIN?;+CPIN?\r'), ERROR);
      assert.deepEqual(unknown, ['AT+CPIN?;+CPIN?']);
      const refused = play(entries([0, 'out', 'AT+CPIN?;+CPIN?\r'], [0, 'in', ERROR]));
      assert.equal(refused.ask('AT+CPIN?;+CPIN?\r'), ERROR);
      assert.deepEqual(refused.unknown, []);
    });
  });

  describe('at the pace of the trace', () => {
    const SLOW = entries(
      [0, 'out', 'AT+QFWDSEND=1,0\r'],
      [20, 'in', '\r\n> '],
      [50, 'out', 'xx\x1a'],
      [90, 'in', '\r\n+QFWDSEND: 1,2\r\n\r\nOK\r\n'],
      [95, 'in', READABLE],
      [100, 'out', 'AT+CSQ\r'],
      [400, 'in', '\r\n+CSQ: 20,99\r\n\r\nOK\r\n'],
    );

    it('prompts and answers after the same time, and reports after it', async () => {
      const { ask, pass } = play(SLOW);
      assert.equal(ask('AT+QFWDSEND=1,0\r') + (await pass(19)), '');
      assert.equal(await pass(1), '\r\n> ');
      assert.equal(ask('xx\x1a') + (await pass(39)), '');
      assert.match(await pass(1), /SEND: 1,2/);
      assert.equal(await pass(4), '');
      assert.equal(await pass(1), READABLE);
    });

    it('answers one command after the other, with nothing in between', async () => {
      const { ask, pass } = play(SLOW.slice(5));
      assert.equal(ask('AT+CSQ\rAT+CSQ\r') + (await pass(299)), '');
      assert.match(await pass(1), /^\r\n\+CSQ: 20,99\r\n\r\nOK\r\n$/);
      assert.equal(await pass(299), '');
      assert.match(await pass(1), /CSQ/);
    });

    it('answers what is asked at the moment of a report', async () => {
      const clock = new ManualClock();
      let said = '';
      const player = new TracePlayer(turnsIn(SLOW.slice(4)), {
        send: (bytes) => {
          said += bytes.toString('latin1');
          if (said === READABLE) player.receive(Buffer.from('AT+CSQ\r'));
        },
        onUnknown: (command) => assert.fail(command),
        clock,
      });
      player.begin();
      await clock.advance(1000);
      assert.match(said, /CSQ: 20,99/);
    });
  });

  it('reports as a whole what began before a command', () => {
    const { ask } = play(
      entries(
        [0, 'in', '\r\n'],
        [0, 'out', 'AT+QFWDSEND=1,0\r'],
        [0, 'in', `${READABLE.trimStart()}\r\n> `],
        [0, 'out', 'x\x1a'],
        [0, 'in', '\r\n+QFWDSEND: 1,1\r\n\r\nOK\r\n'],
      ),
    );
    assert.equal(ask('AT+QFWDSEND=1,0\r'), `${READABLE}\r\n> `);
  });

  describe('a connection of the module to itself', () => {
    const opened = (host: string): Said[] => [
      [0, 'out', `AT+QFWDCLIENT=0,5,"IP","tcp","${host}",2020,"usbat"\r`],
      [0, 'in', OK],
      [0, 'in', '\r\n+QFWDURC: "client/open",5,0\r\n'],
      [0, 'in', '\r\n+QFWDURC: "client/incoming",1,2,"127.0.0.1",49152,"0.0.0.0",2020\r\n'],
    ];
    const sent = (body: string, taken = body.length): Said[] => [
      [0, 'out', 'AT+QFWDSEND=5,0\r'],
      [0, 'in', '\r\n> '],
      [0, 'out', `${body}\x1a`],
      [0, 'in', `\r\n+QFWDSEND: 5,${taken}\r\n\r\nOK\r\n`],
    ];
    const read = (data: string): Said[] => [
      [0, 'out', 'AT+QFWDRECV=2,1024\r'],
      [0, 'in', `\r\n+QFWDRECV: 2,${data.length}\r\n${data}\r\n\r\nOK\r\n`],
    ];
    const connected = async (host: string, ...rest: Said[][]): Promise<Play> => {
      const it = play(entries(...opened(host), ...rest.flat()));
      it.ask(opened(host)[0]![2]);
      await it.pass(0);
      return it;
    };
    const send = ({ ask }: Play, body: string): string => ask('AT+QFWDSEND=5,0\r') + ask(`${body}\x1a`);
    const RECV = (data: string): string => `\r\n+QFWDRECV: 2,${data.length}\r\n${data}\r\n\r\nOK\r\n`;

    it('delivers what is sent, though it is masked in the trace', async () => {
      const it = await connected('127.0.0.1', sent('xxx'), read('xxx'), sent('xx'), read('xx'));
      for (const bytes of ['abc', 'de']) {
        send(it, bytes);
        assert.equal(it.ask('AT+QFWDRECV=2,1024\r'), RECV(bytes));
        assert.equal(it.ask('AT+QFWDRECV=2,1024\r'), '\r\n+QFWDRECV: 2,0\r\n\r\nOK\r\n');
      }
    });

    it('delivers in other pieces, and more than then', async () => {
      const it = await connected('127.0.0.1', sent('xxx'), read('xxx'));
      assert.match(send(it, 'abcde'), /SEND: 5,5/);
      assert.match(send(it, 'fg'), /SEND: 5,2/);
      assert.equal(it.ask('AT+QFWDRECV=2,4\r'), RECV('abcd'));
      assert.equal(it.ask('AT+QFWDRECV=2,4\r'), RECV('efg'));
    });

    it('delivers what was read only after more was sent', async () => {
      const it = await connected('127.0.0.1', sent('xxx'), sent('xx'), read('xxxxx'));
      send(it, 'abc');
      assert.equal(it.ask('AT+QFWDRECV=2,1024\r'), RECV('abc'));
    });

    it('delivers what the module made of it', async () => {
      const it = await connected(
        '127.0.0.1',
        sent('a\nb'),
        read('a\r\nb'),
        sent('cd', 0),
        sent('e'),
        read('e'),
      );
      send(it, 'a\nb');
      assert.equal(it.ask('AT+QFWDRECV=2,1024\r'), RECV('a\r\nb'));
      assert.match(send(it, 'cd'), /SEND: 5,0/);
      assert.match(it.ask('AT+QFWDRECV=2,1024\r'), /RECV: 2,0/);
    });

    it('ends when its socket ids are those of other connections', async () => {
      const other = opened('192.0.2.1');
      const it = await connected('127.0.0.1', sent('xxx'), read('xxx'), other, sent('xx'), read('xx'));
      send(it, 'abcde');
      it.ask(other[0]![2]);
      await it.pass(0);
      send(it, 'ab');
      assert.equal(it.ask('AT+QFWDRECV=2,1024\r'), RECV('xx'));
    });

    it('is none to another host', async () => {
      const it = await connected('192.0.2.1', sent('xxx'), read('xxx'));
      send(it, 'abc');
      assert.equal(it.ask('AT+QFWDRECV=2,1024\r'), RECV('xxx'));
      send(it, 'abc');
      assert.match(it.ask('AT+QFWDRECV=2,1024\r'), /RECV: 2,0/);
    });
  });

  it('recognizes a command whose secret is masked', () =>
    assert.match(play().ask('AT+CPIN=1234\r'), /OK\r\n$/));

  it('answers AT and settings of the line, which a trace may lack', () => {
    const { ask, unknown } = play();
    for (const command of ['AT', 'ATE0Q0V1', 'ATS5=8S3=13']) assert.equal(ask(`${command}\r`), OK);
    assert.deepEqual(unknown, []);
  });

  it('rejects what was never sent, and reports it without secrets', () => {
    const { ask, unknown } = play();
    assert.equal(ask('AT+CLCK="SC",0,"1234"\r'), ERROR);
    assert.deepEqual(unknown, ['AT+CLCK=…']);
  });

  it('sends nothing more when the host has detached', async () => {
    const { player, pass, clock } = play();
    player.end();
    assert.equal(await pass(60_000), '');
    assert.equal(clock.pending, 0);
  });

  it('answers every command, returns data at most once, and ends before or after a URC', async () => {
    const commands = [...new Set(TRACE.flatMap(({ data }) => (data.startsWith('AT') ? [data] : [])))];
    const step = fc.oneof(fc.constantFrom(...commands), fc.nat(100));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { ask, pass } = play();
        let all = '';
        for (const it of steps) {
          if (typeof it === 'number') all += await pass(it);
          else {
            const answer = ask(it) + (it.startsWith('AT+QFWDSEND') ? ask('xx\x1a') : '');
            assert.match(answer, /(OK|ERROR.*)\r\n(\r\n\+QFWDURC.*\r\n)?$/, it);
            all += answer;
          }
        }
        all += await pass(1000);
        assert.ok(all.split('xxx').length <= 2, all);
        for (const report of ['RDY', INCOMING, READABLE, CLOSED]) {
          assert.ok(all.split(report).length <= 2, `${report} twice: ${all}`);
        }
      }),
    );
  });
});
