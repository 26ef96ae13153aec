import assert from 'node:assert/strict';

import { AtError, type Command } from '../../../src/at';
import { Access } from '../../../src/modem/link/access';
import { newPinMemory } from '../../../src/modem/link/pin-memory';
import { ManualClock, settled } from '../../support/manual-clock';

/** A module whose SIM and network are set by the test. */
class Module {
  sim: string | number = 'READY';
  /** `<stat>` of AT+CEREG?; `undefined`: ERROR. */
  registration: number | undefined = 1;
  cause: string | undefined;
  isSilent = false;
  readonly commands: string[] = [];

  execute<T>(command: Command<T>): Promise<T> {
    this.commands.push(command.text);
    if (this.isSilent) return Promise.reject(new AtError('timeout', 'no answer', true));
    const line = this.answer(command.text);
    if (typeof line === 'number') return Promise.reject(new AtError('rejected', 'ERROR', false, line));
    return Promise.resolve(command.decode({ lines: [line] }));
  }

  private answer(text: string): string | number {
    if (text === 'AT+CPIN?') return typeof this.sim === 'number' ? this.sim : `+CPIN: ${this.sim}`;
    if (text === 'AT+CEREG?') return this.registration === undefined ? 4 : `+CEREG: 0,${this.registration}`;
    if (text === 'AT+CEER' && this.cause !== undefined) return `+CEER: ${this.cause}`;
    return 4;
  }

  count(text: string): number {
    return this.commands.filter((it) => it === text).length;
  }
}

function start(needsNetwork: boolean, module = new Module(), pin?: string) {
  const clock = new ManualClock();
  const obstacles: (string | undefined)[] = [];
  const reasons: string[] = [];
  const warnings: string[] = [];
  const access = new Access(
    module,
    { clock, needsNetwork, pin, memory: newPinMemory() },
    {
      onObstacle: (obstacle) => {
        obstacles.push(obstacle?.state);
        if (obstacle) reasons.push(obstacle.reason.message);
      },
      onWarning: (text) => warnings.push(text),
    },
  );
  const done: string[] = [];
  const settling = access
    .settleSim()
    .then(() => done.push('sim'))
    .then(() => access.settleNetwork())
    .then(() => done.push('network'));
  return { access, clock, module, obstacles, reasons, warnings, done, settling };
}

const rejected = (cme: number) => ({ ok: false, text: 'ERROR', cme }) as const;
const OK = { ok: true, text: 'OK' } as const;
const command = (text: string) => ({ text, decode: () => undefined });

describe('Access to the mobile network', () => {
  it('exists with a SIM and an operator', async () => {
    const { settling, obstacles, clock } = start(true);
    await settling;
    assert.deepEqual(obstacles, []);
    await clock.advance(300_000);
    assert.deepEqual(obstacles, []);
  });

  it('is not waited for where it is not required: neither for a SIM nor for a network', async () => {
    const module = new Module();
    module.sim = 10;
    const { done, module: it } = start(false, module);
    await settled();
    assert.deepEqual(done, ['sim', 'network']);
    assert.equal(it.count('AT+CEREG?'), 0);
  });

  it('requires a SIM: one that is busy, or has a PIN, is waited for', async () => {
    for (const [sim, pin, expected] of [
      [14, undefined, []],
      ['NOT READY', undefined, []],
      [10, '1234', []],
      [10, undefined, ['sim', 'network']],
    ] as const) {
      const module = new Module();
      module.sim = sim;
      const { done, clock, access } = start(false, module, pin);
      await settled();
      assert.deepEqual(done, expected);
      module.sim = 'READY';
      await clock.advance(1000);
      assert.deepEqual(done, ['sim', 'network']);
      access.stop();
    }
  });

  it('reports the obstacle of the moment, and its end', async () => {
    const module = new Module();
    module.sim = 14;
    module.registration = 0;
    const { access, clock, obstacles, reasons } = start(true, module);
    await settled();
    module.sim = 'SIM PIN';
    await clock.advance(1000);
    module.sim = 'READY';
    access.noteLine('+CPIN: READY');
    await settled();
    module.registration = 2;
    await clock.advance(1000);
    module.registration = 3;
    module.cause = 'EPS services not allowed';
    await clock.advance(10_000);
    module.registration = 5;
    await clock.advance(10_000);
    assert.deepEqual(obstacles, ['no-sim', 'locked', 'no-network', 'no-network', 'denied', undefined]);
    assert.match(reasons[1]!, /needs a PIN: enter it in the modem node/);
    assert.match(reasons[2]!, /does not search/);
    assert.match(reasons[3]!, /check antenna and SIM/);
    assert.match(reasons[4]!, /operator does not accept the module \(EPS services not allowed\)/);
  });

  it('is watched as long as the module answers: the network may be lost, or the SIM removed', async () => {
    const { access, clock, module, obstacles, settling } = start(true);
    await settling;
    module.registration = 2;
    await clock.advance(30_000);
    assert.deepEqual(obstacles, ['no-network']);
    module.registration = 1;
    await clock.advance(10_000);
    // There is no URC for it; only the loss of the network shows it.
    module.sim = 10;
    module.registration = 0;
    await clock.advance(30_000);
    assert.deepEqual(obstacles, ['no-network', undefined, 'no-network', 'no-sim']);
    module.sim = 'READY';
    module.registration = 1;
    access.noteLine('+QUSIM: 1');
    await settled();
    assert.equal(obstacles.at(-1), undefined);
  });

  it('is available if the module is registered, regardless of what it reports of its SIM', async () => {
    const module = new Module();
    module.sim = 4;
    const { clock, obstacles, settling } = start(true, module);
    await clock.advance(60_000);
    await settling;
    assert.deepEqual([obstacles.at(0), obstacles.at(-1)], ['no-sim', undefined]);
  });

  it('is reported to a person when there has been an obstacle for long, once', async () => {
    const module = new Module();
    module.registration = 2;
    const { clock, warnings } = start(true, module);
    await clock.advance(30_000);
    assert.deepEqual(warnings, []);
    await clock.advance(600_000);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /not registered on a network/);
    module.registration = 1;
    await clock.advance(10_000);
    module.registration = 2;
    await clock.advance(600_000);
    assert.equal(warnings.length, 2);
  });

  it('is queried again after a query without a response', async () => {
    const module = new Module();
    module.isSilent = true;
    const { clock, done } = start(true, module);
    await clock.advance(60_000);
    module.isSilent = false;
    await clock.advance(60_000);
    assert.deepEqual(done, ['sim', 'network']);
  });

  for (const [sign, note] of Object.entries({
    '+CPIN: SIM PIN': (access: Access) => access.noteLine('+CPIN: SIM PIN'),
    '+QUSIM: 1': (access: Access) => access.noteLine('+QUSIM: 1'),
    '+QSIMSTAT: 1,1': (access: Access) => access.noteLine('+QSIMSTAT: 1,1'),
    '+CFUN: 1': (access: Access) => access.noteLine('+CFUN: 1'),
    '+QIND: SMS DONE': (access: Access) => access.noteLine('+QIND: SMS DONE'),
    'AT+CFUN=1': (access: Access) => access.noteResult(command('AT+CFUN=1'), OK),
    'at+cpin = "1234"': (access: Access) => access.noteResult(command('at+cpin = "1234"'), OK),
    'CME 11 to a command': (access: Access) => access.noteResult(command('AT+QFWDSEVER=1'), rejected(11)),
    'another answer to AT+CPIN?': (access: Access) =>
      access.noteResult(command('AT+CPIN?'), OK, ['+CPIN: SIM PIN']),
    'CME 10 to AT+CPIN?': (access: Access) => access.noteResult(command('AT+CPIN?'), rejected(10)),
    'CME 14 to a command': (access: Access) => access.noteResult(command('AT+QFWDCLIENT=1'), rejected(14)),
  })) {
    it(`queries the SIM again at ${sign}`, async () => {
      const { access, module, settling } = start(false);
      await settling;
      note(access);
      await settled();
      assert.equal(module.count('AT+CPIN?'), 2);
    });
  }

  it('queries nothing at lines that say nothing of the SIM, or are responses to its own queries', async () => {
    const { access, module, settling } = start(false);
    await settling;
    for (const line of ['+QIND: "csq",20,99', '+CPINX: 1', 'RING']) access.noteLine(line);
    access.noteResult(command('AT+QPINC="SC"'), rejected(14));
    access.noteResult(command('AT+CPIN?'), OK, ['+CPIN: READY']);
    access.noteResult(command('AT+QFWDSEVER=1'), rejected(3));
    access.noteResult(command('AT+CFUN?'), OK);
    await settled();
    assert.equal(module.count('AT+CPIN?'), 1);
  });

  it('ends all waits and timers when it is stopped', async () => {
    const module = new Module();
    module.sim = 10;
    const { access, clock, settling } = start(true, module);
    await settled();
    access.stop();
    await settling;
    assert.equal(clock.pending, 0);
  });
});
