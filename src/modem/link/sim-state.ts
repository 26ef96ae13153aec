/**
 * The SIM (3GPP TS 27.007 8.3), as a pure function of what the module says of it:
 *
 *     ask ─▶ count tries ─▶ enter the PIN ─▶ ask      it wants its PIN, which may be entered
 *      ▲ └─▶ rest                                     anything else
 *      └───── time, or a sign
 *
 * A SIM takes seconds to be read, can be changed, and loses its PIN with its power. So no answer is final: it is asked
 * again after ever longer pauses, and at once when something else shows that it may have changed.
 */
import { doubled } from './backoff';
import type { PinMemory } from './pin-memory';

export interface Sim {
  /** What is to be done, whose outcome is the next input. */
  readonly task: SimTask;
  readonly status: SimStatus;
  /** Answers in a row that said nothing final. */
  readonly polls: number;
  /** Since it was asked something happened that may have changed it. */
  readonly isOutdated: boolean;
  /** The PIN was entered since the SIM began to want it. */
  readonly isEntered: boolean;
}

export type SimTask =
  /** AT+CPIN? */
  | { readonly name: 'ask' }
  /** How many wrong PINs the SIM still takes. */
  | { readonly name: 'count' }
  /** AT+CPIN=<pin> */
  | { readonly name: 'enter' }
  /** `ms`: until it is asked again; may be `Infinity`. */
  | { readonly name: 'rest'; readonly ms: number };

export type SimStatus =
  /** It was not asked yet. */
  | { readonly name: 'unknown' }
  /** `isPresent`: as far as the module says. `said`: what it said last. */
  | { readonly name: 'starting'; readonly isPresent: boolean; readonly said: string }
  | { readonly name: 'ready' }
  /** It has said nothing final for so long that there may be none. */
  | { readonly name: 'absent'; readonly said: string }
  /** A person has to do something: what, and why. */
  | { readonly name: 'locked'; readonly reason: string };

export type SimInput =
  /** What follows `+CPIN:`, in the last line of that name. */
  | { readonly type: 'answer'; readonly said: string }
  /** ERROR, or no answer. `isPresent`: the error says that there is a SIM. */
  | { readonly type: 'failure'; readonly said: string; readonly isPresent: boolean }
  /** `undefined`: the module does not tell. */
  | { readonly type: 'tries'; readonly left: number | undefined }
  /**
   * What came of the PIN. `unknown`: there was no answer. `ignored`: the module did not try it. `withheld`: it was not
   * written to the module, for this reason.
   */
  | { readonly type: 'entered'; readonly outcome: 'taken' | 'refused' | 'unknown' | 'ignored' }
  | { readonly type: 'withheld'; readonly reason: string }
  /** Something happened that may have changed it. */
  | { readonly type: 'sign' }
  /** The rest is over. */
  | { readonly type: 'time' };

/** `none`: nobody has set one. */
export type PinState = 'none' | PinMemory['state'];

export interface SimStep {
  readonly state: Sim;
  /** To be noted of the PIN. */
  readonly note?: 'accepted' | 'refused';
}

/** What a SIM takes until the first wrong PIN, and again after a right one: so none was wrong since. */
const ALL_TRIES = 3;
/** So many pauses, half a minute together, are patience enough. */
const PATIENCE = 5;
const FIRST_PAUSE = 1000;
const LAST_PAUSE = 30_000;

const PIN_WANTED = 'SIM PIN';
/** The second PIN protects data that only a phone uses. */
const READY: ReadonlySet<string> = new Set(['READY', 'SIM PIN2', 'SIM PUK2']);

const NO_PIN = 'the SIM wants a PIN: enter it in the modem node';
const REFUSED = 'the SIM refused the PIN, which is not entered again: enter the right one in the modem node';
const LAST_TRY =
  'the PIN was wrong before, and the last try is not used up: enter it in a phone, or by AT+CPIN';
const NOT_TAKEN =
  'the SIM did not get the PIN, which is entered again when the modem is next connected, or the SIM restarts';
const UNKNOWN =
  'the SIM did not answer to the PIN, which is not entered again, to be safe: ' +
  'if it is right, take it out of the modem node, deploy, and set it again';

export const BEGINNING: Sim = {
  task: { name: 'ask' },
  status: { name: 'unknown' },
  polls: 0,
  isOutdated: false,
  isEntered: false,
};

/** @param pin what is known of the PIN at this moment */
export function step(sim: Sim, input: SimInput, pin: PinState): SimStep {
  switch (input.type) {
    case 'answer':
      return hear(sim, input.said, pin);
    case 'failure':
      return { state: wait(sim, input.said, input.isPresent) };
    case 'tries':
      return { state: decide(sim, input.left, pin) };
    case 'entered':
      return conclude(sim, input.outcome);
    case 'withheld':
      return { state: lock(sim, input.reason) };
    case 'sign':
      if (sim.task.name !== 'rest') return { state: { ...sim, isOutdated: true } };
      return { state: ask({ ...sim, polls: 0 }) };
    case 'time':
      return { state: ask(sim) };
  }
}

function hear(sim: Sim, said: string, pin: PinState): SimStep {
  if (said === PIN_WANTED) {
    if (pin === 'none') return { state: lock(sim, NO_PIN) };
    if (pin === 'refused') return { state: lock(sim, REFUSED) };
    return { state: { ...sim, task: { name: 'count' } } };
  }
  if (READY.has(said)) {
    const state = rest({ ...sim, polls: 0, isEntered: false }, { name: 'ready' }, Infinity);
    return { state, ...(pin === 'unknown' && { note: 'accepted' }) };
  }
  if (said === 'SIM PUK') return { state: lock(sim, `the SIM wants ${said}: unlock it in a phone`) };
  return { state: wait(sim, said, true) };
}

/** It wants its PIN, and takes so many wrong ones. */
function decide(sim: Sim, left: number | undefined, pin: PinState): Sim {
  const isUntouched = left === ALL_TRIES;
  const isAllowed = pin === 'usable' ? left === undefined || left > 1 : isUntouched;
  if (isAllowed && !sim.isEntered) return { ...sim, task: { name: 'enter' } };
  if (pin === 'usable') return lock(sim, LAST_TRY);
  return lock(sim, isUntouched ? NOT_TAKEN : UNKNOWN);
}

function conclude(sim: Sim, outcome: (SimInput & { type: 'entered' })['outcome']): SimStep {
  switch (outcome) {
    case 'refused':
      return { state: lock({ ...sim, isEntered: true }, REFUSED), note: outcome };
    case 'ignored':
      return { state: wait(sim, 'SIM busy', true) };
    case 'taken':
    case 'unknown':
      return { state: ask({ ...sim, isEntered: true }) };
  }
}

function ask(sim: Sim): Sim {
  return { ...sim, task: { name: 'ask' }, isOutdated: false };
}

function lock(sim: Sim, reason: string): Sim {
  return rest({ ...sim, polls: 0 }, { name: 'locked', reason }, LAST_PAUSE);
}

/** What it said will change by itself, or so it is hoped. */
function wait(sim: Sim, said: string, isPresent: boolean): Sim {
  const polls = sim.polls + 1;
  const isPatient = polls <= PATIENCE && sim.status.name !== 'absent';
  const hopeless: SimStatus = said.startsWith('PH-')
    ? {
        name: 'locked',
        reason: `the module takes certain SIMs only (${said}): use one of those, or have it unlocked by its operator`,
      }
    : { name: 'absent', said };
  const status: SimStatus = isPatient ? { name: 'starting', isPresent, said } : hopeless;
  // A SIM that comes back after it was gone is asked its PIN anew.
  const isEntered = sim.isEntered && isPresent;
  return rest({ ...sim, polls, isEntered }, status, doubled(polls - 1, FIRST_PAUSE, LAST_PAUSE));
}

function rest(sim: Sim, status: SimStatus, ms: number): Sim {
  if (!sim.isOutdated) return { ...sim, status, task: { name: 'rest', ms } };
  return { ...sim, status, polls: 0, isOutdated: false, task: { name: 'rest', ms: FIRST_PAUSE } };
}
