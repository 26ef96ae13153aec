import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  BEGINNING,
  type PinState,
  type Sim,
  type SimInput,
  type SimStatus,
  step,
} from '../../../src/modem/link/sim-state';

const HALF_A_MINUTE = 30_000;

const said = (text: string): SimInput => ({ type: 'answer', said: text });
const refused = (isPresent: boolean): SimInput => ({ type: 'failure', said: 'ERROR', isPresent });
const entered = (outcome: 'taken' | 'refused' | 'unknown' | 'ignored'): SimInput => ({
  type: 'entered',
  outcome,
});
const tries = (left: number | undefined): SimInput => ({ type: 'tries', left });
const TIME: SimInput = { type: 'time' };
const SIGN: SimInput = { type: 'sign' };

function after(inputs: readonly SimInput[], pin: PinState = 'usable', sim = BEGINNING): Sim {
  return inputs.reduce((state, input) => step(state, input, pin).state, sim);
}

const reasonOf = (status: SimStatus): string => ('reason' in status ? status.reason : status.name);

describe('The state of a SIM', () => {
  for (const [name, answer] of [
    ['busy', refused(true)],
    ['not inserted, failing, or just ERROR', refused(false)],
    ['NOT READY', said('NOT READY')],
    ['an answer that is not known', said('SOMETHING')],
    ['the network lock that some tell of while they start', said('PH-NET PIN')],
  ] as const) {
    it(`is queried again after increasing pauses: ${name}`, () => {
      let sim = BEGINNING;
      const pauses: number[] = [];
      for (let polls = 0; polls < 8; polls++) {
        sim = after([answer], 'usable', sim);
        assert.equal(sim.task.name, 'rest');
        pauses.push((sim.task as { ms: number }).ms);
        sim = after([TIME], 'usable', sim);
        assert.equal(sim.task.name, 'ask');
      }
      assert.deepEqual(
        pauses,
        [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000),
      );
    });
  }

  it('is that there is none, or that it is locked, only after half a minute', () => {
    for (const [answer, last] of [
      [refused(false), 'absent'],
      [said('NOT READY'), 'absent'],
      [said('PH-NET PIN'), 'locked'],
    ] as const) {
      let sim = BEGINNING;
      let waited = 0;
      for (;;) {
        sim = after([answer], 'usable', sim);
        if (sim.status.name !== 'starting') break;
        waited += (sim.task as { ms: number }).ms;
        sim = after([TIME], 'usable', sim);
      }
      assert.equal(sim.status.name, last);
      assert.ok(waited >= HALF_A_MINUTE && waited < 2 * HALF_A_MINUTE);
      assert.equal(after([SIGN, answer, TIME, said('READY')], 'usable', sim).status.name, 'ready');
    }
  });

  it('is queried at once when something shows that it may have changed', () => {
    const ready = after([said('READY')]);
    assert.deepEqual(ready.task, { name: 'rest', ms: Infinity });
    assert.equal(after([SIGN], 'usable', ready).task.name, 'ask');
    const waiting = after([refused(true), TIME, refused(true), TIME, refused(true)]);
    const asked = after([SIGN], 'usable', waiting);
    assert.equal(asked.task.name, 'ask');
    assert.deepEqual(after([refused(true)], 'usable', asked).task, { name: 'rest', ms: 1000 });
  });

  it('is queried again if something happened during the query', () => {
    const sim = after([SIGN, said('READY')]);
    assert.deepEqual([sim.status.name, sim.task], ['ready', { name: 'rest', ms: 1000 }]);
    assert.deepEqual(after([TIME, said('READY')], 'usable', sim).task, { name: 'rest', ms: Infinity });
  });

  it('is ready if only PIN2 is required, which no socket needs', () => {
    for (const text of ['READY', 'SIM PIN2', 'SIM PUK2'])
      assert.equal(after([said(text)]).status.name, 'ready');
  });

  it('leads to the PIN if there are attempts left', () => {
    assert.equal(after([said('SIM PIN')]).task.name, 'count');
    for (const left of [3, 2, 10, undefined])
      assert.equal(after([said('SIM PIN'), tries(left)]).task.name, 'enter', String(left));
    for (const left of [1, 0]) {
      const sim = after([said('SIM PIN'), tries(left)]);
      assert.match(reasonOf(sim.status), /the last try/);
    }
  });

  it('does not lead to a PIN that is missing or was rejected, and names a remedy', () => {
    for (const [pin, text] of [
      ['none', /needs a PIN: enter it in the modem node/],
      ['refused', /refused the PIN.*enter the right one in the modem node/],
    ] as const) {
      const sim = after([said('SIM PIN')], pin);
      assert.match(reasonOf(sim.status), text);
      assert.equal(sim.task.name, 'rest');
    }
    assert.match(reasonOf(after([said('SIM PUK')]).status), /needs its PUK: unlock it in a phone/);
  });

  it('leads to a PIN of unknown outcome only if no attempt was wrong since the last correct one', () => {
    assert.equal(after([said('SIM PIN'), tries(3)], 'unknown').task.name, 'enter');
    for (const left of [2, 1, undefined, 10]) {
      const sim = after([said('SIM PIN'), tries(left)], 'unknown');
      assert.match(reasonOf(sim.status), /did not answer to the PIN/, String(left));
    }
  });

  it('leads to a PIN after two wrong ones only if more than one attempt is left', () => {
    for (const left of [2, 3]) {
      assert.equal(after([said('SIM PIN'), tries(left)], 'last').task.name, 'enter', String(left));
    }
    for (const left of [undefined, 0, 1]) {
      assert.match(
        reasonOf(after([said('SIM PIN'), tries(left)], 'last').status),
        /the last try/,
        String(left),
      );
    }
  });

  it('does not show that a PIN is correct if it was entered for another SIM', () => {
    const input: SimInput = { type: 'answer', said: 'READY', isOtherCard: true };
    const { state, note } = step(BEGINNING, input, 'unknown');
    assert.equal(note, undefined);
    assert.equal(state.status.name, 'ready');
  });

  it('is queried after the PIN, which counts as accepted once the SIM is ready', () => {
    const sim = after([said('SIM PIN'), tries(3), entered('taken')]);
    assert.equal(sim.task.name, 'ask');
    assert.deepEqual(step(sim, said('READY'), 'unknown').note, 'accepted');
    assert.equal(step(sim, said('READY'), 'usable').note, undefined);
    assert.equal(step(sim, said('READY'), 'refused').note, undefined);
  });

  it('leads to the PIN once each time that the SIM becomes locked', () => {
    for (const outcome of ['taken', 'unknown'] as const) {
      const sim = after([said('SIM PIN'), tries(3), entered(outcome)]);
      const again = after([said('SIM PIN'), tries(3)], 'unknown', sim);
      assert.match(reasonOf(again.status), /did not get the PIN/);
      const signs = after([SIGN, said('SIM PIN'), tries(3)], 'unknown', again);
      assert.equal(signs.task.name, 'rest');
      assert.equal(
        after([SIGN, refused(false), TIME, said('SIM PIN'), tries(3)], 'unknown', again).task.name,
        'enter',
      );
    }
    const locked = after([said('READY'), SIGN, said('SIM PIN'), tries(3)]);
    assert.equal(locked.task.name, 'enter');
  });

  it('leads to the PIN again if the module was busy and the counter shows that there was no attempt', () => {
    const sim = after([said('SIM PIN'), tries(3), entered('ignored')]);
    assert.deepEqual(sim.task, { name: 'rest', ms: 1000 });
    assert.equal(after([TIME, said('SIM PIN'), tries(3)], 'unknown', sim).task.name, 'enter');
    assert.equal(after([TIME, said('SIM PIN'), tries(2)], 'unknown', sim).task.name, 'rest');
  });

  it('shows why a PIN was not entered', () => {
    const sim = after([said('SIM PIN'), tries(3), { type: 'withheld', reason: 'the disk is full' }]);
    assert.deepEqual(sim.status, { name: 'locked', reason: 'the disk is full' });
  });
});

/** A SIM and its module: what they respond, and which of that is lost. */
class Card {
  isUnlocked = false;
  tries = 3;
  constructor(
    private readonly pin: string,
    private readonly isCounted: boolean,
  ) {}

  enter(pin: string): 'taken' | 'refused' {
    if (pin === this.pin && this.tries > 0) {
      this.isUnlocked = true;
      this.tries = 3;
      return 'taken';
    }
    this.tries = Math.max(0, this.tries - 1);
    return 'refused';
  }

  get counter(): number | undefined {
    return this.isCounted ? this.tries : undefined;
  }

  get answer(): string {
    if (this.tries === 0) return 'SIM PUK';
    return this.isUnlocked ? 'READY' : 'SIM PIN';
  }
}

/** What happens next during the current operation. */
const event = fc.constantFrom(
  'answered',
  'answered',
  'answered',
  'busy',
  'absent',
  'answer lost',
  'command lost',
  'module restarts',
  'host restarts',
  'sign',
);

describe('A PIN', () => {
  /** Runs the events; returns how many times the PIN has reached the SIM. */
  function live(card: Card, pin: string, events: readonly string[]) {
    let memory: Exclude<PinState, 'none'> = 'usable';
    let sim = BEGINNING;
    let entries = 0;
    const take = (input: SimInput): void => {
      const { state, note } = step(sim, input, memory);
      sim = state;
      if (note) memory = note === 'accepted' ? 'usable' : 'refused';
    };
    const act = (what: string): void => {
      const { name } = sim.task;
      if (what === 'sign') return take(SIGN);
      if (name === 'enter') memory = 'unknown';
      const isWritten = name === 'enter' && what !== 'command lost' && what !== 'busy' && what !== 'absent';
      const outcome = isWritten ? card.enter(pin) : 'unknown';
      if (isWritten) entries++;
      if (what === 'module restarts') card.isUnlocked = false;
      if (what === 'module restarts' || what === 'host restarts') return void (sim = BEGINNING);
      if (name === 'rest') return take(TIME);
      if (what === 'busy')
        return take(
          name === 'enter' ? entered('ignored') : name === 'count' ? tries(undefined) : refused(true),
        );
      if (what === 'absent')
        return take(
          name === 'enter' ? entered('unknown') : name === 'count' ? tries(undefined) : refused(false),
        );
      const isLost = what !== 'answered';
      if (name === 'enter') return take(entered(isLost ? 'unknown' : outcome));
      if (name === 'count') return take(tries(isLost ? undefined : card.counter));
      return take(isLost ? refused(false) : said(card.answer));
    };
    for (const what of events) act(what);
    return { entries, act, status: () => sim.status.name };
  }

  it('that is wrong is entered only once, even with lost responses and restarts', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), fc.boolean(), (events, isCounted) => {
        const card = new Card('1234', isCounted);
        const { entries } = live(card, '9999', events);
        assert.ok(entries <= 1, `${entries} times`);
        assert.ok(card.tries >= 2);
      }),
      { numRuns: 500 },
    );
  });

  it('that is correct unlocks the SIM in the end, if the module counts attempts', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), (events) => {
        const card = new Card('1234', true);
        const { act, status } = live(card, '1234', [...events, 'host restarts']);
        for (let times = 0; times < 10; times++) act('answered');
        assert.equal(status(), 'ready');
        assert.equal(card.tries, 3);
      }),
      { numRuns: 500 },
    );
  });
});
