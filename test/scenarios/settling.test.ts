import assert from 'node:assert/strict';
import { readyRig } from '../support/modem/rig';
import { ScriptedModule } from '../support/modem/script';

const PORT = 2020;
const CLOSE = '\r\n+QFWDURC: "client/close",2\r\n';

/** The module reports a connection with the socket id 2, from this port of its peer. */
const incoming = (port: number) =>
  `\r\n+QFWDURC: "client/incoming",7,2,"10.0.0.1",${port},"0.0.0.0",${PORT}\r\n`;

/** A modem with a server on a module that says nothing to a read, so that the test can. */
async function withServer() {
  const module = new ScriptedModule((line) => {
    if (line === 'AT+QFWDSEVER?') return `\r\n+QFWDSEVER: 7,"tcp",${PORT},"usbat"\r\n\r\nOK\r\n`;
    return line.startsWith('AT+QFWDRECV=2') ? '' : undefined;
  });
  const rig = await readyRig({ transport: () => module });
  const server = await rig.declareServer({ port: PORT, socketId: 7 });
  await server.event('server/open');
  return { rig, module, server };
}

describe('A response in one chunk with later events', () => {
  for (const [what, before, after] of [
    ['closes and is followed by another', '', CLOSE + incoming(1002)],
    ['had closed before and is followed by another', CLOSE, incoming(1002)],
  ] as const) {
    it(`belongs to the connection that was read, if that ${what}`, async () => {
      const { rig, module, server } = await withServer();
      const collector = rig.collect();
      module.say(incoming(1001));
      module.say(before || '\r\n+QFWDURC: "client/read",2\r\n');
      await module.command('AT+QFWDRECV=2,1024');
      module.say(`\r\n+QFWDRECV: 2,3\r\nabc\r\n\r\nOK\r\n${after}`);
      await collector.until(2, 3);
      assert.deepEqual(
        collector.connections().map(({ ends }) => ends?.port),
        [1001],
      );
      assert.equal((await server.event('client/close')).port, 1001);
    });
  }
});

describe('A server with a fixed socket id that is closed while the modem is offline', () => {
  it('is closed when the modem is ready, and admits no peer meanwhile', async () => {
    const rig = await readyRig();
    const server = await rig.openServer({ socketId: 9, allow: ['10.9.9.9'] });
    rig.module.unplug();
    await rig.state('offline');
    await assert.rejects(server.endpoint.close(), { code: 'QFWD_OFFLINE' });
    await rig.state('ready');
    await server.dial().then(
      (peer) => peer.ended,
      () => undefined,
    );
    assert.deepEqual(rig.modem.connections(), []);
  });
});
