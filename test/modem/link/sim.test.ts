import assert from 'node:assert/strict';

import { AtError, type Command } from '../../../src/at';
import { newPinMemory, type PinMemory } from '../../../src/modem/link/pin-memory';
import { SimKeeper } from '../../../src/modem/link/sim';
import type { SimStatus } from '../../../src/modem/link/sim-state';
import { ManualClock, settled } from '../../support/manual-clock';

const refusal = (cme?: number | string) => new AtError('rejected', `+CME ERROR: ${cme}`, false, cme);
const timeout = new AtError('timeout', 'no answer', true);
const lost = new AtError('lost', 'the cable is out', true);

type Reply = readonly string[] | AtError;

/** A SIM whose responses are scripted; the last one for a command is repeated. */
function keep(
  script: Readonly<Record<string, readonly Reply[]>>,
  memory: PinMemory = newPinMemory(),
  pin?: string,
) {
  const clock = new ManualClock();
  const written: string[] = [];
  const statuses: SimStatus[] = [];
  /** Pending responses. */
  const held: (() => void)[] = [];
  let isHolding = false;
  const next = new Map(Object.entries(script).map(([name, replies]) => [name, [...replies]]));
  const line = {
    async execute<T>(command: Command<T>, turn: { isWanted?(): boolean } = {}): Promise<T> {
      if (turn.isWanted?.() === false) throw new AtError('cancelled', 'not wanted');
      written.push(`${command.text} (${memory.state})`);
      if (isHolding) await new Promise<void>((release) => held.push(release));
      const replies = next.get(command.text) ?? [refusal(4)];
      const reply = replies.length > 1 ? replies.shift()! : replies[0]!;
      if (reply instanceof AtError) throw reply;
      return command.decode({ lines: reply });
    },
  };
  const keeper = new SimKeeper(
    line,
    clock,
    { pin, memory },
    {
      onStatus: (status) => statuses.push(status),
    },
  );
  keeper.start();
  return {
    keeper,
    clock,
    written,
    statuses,
    hold: () => (isHolding = true),
    release: () => held.splice(0).forEach((answer) => answer()),
    names: () => statuses.map(({ name }) => name),
  };
}

const WANTED = ['+CPIN: SIM PIN'];
const READY = ['+CPIN: READY'];
const COUNT = { 'AT+QPINC="SC"': [['+QPINC: "SC",3,10']] };
const ENTER = 'AT+CPIN="1234"';

describe('A SIM', () => {
  it('gets a PIN that is stored as used before it is written, and as accepted once the SIM is ready', async () => {
    const sim = keep({ 'AT+CPIN?': [WANTED, READY], ...COUNT, [ENTER]: [[]] }, newPinMemory(), '1234');
    await settled();
    assert.deepEqual(sim.written, [
      'AT+CPIN? (usable)',
      'AT+QPINC="SC" (usable)',
      'AT+QCCID (usable)',
      'AT+CPIN="1234" (unknown)',
      'AT+CPIN? (unknown)',
      'AT+QCCID (unknown)',
    ]);
    assert.deepEqual(sim.names(), ['ready']);
    assert.equal(sim.clock.pending, 0);
    sim.keeper.noteSign();
    await settled();
    assert.equal(sim.written.at(-1), 'AT+CPIN? (usable)');
  });

  it('does not get a PIN that cannot be stored', async () => {
    const memory: PinMemory = {
      ...newPinMemory(),
      state: 'usable',
      noteEntering: () => {
        throw new Error('the disk is full');
      },
    };
    const sim = keep({ 'AT+CPIN?': [WANTED], ...COUNT }, memory, '1234');
    await settled();
    assert.ok(!sim.written.some((text) => text.startsWith(ENTER)));
    assert.deepEqual(sim.statuses, [{ name: 'locked', reason: 'the disk is full' }]);
  });

  for (const [name, error, state] of [
    ['wrong', refusal(16), 'refused'],
    ['wrong, without a code', refusal(), 'refused'],
    ['wrong, in words', refusal('incorrect password'), 'refused'],
    ['wrong for the last time', refusal(12), 'refused'],
    ['not allowed', refusal(3), 'unknown'],
    ['not tried, as it is busy', refusal(14), 'unknown'],
    ['not answered', timeout, 'unknown'],
    ['lost with the line', lost, 'unknown'],
  ] as const) {
    it(`shows what is known of a PIN that is ${name}`, async () => {
      const memory = newPinMemory();
      const sim = keep({ 'AT+CPIN?': [WANTED], [ENTER]: [error] }, memory, '1234');
      await settled();
      assert.equal(memory.state, state);
      await sim.clock.advance(600_000);
      const entries = sim.written.filter((text) => text.startsWith(ENTER));
      assert.equal(entries.length, 1);
    });
  }

  for (const line of ['+CPIN: READY', '+CPIN:READY', '+CPIN: "READY"']) {
    it(`has the state of its last line: ${line}`, async () => {
      const sim = keep({ 'AT+CPIN?': [['+CPIN: NOT READY', line]] });
      await settled();
      assert.deepEqual(sim.names(), ['ready']);
    });
  }

  it('is queried until it is found, however long that takes', async () => {
    const sim = keep({ 'AT+CPIN?': [...Array<Reply>(40).fill(refusal(10)), timeout, [], READY] });
    await sim.clock.advance(3_600_000);
    assert.deepEqual([...new Set(sim.names())], ['starting', 'absent', 'ready']);
  });

  it('is present if it is busy, and may be missing if it fails', async () => {
    for (const [error, isPresent] of [
      [refusal(14), true],
      [refusal('SIM busy'), true],
      [refusal(10), false],
      [refusal(13), false],
      [refusal(), false],
    ] as const) {
      const sim = keep({ 'AT+CPIN?': [error] });
      await settled();
      assert.deepEqual({ ...sim.statuses[0], said: '' }, { name: 'starting', isPresent, said: '' });
    }
  });

  it('has the number of attempts left also from the counter of 3GPP', async () => {
    const script = { 'AT+CPIN?': [WANTED], 'AT+CPINR="SIM PIN"': [['+CPINR: SIM PIN,1,3']] };
    const sim = keep(script, newPinMemory(), '1234');
    await settled();
    assert.deepEqual(sim.names(), ['locked']);
    assert.ok(!sim.written.some((text) => text.startsWith(ENTER)));
  });

  it('may still answer to the PIN when everything else is stopped', async () => {
    const memory = newPinMemory();
    const sim = keep({ 'AT+CPIN?': [WANTED], [ENTER]: [refusal(16)] }, memory, '1234');
    sim.keeper.noteSign();
    sim.hold();
    await settled();
    while (!sim.written.some((text) => text.startsWith(ENTER))) {
      sim.release();
      await settled();
    }
    const stopped = sim.keeper.stop();
    assert.ok(stopped);
    sim.release();
    await stopped;
    assert.equal(memory.state, 'refused');
    const { length } = sim.written;
    await sim.clock.advance(600_000);
    assert.equal(sim.written.length, length);
  });

  it('is not queried again after stop()', async () => {
    const sim = keep({ 'AT+CPIN?': [refusal(10)] });
    await settled();
    assert.equal(sim.keeper.stop(), undefined);
    assert.equal(sim.clock.pending, 0);
    sim.keeper.noteSign();
    await settled();
    assert.equal(sim.written.length, 1);
  });
});

describe('A PIN whose response was lost', () => {
  const card = (iccid: string): string[] => [`+QCCID: ${iccid}`];
  const OWN = '89490200001234567890';
  const OTHER = '89490200009876543210';

  for (const [found, state] of [
    [OWN, 'usable'],
    [OTHER, 'unknown'],
  ] as const) {
    it(`is ${state} once a SIM is ready that is ${found === OWN ? 'the same' : 'another'}`, async () => {
      const memory = newPinMemory();
      memory.noteEntering(OWN);
      const sim = keep({ 'AT+CPIN?': [READY], 'AT+QCCID': [card(found)] }, memory, '1234');
      await settled();
      assert.deepEqual([sim.names(), memory.state], [['ready'], state]);
    });
  }

  it('is entered whether or not it can be found out which SIM it is', async () => {
    const script = { 'AT+CPIN?': [WANTED, READY], ...COUNT, 'AT+QCCID': [timeout], [ENTER]: [[]] };
    const memory = newPinMemory();
    const sim = keep(script, memory, '1234');
    await settled();
    assert.ok(sim.written.includes('AT+CPIN="1234" (unknown)'));
    assert.equal(memory.state, 'usable');
  });
});
