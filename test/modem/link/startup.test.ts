import assert from 'node:assert/strict';

import { dropNext, insertBefore } from '../../../src/simulator';
import { newModule, readyRig, startRig } from '../../support/modem/rig';

describe('Starting up', () => {
  it('synchronizes, turns echo off, and detects the dialect', async () => {
    const rig = await readyRig({ simulator: { names: 'headings' } });
    const [fence, ...rest] = rig.module.commands.slice(0, 3);
    assert.ok(fence?.endsWith('?'));
    assert.deepEqual(rest, ['ATE0', 'AT+CMEE=1']);
    const { module } = rig;
    await rig.stop();
    assert.equal(rig.modem.state, 'stopped');
    const again = await readyRig({ module });
    assert.deepEqual(again.problems, []);
  });

  it('synchronizes with a module in a data phase, and sends none of that data', async () => {
    const module = newModule();
    const first = await readyRig({ module });
    const { peer, socketId } = await (await first.openServer()).connect();
    await first.stop();
    const host = module.attach();
    host.write(`AT+QFWDSEND=${socketId},0\rhalf a mess`);
    await new Promise((resolve) => module.once('sent', resolve));
    const second = await readyRig({ module });
    await second.stop();
    assert.equal(peer.received.length, 0);
  });

  for (const results of ['numbers', 'none'] as const) {
    it(`makes a module write result codes in words that was left with ${results}`, async () => {
      const rig = await readyRig({ simulator: { results } });
      const { peer, socketId } = await (await rig.openServer()).connect();
      await rig.modem.send(socketId, Buffer.from('hello'), 30_000);
      await peer.untilText('hello');
      assert.deepEqual(rig.problems, []);
    });
  }

  it('runs the init lines before any socket is opened, and reports those that were rejected', async () => {
    const rig = startRig({ modem: { init: ['AT+CGDCONT=1,"IP","internet"', 'AT+NONSENSE'] } });
    await rig.openServer();
    const { commands } = rig.module;
    const at = (prefix: string) => commands.findIndex((line) => line.startsWith(prefix));
    assert.ok(at('AT+CGDCONT') > 0 && at('AT+CGDCONT') < at('AT+NONSENSE'));
    assert.ok(at('AT+NONSENSE') < at('AT+QFWDSEVER=0'));
    assert.deepEqual(
      rig.problems.map(({ message }) => message),
      [
        'the module answered +CME ERROR: 4 (operation not supported) to AT+NONSENSE (start command AT+NONSENSE)',
      ],
    );
  });

  it('enters the PIN once per start of the module', async () => {
    const rig = await readyRig({ simulator: { pin: '1234' }, modem: { pin: '1234' } });
    assert.equal(rig.count('AT+CPIN='), 1);
    await rig.replug();
    assert.equal(rig.count('AT+CPIN='), 1);
    await rig.module.reboot();
    await rig.state('ready');
    assert.equal(rig.count('AT+CPIN='), 2);
    assert.deepEqual(rig.problems, []);
  });

  it('never enters a PIN again that was rejected', async () => {
    const rig = await readyRig({ simulator: { pin: '1234' }, modem: { pin: '9999' } });
    assert.match(await rig.locks.next(), /refused the PIN/);
    await rig.replug();
    await rig.module.reboot();
    await rig.state('ready');
    assert.equal(rig.count('AT+CPIN='), 1);
  });

  it('takes a PIN whose response was lost for rejected, unless the SIM is unlocked', async () => {
    for (const [pin, isUnlocked] of [
      ['1234', true],
      ['9999', false],
    ] as const) {
      const rig = startRig({ simulator: { pin: '1234' }, modem: { pin } });
      rig.module.on('command', (line) => {
        if (line.startsWith('AT+CPIN=')) rig.module.inject(dropNext('result'));
      });
      await rig.state('ready');
      assert.equal(rig.count('AT+CPIN='), 1);
      if (isUnlocked) assert.deepEqual(rig.locks.all, []);
      else assert.match(await rig.locks.next(), /did not answer to the PIN/);
    }
  });

  it('enters a PIN again that did not reach the SIM', async () => {
    const rig = startRig({ simulator: { pin: '1234' }, modem: { pin: '1234' } });
    let isLost = false;
    rig.module.inject({
      receive: (bytes) => {
        if (isLost || !bytes.includes('AT+CPIN=')) return bytes;
        isLost = true;
        return Buffer.from('\r');
      },
    });
    assert.match(await rig.locks.next(), /did not get the PIN/);
    await rig.state('ready');
    await rig.replug();
    assert.equal(rig.count('AT+CPIN='), 1);
    assert.equal((await rig.modem.requests.raw('AT+CPIN?')).lines[0], '+CPIN: READY');
  });

  it('never uses the last attempt of a PIN', async () => {
    const module = newModule({ pin: '1234' });
    const host = module.attach('usbmodem');
    for (const wrong of ['0000', '1111']) host.write(`AT+CPIN=${wrong}\r`);
    const rig = await readyRig({ module, modem: { pin: '9999' } });
    assert.match(await rig.locks.next(), /the last try/);
    assert.equal(rig.count('AT+CPIN=9'), 0);
  });

  it('reports that the SIM requires a PIN or a PUK', async () => {
    const module = newModule({ pin: '1234' });
    const rig = await readyRig({ module });
    assert.match(await rig.locks.next(), /needs a PIN/);
    const host = module.attach('usbmodem');
    for (const wrong of ['0000', '1111', '2222']) host.write(`AT+CPIN=${wrong}\r`);
    await rig.replug();
    assert.match(await rig.locks.next(), /needs its PUK/);
  });

  it('waits for a SIM that is busy', async () => {
    const module = newModule({ pin: '1234' });
    const busy = '\r\n+CME ERROR: 14\r\n';
    module.once('command', () =>
      module.inject({
        send: (packet) =>
          packet.bytes.includes('+CPIN: SIM PIN') &&
          module.commands.filter((it) => it === 'AT+CPIN?').length < 3
            ? [{ kind: 'result', bytes: Buffer.from(busy) }]
            : [packet],
      }),
    );
    const rig = startRig({ module, modem: { pin: '1234' } });
    await rig.state('ready');
    assert.equal(rig.count('AT+CPIN='), 1);
    assert.deepEqual(rig.locks.all, []);
  });

  it('waits for the network if it is required', async () => {
    const rig = await readyRig({ simulator: { networkDelay: 20_000 }, modem: { waitForNetwork: true } });
    // The simulated module has booted long before.
    assert.ok(rig.clock.now() < 20_000);
    await rig.module.reboot();
    await rig.state('ready');
    assert.ok(rig.clock.now() >= 20_000);
  });

  it('reports that the network takes long', async () => {
    const module = newModule({ networkDelay: 600_000 });
    await module.reboot();
    const rig = startRig({ module, modem: { waitForNetwork: true } });
    assert.match(await rig.warnings.next(), /not registered on a network/);
    await rig.pass(300_000);
    assert.equal(rig.warnings.all.length, 1);
  });

  it('waits for a network forever if necessary, and can be stopped meanwhile', async () => {
    const rig = startRig({
      simulator: { networkDelay: 600_000, pin: '1234' },
      modem: { waitForNetwork: true },
    });
    await rig.asked('AT+CREG?', 3);
    await rig.stop();
    assert.ok(!rig.states.all.includes('ready'));
  });

  it('reports that a firmware has no socket commands, and continues to ask for them', async () => {
    const rig = startRig({ simulator: { lacks: 'QFWDSEVER,QFWDSERVER' } });
    const server = await rig.declareServer();
    await rig.state('unsupported');
    const before = rig.count('AT+QFWDSEVER=?');
    await rig.pass(35_000);
    assert.equal(rig.count('AT+QFWDSEVER=?'), before + 3);
    assert.deepEqual(server.events, []);
    await assert.rejects(server.endpoint.open(server.settings), { code: 'QFWD_OFFLINE' });
  });

  it('works with a module that sends lines all the time', async () => {
    const module = newModule();
    for (let times = 0; times < 20; times++) module.inject(insertBefore('result', '\r\n+QIND: SMS DONE\r\n'));
    const rig = await readyRig({ module });
    await rig.openServer();
    assert.deepEqual(rig.problems, []);
    assert.equal(rig.states.all.filter((state) => state === 'initializing').length, 1);
  });
});
