import assert from 'node:assert/strict';

import type { Command } from '../../src/at';
import type { Execute, FamilyOptions, OpenServer } from '../../src/sockets';
import { TcpipCommands } from '../../src/tcpip/tcpip-commands';
import { isUnsolicited } from '../../src/tcpip/urc';
import { answered } from '../support/answered';

const OK = '\r\nOK\r\n';
const ERROR = '\r\nERROR\r\n';
const said = (...lines: string[]) => lines.map((line) => `\r\n${line}\r\n`).join('') + OK;

const OPTIONS: FamilyOptions = { dialect: 'auto', payloadMode: 'auto' };
const SERVER: OpenServer = {
  socketId: 0,
  pdpCid: 0,
  ipVersion: 'IP',
  protocol: 'tcp',
  port: 8080,
  urcPort: 'usbat',
  backlog: 5,
  idleTimeout: 60,
};

/** A module that answers as told, and with OK otherwise; `asked` has the command lines. */
function module(answers: Record<string, string | string[]> = {}) {
  const asked: string[] = [];
  const execute: Execute = <T>(command: Command<T>): Promise<T> => {
    asked.push(command.text);
    const answer = answers[command.text];
    const next = Array.isArray(answer) ? answer.shift() : answer;
    return new Promise((resolve) => resolve(answered(command, next ?? OK, isUnsolicited)));
  };
  return { execute, asked, answers };
}

describe('Contexts', () => {
  const ACTIVE = said('+QIACT: 1,1,1,"10.0.0.2"');

  it('are queried before they are activated, and then used', async () => {
    const { execute, asked } = module();
    const commands = new TcpipCommands(OPTIONS);
    assert.equal(await commands.prepare(execute, SERVER, 0), 0);
    assert.deepEqual(asked.splice(0), ['AT+QIACT?', 'AT+QIACT=1']);
    assert.equal(await commands.prepare(execute, SERVER, 0), 0);
    assert.deepEqual(asked, []);
  });

  it('are not changed if they are active', async () => {
    const { execute, asked } = module({ 'AT+QIACT?': ACTIVE });
    assert.equal(await new TcpipCommands(OPTIONS).prepare(execute, SERVER, 0), 0);
    assert.deepEqual(asked, ['AT+QIACT?']);
  });

  it('are defined with the APN before they are activated', async () => {
    const { execute, asked } = module();
    const context = { apn: 'internet', user: 'me', password: 'pw', auth: 'chap', type: 'IPV4V6' } as const;
    await new TcpipCommands({ ...OPTIONS, context }).prepare(execute, { ...SERVER, pdpCid: 3 }, 0);
    assert.deepEqual(asked, ['AT+QIACT?', 'AT+QICSGP=3,3,"internet","me","pw",2', 'AT+QIACT=3']);
  });

  for (const apn of ['a"b', 'a\rb', 'x'.repeat(100)])
    it(`reject an APN such as ${JSON.stringify(apn.slice(0, 5))}, and nothing is written`, async () => {
      const { execute, asked } = module();
      const commands = new TcpipCommands({ ...OPTIONS, context: { apn } });
      await assert.rejects(commands.prepare(execute, SERVER, 0), { name: 'InvalidParameter' });
      assert.deepEqual(asked, []);
    });

  it('that cannot be activated are tried again after increasing pauses, once for all sockets', async () => {
    const { execute, asked } = module({
      'AT+QIACT=1': [ERROR, ERROR, ERROR, OK],
      'AT+QIGETERROR': said('+QIGETERROR: 573,no APN'),
    });
    const commands = new TcpipCommands(OPTIONS);
    const tries = async (now: number) => {
      const all = [commands.prepare(execute, SERVER, now), commands.prepare(execute, SERVER, now)];
      const [result, same] = await Promise.all(all);
      assert.equal(result, same);
      return [result, asked.splice(0).filter((line) => line === 'AT+QIACT=1').length];
    };
    assert.deepEqual(await tries(0), [573, 1]);
    assert.deepEqual(await tries(999), [573, 0]);
    assert.deepEqual(await tries(1000), [573, 1]);
    assert.deepEqual(await tries(2999), [573, 0]);
    assert.deepEqual(await tries(3000), [573, 1]);
    assert.deepEqual(await tries(7000), [0, 1]);
  });

  it('that the module reports as lost are deactivated and activated', async () => {
    const { execute, asked } = module();
    const commands = new TcpipCommands(OPTIONS);
    await commands.prepare(execute, SERVER, 0);
    asked.length = 0;
    commands.onUrc({ event: 'context/lost', pdpCid: 1 });
    await commands.prepare(execute, SERVER, 0);
    assert.deepEqual(asked, ['AT+QIACT?', 'AT+QIDEACT=1', 'AT+QIACT=1']);
  });

  it('that are lost without a URC are detected from a list', async () => {
    const listener = '+QISTATE: 0,"TCP LISTENER","10.0.0.2",0,8080,3,1,0,0,"usbat"';
    const { execute, asked, answers } = module({ 'AT+QIACT?': ACTIVE, 'AT+QISTATE?': said(listener) });
    const commands = new TcpipCommands(OPTIONS);
    await commands.prepare(execute, SERVER, 0);
    assert.equal((await commands.list(execute)).servers.length, 1);
    answers['AT+QIACT?'] = OK;
    assert.equal((await commands.list(execute)).servers.length, 0);
    asked.length = 0;
    await commands.prepare(execute, SERVER, 0);
    assert.deepEqual(asked, ['AT+QIACT?', 'AT+QIDEACT=1', 'AT+QIACT=1']);
  });

  for (const result of [561, 570])
    it(`are activated again after ${result}, though they are listed as active, unless a socket uses them`, async () => {
      const client = '+QISTATE: 2,"TCP","192.0.2.98",9966,9437,2,1,2,0,"uart1"';
      for (const [list, wanted] of [
        [OK, ['AT+QIACT?', 'AT+QISTATE?', 'AT+QIDEACT=1', 'AT+QIACT=1']],
        [said(client), ['AT+QIACT?', 'AT+QISTATE?']],
      ] as const) {
        const { execute, asked } = module({ 'AT+QIACT?': ACTIVE, 'AT+QISTATE?': list });
        const commands = new TcpipCommands(OPTIONS);
        await commands.prepare(execute, SERVER, 0);
        commands.openServer(SERVER);
        assert.deepEqual(commands.onUrc({ event: 'client/open', socketId: 0, result }), {
          event: 'server/open',
          socketId: 0,
          result,
        });
        asked.length = 0;
        assert.equal(await commands.prepare(execute, SERVER, 0), 0);
        assert.deepEqual(asked, wanted);
      }
    });

  it('count as active if the module rejects what it has already done', async () => {
    const { execute } = module({ 'AT+QIACT?': [OK, ACTIVE], 'AT+QIACT=1': ERROR });
    assert.equal(await new TcpipCommands(OPTIONS).prepare(execute, SERVER, 0), 0);
  });
});

describe('Accepted connections', () => {
  const row = (id: number, state: number) =>
    `+QISTATE: ${id},"TCP INCOMING","192.0.2.48",54707,2020,${state},1,3,0,"uart1"`;

  it('have ended in state 4 if open ones are listed in another state, also in later sessions', async () => {
    const { execute, answers } = module({ 'AT+QISTATE?': said(row(11, 4)) });
    const commands = new TcpipCommands(OPTIONS);
    const hasEnded = async (it = commands) => (await it.list(execute)).sockets.get(11)?.hasEnded;
    assert.equal(await hasEnded(), undefined);
    answers['AT+QISTATE?'] = said(row(10, 2), row(11, 4));
    assert.equal(await hasEnded(), true);
    assert.equal(await hasEnded(new TcpipCommands(OPTIONS, commands)), true);
  });

  it('have ended if their context is lost', async () => {
    const { execute } = module({ 'AT+QISTATE?': said(row(11, 2)) });
    const commands = new TcpipCommands(OPTIONS);
    commands.onUrc({ event: 'context/lost', pdpCid: 1 });
    assert.equal((await commands.list(execute)).sockets.get(11)?.hasEnded, true);
  });
});

describe('Servers', () => {
  it('are open in the state of a socket that is closing', async () => {
    const listener = '+QISTATE: 3,"TCP LISTENER","10.0.0.65",0,2020,4,1,3,0,"uart1"';
    const { execute } = module({ 'AT+QISTATE?': said(listener) });
    assert.equal((await new TcpipCommands(OPTIONS).list(execute)).servers.length, 1);
  });
});

describe('Payload', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  /** Sends to a module, which sends it back or not. */
  const send = (commands: TcpipCommands, text: string, isEchoed: boolean) => {
    const { command } = commands.send(3, bytes(text));
    const isRaw = command.body !== undefined;
    assert.equal(
      answered(command, `${isRaw ? '\r\n> ' : ''}${isRaw && isEchoed ? text : ''}\r\nSEND OK\r\n`),
      text.length,
    );
    return isRaw ? 'raw' : 'hex';
  };

  for (const isEchoed of [true, false])
    it(`that looks like a response is sent as digits until it is known that payload ${isEchoed ? 'is echoed' : 'is not echoed'}`, () => {
      const commands = new TcpipCommands(OPTIONS);
      assert.equal(send(commands, 'SEND OK', isEchoed), 'hex');
      assert.equal(send(commands, 'hello', isEchoed), 'raw');
      for (const text of ['SEND OK', ' \r\nSEND FAIL\r\nx', 'ERROR', '+QIURC: "closed",3', 'S', '3,SEND OK'])
        assert.equal(send(commands, text, isEchoed), 'raw');
    });

  it('has the peer of a UDP SERVICE as a parameter, which is required', () => {
    const commands = new TcpipCommands(OPTIONS);
    commands.openServer({ ...SERVER, protocol: 'udp' });
    const to = { ip: '192.0.2.1', port: 7 };
    assert.equal(commands.sendDatagram(0, bytes('x'), to)?.command.text, 'AT+QISEND=0,1,"192.0.2.1",7');
    assert.throws(() => commands.sendDatagram(0, bytes('x')), { name: 'InvalidParameter' });
    assert.throws(() => commands.sendDatagram(0, bytes('\x1b'), to), { name: 'InvalidParameter' });
    assert.equal(commands.sendDatagram(0, Buffer.alloc(1461), to), undefined);
    assert.equal(commands.receive(0, 1500).text, 'AT+QIRD=0');
  });

  it('over UDP is never acknowledged', async () => {
    const { execute } = module({
      'AT+QIRD=0,0': said('+QIRD: 9,5,4'),
      'AT+QISEND=0,0': said('+QISEND: 7,0,7'),
      'AT+QIRD=1,0': said('+QIRD: 9,5,4'),
      'AT+QISEND=1,0': ERROR,
    });
    const commands = new TcpipCommands(OPTIONS);
    const figures = { recvUsed: 4, recvTotal: 9 };
    assert.deepEqual(await commands.queues(execute, 0), {
      socketId: 0,
      ...figures,
      sendUsed: 7,
      sendTotal: 7,
    });
    commands.openServer({ ...SERVER, protocol: 'udp' });
    assert.deepEqual(await commands.queues(execute, 0), {
      socketId: 0,
      ...figures,
      sendUsed: 0,
      sendTotal: 7,
    });
    assert.deepEqual(await commands.queues(execute, 1), { socketId: 1, ...figures, sendUsed: 0 });
  });
});

describe('A full buffer', () => {
  it('is sent less at a time, and more again when it has room', () => {
    const commands = new TcpipCommands(OPTIONS);
    const rest = Buffer.alloc(5000, 'x');
    const lengths = ['FAIL', 'FAIL', 'OK', 'OK', 'OK'].map((result) => {
      const { command, bytes } = commands.send(3, rest);
      assert.equal(answered(command, `\r\n> \r\nSEND ${result}\r\n`), result === 'OK' ? bytes : 0);
      return bytes;
    });
    assert.deepEqual(lengths, [1460, 730, 365, 730, 1460]);
    assert.equal(commands.send(4, rest).bytes, 1460);
  });
});
