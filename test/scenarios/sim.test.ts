import assert from 'node:assert/strict';

import { newPinMemory, type PinMemory } from '../../src/modem/link/pin-memory';
import { dropNext, type SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { newModule, readyRig, type Rig, type RigOptions, startRig } from '../support/modem/rig';

const STARTING = ['busy', 'absent', 'failure', 'not-ready', 'error'] as const;

/** A module that starts just now. */
function starting(options: Partial<SimulatorOptions>): SimulatedModule {
  const module = newModule(options);
  void module.reboot();
  return module;
}

const entriesAt = (module: SimulatedModule) =>
  module.commands.filter((line) => line.startsWith('AT+CPIN=')).length;

async function isUnlocked(rig: Rig): Promise<boolean> {
  return (await rig.ask('AT+CPIN?')).includes('+CPIN: READY');
}

/** Waits until the module has been given so many PINs, and has answered the last. */
async function unlocked(rig: Rig, entries: number): Promise<void> {
  await rig.asked('AT+CPIN=', entries);
  assert.ok(await isUnlocked(rig));
}

describe('A SIM that is not ready when it is queried', () => {
  for (const simStarting of STARTING) {
    it(`gets its PIN nevertheless: ${simStarting}`, async () => {
      const module = starting({ pin: '1234', simDelay: 9000, simStarting });
      const rig = startRig({ module, modem: { pin: '1234' } });
      await rig.openServer();
      await unlocked(rig, 1);
      assert.ok(rig.count('AT+CPIN?') > 3);
      assert.deepEqual([rig.problems, rig.locks.all, entriesAt(module)], [[], [], 1]);
    });
  }

  it('does not delay sockets that do not require the network', async () => {
    const module = newModule();
    module.ejectSim();
    const rig = await readyRig({ module });
    await rig.openServer();
    assert.deepEqual(rig.states.all, ['connecting', 'initializing', 'ready']);
    assert.deepEqual(rig.problems, []);
  });
});

describe('A SIM that requires its PIN again', () => {
  it('after AT+CFUN=0 and AT+CFUN=1 gets it', async () => {
    const rig = await readyRig({ simulator: { pin: '1234' }, modem: { pin: '1234' } });
    await rig.ask('AT+CFUN=0');
    await rig.ask('AT+CFUN=1');
    await unlocked(rig, 2);
    assert.deepEqual(rig.problems, []);
  });

  it('after it was removed gets it', async () => {
    const rig = await readyRig({ simulator: { pin: '1234' }, modem: { pin: '1234' } });
    rig.module.ejectSim();
    rig.module.insertSim();
    await unlocked(rig, 2);
  });

  it('and reports that to another port only gets it when a command is rejected because of it', async () => {
    const rig = await readyRig({ simulator: { pin: '1234' }, modem: { pin: '1234' } });
    await rig.modem.requests.raw('AT+QURCCFG="urcport","uart1"');
    rig.module.ejectSim();
    rig.module.insertSim();
    rig.module.inject({
      send: (packet) =>
        packet.kind === 'result' && rig.module.commands.at(-1) === 'AT+CSQ'
          ? [{ kind: 'result', bytes: Buffer.from('\r\n+CME ERROR: 11\r\n') }]
          : [packet],
    });
    await assert.rejects(rig.modem.requests.raw('AT+CSQ'), { code: 'QFWD_REJECTED' });
    await unlocked(rig, 2);
  });

  it('without a PIN in the settings is reported once; sockets that do not require the network continue', async () => {
    const rig = await readyRig({ simulator: { pin: '1234' } });
    const server = await rig.openServer();
    assert.match(await rig.locks.next(), /needs a PIN: enter it in the modem node/);
    await rig.modem.requests.raw('AT+CPIN="1234"');
    await rig.asked('AT+CPIN?', 2);
    await rig.modem.requests.raw('AT');
    const problem = new Promise<Error>((resolve) => rig.modem.once('problem', resolve));
    rig.module.ejectSim();
    rig.module.insertSim();
    assert.match((await problem).message, /needs a PIN/);
    await server.connect();
    assert.equal(rig.modem.state, 'ready');
  });
});

/** What happens to the module the moment it has been given a PIN, before it can answer. */
const ACCIDENTS = {
  'the line is lost': (module: SimulatedModule) => module.unplug(),
  'the module restarts': (module: SimulatedModule) => void module.reboot(),
  'the answer is lost': (module: SimulatedModule) => void module.inject(dropNext('result')),
  'it says RDY': (module: SimulatedModule) => module.urc('RDY'),
};

describe('A PIN whose response is lost', () => {
  /** The next modem of the same node, as after a redeploy or a crash: it knows what was noted, and nothing else. */
  async function tryAgain(options: RigOptions & { module: SimulatedModule; pinMemory: PinMemory }) {
    const rig = startRig(options);
    await rig.state('ready');
    await rig.modem.requests.raw('AT+CPIN?');
    await rig.stop();
  }

  for (const [name, cause] of Object.entries(ACCIDENTS)) {
    for (const lacks of ['', 'QPINC']) {
      it(`is not entered again if it is wrong: ${name}${lacks && ', and attempts are not counted'}`, async () => {
        const module = newModule({ pin: '1234', lacks });
        const pinMemory = newPinMemory();
        let isOver = false;
        module.on('command', (line) => {
          if (line.startsWith('AT+CPIN=') && !isOver) cause(module);
        });
        const options = { module, pinMemory, modem: { pin: '9999' } };
        const first = startRig(options);
        await first.asked('AT+CPIN=');
        await first.state('ready');
        await first.stop();
        isOver = true;
        for (let times = 0; times < 3; times++) await tryAgain(options);
        assert.equal(entriesAt(module), 1);
      });
    }
  }

  it('is entered again if the module shows that there was no attempt', async () => {
    const module = newModule({ pin: '1234' });
    const pinMemory = newPinMemory();
    pinMemory.noteEntering();
    const rig = await readyRig({ module, pinMemory, modem: { pin: '1234' } });
    await unlocked(rig, 1);
    await rig.modem.requests.raw('AT');
    assert.equal(pinMemory.state, 'usable');
  });

  it('is not entered again if the module does not show that, and a remedy is named', async () => {
    const pinMemory = newPinMemory();
    pinMemory.noteEntering();
    const simulator = { pin: '1234', lacks: 'QPINC' };
    const rig = await readyRig({ simulator, pinMemory, modem: { pin: '1234' } });
    assert.match(await rig.locks.next(), /take it out of the modem node, deploy, and set it again/);
    assert.equal(entriesAt(rig.module), 0);
  });

  it('counts as accepted if the SIM is unlocked afterwards', async () => {
    const module = newModule({ pin: '1234', lacks: 'QPINC' });
    const pinMemory = newPinMemory();
    const rig = startRig({ module, pinMemory, modem: { pin: '1234' } });
    module.on('command', (line) => {
      if (line.startsWith('AT+CPIN=') && entriesAt(module) === 1) setImmediate(() => module.unplug());
    });
    await rig.state('offline');
    await rig.state('ready');
    await module.reboot();
    await unlocked(rig, 2);
  });

  it('is waited for when the modem is stopped', async () => {
    const module = newModule({ pin: '1234', answerDelay: 600 });
    const pinMemory = newPinMemory();
    const rig = startRig({ module, pinMemory, modem: { pin: '9999' } });
    await rig.asked('AT+CPIN=');
    await rig.stop();
    assert.equal(pinMemory.state, 'refused');
  });
});

describe('A modem whose sockets require the network', () => {
  const modem = { pdpCid: 1 };

  it('is ready with a SIM and a network', async () => {
    const rig = await readyRig({ modem });
    assert.deepEqual(rig.states.all, ['connecting', 'initializing', 'ready']);
  });

  it('reports that it waits for the SIM, for the network, and for the application processor', async () => {
    const module = starting({ simDelay: 5000, networkDelay: 15_000, apDelay: 60_000 });
    const rig = startRig({ module, modem: { waitForNetwork: true } });
    for (const state of ['no-sim', 'no-network', 'booting', 'ready'] as const) await rig.state(state);
  });

  it('reports that the SIM is locked', async () => {
    const rig = startRig({ simulator: { pin: '1234' }, modem });
    assert.match(await rig.locks.next(), /needs a PIN/);
    await rig.modem.requests.raw('AT+CPIN="1234"');
    await rig.state('ready');
  });

  it('reports that the operator has denied the registration, and why', async () => {
    const rig = startRig({ simulator: { registration: 'denied' }, modem });
    await rig.state('denied');
    assert.match(rig.modem.reason!.message, /does not accept the module \(EPS services not allowed\)/);
  });

  it('is not ready while the SIM is removed, and its sockets stay open', async () => {
    const rig = await readyRig({ modem });
    const server = await rig.openServer();
    rig.module.ejectSim();
    await rig.state('no-sim');
    const { peer, socketId } = await server.connect();
    await rig.modem.send(socketId, Buffer.from('all the same'), 10_000);
    await peer.untilText('all the same');
    rig.module.insertSim();
    await rig.state('ready');
    assert.ok(!server.events.includes('server/close'));
  });
});
