import assert from 'node:assert/strict';

import { readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

const PORT = 2020;
const incoming = (port: number) =>
  `\r\n+QFWDURC: "client/incoming",7,2,"10.0.0.1",${port},"0.0.0.0",${PORT}\r\n`;
const close = '\r\n+QFWDURC: "client/close",2\r\n';

/** A module with server 7, whose connections always have the id 2. */
async function scripted(answer: (command: string) => string | undefined = () => undefined) {
  const listed = { port: 0 };
  const module = new ScriptedModule((line) => {
    const special = answer(line);
    if (special !== undefined) return special;
    if (line === 'AT+QFWDSEVER?') return `\r\n+QFWDSEVER: 7,"tcp",${PORT},"usbat"\r\n\r\nOK\r\n`;
    if (line === 'AT+QFWDSTATE=7' && listed.port > 0) {
      return `\r\n+QFWDSTATE: 1,2,"10.0.0.1",${listed.port},"0.0.0.0",${PORT}\r\n\r\nOK\r\n`;
    }
    return undefined;
  });
  const rig = await readyRig({ transport: () => module });
  const server = await rig.declareServer({ port: PORT, socketId: 7 });
  await server.event('server/open');
  return { rig, module, server, listed };
}

describe('A socket id that is assigned to another connection', () => {
  it('does not get what was queued for the previous one', async () => {
    let isFirst = true;
    const { rig, module } = await scripted((line) => {
      if (line !== 'AT+QFWDSEND=2,0') return undefined;
      if (!isFirst) return '\r\n> ';
      isFirst = false;
      return '';
    });
    module.say(incoming(1001));
    const sends = ['one', 'two', 'three'].map((text) => rig.modem.send(2, Buffer.from(text), 20_000));
    await module.command('AT+QFWDSEND=2,0');
    // The first one has its prompt, and the response comes after the URC.
    module.say('\r\n> ');
    module.say(close + incoming(1002) + '\r\n+QFWDSEND: 2,3\r\n\r\nOK\r\n');
    const results = await Promise.allSettled(sends);
    assert.deepEqual(
      results.map((it) =>
        it.status === 'fulfilled' ? it.value.bytes : (it.reason as { code: string }).code,
      ),
      ['QFWD_UNKNOWN_OUTCOME', 'QFWD_CLOSED', 'QFWD_CLOSED'],
    );
    assert.equal(module.commands.filter((line) => line.startsWith('AT+QFWDSEND=2')).length, 1);
  });

  it('does not get a close that was meant for the previous one', async () => {
    const { rig, module, server } = await scripted((line) => (line === 'AT+QFWDCLOSE=2' ? '' : undefined));
    module.say(incoming(1001));
    const closing = rig.modem.requests.close(2);
    const sending = rig.modem.send(2, Buffer.from('late'), 20_000);
    await module.command('AT+QFWDCLOSE=2');
    module.say('\r\nOK\r\n' + incoming(1002));
    await closing;
    await assert.rejects(sending, { code: 'QFWD_CLOSED' });
    assert.deepEqual(server.events, ['server/open', 'client/incoming', 'client/close', 'client/incoming']);
    assert.equal(rig.modem.connection(2).ends?.port, 1002);
    assert.deepEqual(
      module.commands.filter((line) => line.startsWith('AT+QFWDSEND=2')),
      [],
    );
  });

  it('does not get the data of a read for the previous connection, because the owner of that data is unknown', async () => {
    const { rig, module, server } = await scripted((line) =>
      line.startsWith('AT+QFWDRECV=2') ? '' : undefined,
    );
    const collector = rig.collect();
    module.say(incoming(1001));
    module.say('\r\n+QFWDURC: "client/read",2\r\n');
    await module.command('AT+QFWDRECV=2,1024');
    module.say(close + incoming(1002) + '\r\n+QFWDRECV: 2,3\r\nabc\r\n\r\nOK\r\n');
    assert.equal((await collector.missed.next()).ends?.port, 1001);
    assert.deepEqual(collector.connections(), []);
    assert.deepEqual(server.events, ['server/open', 'client/incoming', 'client/close', 'client/incoming']);
  });

  it('is not read for the previous one if both URCs were lost', async () => {
    const { rig, module, server, listed } = await scripted((line) =>
      line.startsWith('AT+QFWDRECV=2') ? '\r\n+QFWDRECV: 2,3\r\nabc\r\n\r\nOK\r\n' : undefined,
    );
    const collector = rig.collect();
    collector.paused.add(2);
    module.say(incoming(1001));
    listed.port = 1002;
    await server.event('client/close');
    assert.equal((await server.event('client/incoming')).port, 1002);
    collector.paused.clear();
    rig.modem.resumeReading();
    await collector.until(2, 3);
    assert.deepEqual(
      collector.connections().map(({ ends }) => ends?.port),
      [1002],
    );
  });

  it('while the link was lost is neither written to nor read before that is known', async () => {
    let waiting = 'abc';
    const { rig, module, server, listed } = await scripted((line) => {
      if (!line.startsWith('AT+QFWDRECV=2')) return undefined;
      const data = waiting;
      waiting = '';
      return `\r\n+QFWDRECV: 2,${data.length}\r\n${data}\r\n\r\nOK\r\n`;
    });
    module.say(incoming(1001));
    listed.port = 1001;
    const collector = rig.collect();
    await collector.until(2, 3);
    listed.port = 1002;
    let early: unknown;
    module.onCommand = (line) => {
      if (line !== 'AT+QFWDSEVER?') return;
      module.onCommand = undefined;
      waiting = 'def';
      module.say('\r\n+QFWDURC: "client/read",2\r\n');
      early = rig.modem.send(2, Buffer.from('x'), 1000).catch((error: unknown) => error);
    };
    module.lose();
    await rig.state('offline');
    const before = module.commands.length;
    await server.event('client/close');
    assert.equal((await server.event('client/incoming')).port, 1002);
    assert.equal(((await early) as { code: string }).code, 'QFWD_OFFLINE');
    await collector.until(2, collector.data(2).length + 3);
    const commands = module.commands.slice(before);
    const firstData = commands.findIndex((line) => /QFWD(RECV|SEND)=2/.test(line));
    assert.ok(firstData > commands.indexOf('AT+QFWDSTATE=7'));
    assert.deepEqual(
      collector.connections().map(({ ends }) => ends?.port),
      [1001, 1002],
    );
  });

  it('is reported once if the same connection is reported twice', async () => {
    const { module, rig, server } = await scripted();
    module.say(incoming(1001));
    module.say(incoming(1001));
    assert.deepEqual(server.events, ['server/open', 'client/incoming']);
    assert.equal(rig.modem.connections().length, 1);
  });

  it('is not read on request for the previous one', async () => {
    const { module, rig } = await scripted((line) =>
      line.startsWith('AT+QFWDRECV=2')
        ? `\r\n+QFWDRECV: 2,1024\r\n${'x'.repeat(1024)}\r\n\r\nOK\r\n${close}${incoming(1002)}`
        : undefined,
    );
    module.say(incoming(1001));
    assert.equal((await rig.modem.read(2)).data.length, 1024);
    assert.equal(module.commands.filter((line) => line.startsWith('AT+QFWDRECV=2')).length, 1);
  });
});
