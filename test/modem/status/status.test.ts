import assert from 'node:assert/strict';

import type { Transport } from '../../../src/at';
import { tcpipFamily } from '../../../src/tcpip';
import { startRig, readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

describe('Modem.status', () => {
  it('reports the modem, its module and the network', async () => {
    const rig = await readyRig();
    const { counters, commands, dialect, ...status } = await rig.modem.status();
    assert.deepEqual(status, {
      state: 'ready',
      model: 'EC25',
      firmware: 'EC25EFAR06A03M4G',
      signal: { rssi: -73, rsrp: -101, rsrq: -9, sinr: 12.8 },
      operator: 'Simulated',
      technology: 'FDD LTE',
      registered: true,
      sockets: 0,
      waiting: 0,
    });
    assert.equal(typeof commands, 'string');
    assert.equal(dialect, rig.modem.commands?.description);
    assert.ok(counters.commands > 0);
  });

  it('reports the address of an active context', async () => {
    const rig = await readyRig({ simulator: { family: 'both' } });
    assert.equal((await rig.modem.status()).ip, undefined);
    await rig.ask('AT+QIACT=1');
    await rig.pass(1000);
    assert.match((await rig.modem.status()).ip ?? '', /^\d+\.\d+\.\d+\.\d+$/);
  });

  it('reports the address of the context that the sockets use, and not of another', async () => {
    const rig = await readyRig({ families: [tcpipFamily], simulator: { family: 'tcpip' } });
    await rig.ask('AT+QIACT=2');
    await rig.pass(1000);
    assert.equal((await rig.modem.status()).ip, undefined);
  });

  it('leaves out what the firmware does not report', async () => {
    const lacks = 'QCSQ,QNWINFO,COPS,CGPADDR,CGMM,CEREG,CGREG,CREG';
    const rig = await readyRig({ simulator: { lacks } });
    const { signal, ...status } = await rig.modem.status();
    assert.deepEqual(signal, { rssi: -73 });
    for (const name of ['model', 'operator', 'technology', 'registered', 'ip'])
      assert.ok(!(name in status), name);
    assert.equal(status.firmware, 'EC25EFAR06A03M4G');
  });

  it('queries the module at most once a second, and its identity once', async () => {
    const rig = await readyRig();
    const burst = () => Promise.all(Array.from({ length: 50 }, () => rig.modem.status()));
    await burst();
    await rig.pass(900);
    await burst();
    assert.equal(rig.count('AT+QCSQ'), 1);
    const models = rig.count('AT+CGMM');
    await rig.pass(101);
    await burst();
    assert.equal(rig.count('AT+QCSQ'), 2);
    assert.equal(rig.count('AT+CGMM'), models);
  });

  it('says why there is no module', async () => {
    const failing = { name: 'a port', open: () => Promise.reject(new Error('it is not there')) };
    const rig = startRig({ transport: () => failing });
    await rig.state('offline');
    const { counters, ...status } = await rig.modem.status();
    assert.deepEqual(status, { state: 'offline', reason: 'it is not there', sockets: 0, waiting: 0 });
    assert.equal(counters.commands, 0);
  });

  it('has what the module reported before it stopped answering', async () => {
    const script = new ScriptedModule((command) =>
      command === 'AT+CGMM' ? '\r\nEC25\r\n\r\nOK\r\n' : command === 'AT+QNWINFO' ? '' : undefined,
    );
    const rig = await readyRig({ transport: () => script });
    const asked = rig.modem.status();
    await script.command('AT+QNWINFO');
    script.lose();
    const { model, state, reason } = await asked;
    assert.deepEqual([model, state, reason], ['EC25', 'offline', 'the script says so']);
  });

  it('is not that of a lost link while its port is still being closed', async () => {
    const script = new ScriptedModule(() => undefined);
    let closed = (): void => undefined;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    const slow: Transport = {
      name: 'a port that closes slowly',
      open: async (events) => ({ ...(await script.open(events)), close: () => closing }),
    };
    const rig = await readyRig({ transport: () => slow });
    script.lose();
    const asked = Promise.all(Array.from({ length: 20 }, () => rig.modem.status()));
    closed();
    assert.deepEqual([...new Set((await asked).map(({ state }) => state))], ['offline']);
  });
});
