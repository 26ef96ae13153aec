/**
 * State machine of the SIM (3GPP TS 27.007 8.3), as a pure function of the responses of the module:
 *
 *     ask ─▶ count tries ─▶ enter the PIN ─▶ ask      PIN required, and may be entered
 *      ▲ └─▶ rest                                     otherwise
 *      └───── time, or a sign of a change
 *
 * Reading a SIM takes seconds, the SIM can be replaced, and it needs its PIN again after a power loss. So the SIM is
 * polled with increasing pauses, and at once if another event indicates a change.
 */
import { doubled } from './backoff';
import type { PinMemory } from './pin-memory';

export interface Sim {
  /** The current task; its outcome is the next input. */
  readonly task: SimTask;
  readonly status: SimStatus;
  /** Number of consecutive inconclusive responses. */
  readonly polls: number;
  /** The SIM may have changed since the query was sent. */
  readonly isOutdated: boolean;
  /** The PIN was entered since the SIM last required it. */
  readonly isEntered: boolean;
}

export type SimTask =
  /** AT+CPIN? */
  | { readonly name: 'ask' }
  /** Query the number of remaining PIN attempts. */
  | { readonly name: 'count' }
  /** AT+CPIN=<pin> */
  | { readonly name: 'enter' }
  /** `ms`: time until the next query; may be `Infinity`. */
  | { readonly name: 'rest'; readonly ms: number };

export type SimStatus =
  /** Not queried yet. */
  | { readonly name: 'unknown' }
  /** `isPresent`: whether the module indicates that a SIM is present. `said`: its last response. */
  | { readonly name: 'starting'; readonly isPresent: boolean; readonly said: string }
  | { readonly name: 'ready' }
  /** Inconclusive for so long that there may be no SIM. */
  | { readonly name: 'absent'; readonly said: string }
  /** The user must act; `reason` says why and how. */
  | { readonly name: 'locked'; readonly reason: string };

export type SimInput =
  /**
   * `said`: the text after `+CPIN:` in the last such line. `isOtherCard`: the PIN of unknown outcome was entered for
   * another SIM.
   */
  | { readonly type: 'answer'; readonly said: string; readonly isOtherCard?: boolean }
  /** Error or timeout. `isPresent`: the error implies that a SIM is present. */
  | { readonly type: 'failure'; readonly said: string; readonly isPresent: boolean }
  /** `undefined`: the module does not report the number. */
  | { readonly type: 'tries'; readonly left: number | undefined }
  /**
   * Outcome of the PIN entry. `unknown`: no conclusive response. `ignored`: the module did not try the PIN. `withheld`:
   * the PIN was not written to the module, for this reason.
   */
  | { readonly type: 'entered'; readonly outcome: 'taken' | 'refused' | 'unknown' | 'ignored' }
  | { readonly type: 'withheld'; readonly reason: string }
  /** The SIM may have changed. */
  | { readonly type: 'sign' }
  /** The rest period is over. */
  | { readonly type: 'time' };

/** `none`: no PIN is configured. */
export type PinState = 'none' | PinMemory['state'];

export interface SimStep {
  readonly state: Sim;
  /** Outcome to record in the PIN memory. */
  readonly note?: 'accepted' | 'refused';
}

/** PIN attempts of a SIM with no wrong PIN since the last correct one. */
const ALL_TRIES = 3;
/** Number of inconclusive polls (about 30 s in total) before the SIM counts as absent. */
const PATIENCE = 5;
const FIRST_PAUSE = 1000;
const LAST_PAUSE = 30_000;

export const PIN_WANTED = 'SIM PIN';
const BUSY = 'SIM busy';
/** PIN2 protects only data that phones use. */
const READY: ReadonlySet<string> = new Set(['READY', 'SIM PIN2', 'SIM PUK2']);

/** Whether an answer to AT+CPIN? means that no PIN is missing. */
export function isReady(said: string): boolean {
  return READY.has(said);
}

const NO_PIN = 'the SIM needs a PIN: enter it in the modem node';
const REFUSED = 'the SIM refused the PIN, which is not entered again: enter the right one in the modem node';
const LAST_TRY =
  'the PIN was wrong before, and the last try is not used up: enter the right one in a phone, or by AT+CPIN';
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

/** @param pin current state of the PIN */
export function step(sim: Sim, input: SimInput, pin: PinState): SimStep {
  switch (input.type) {
    case 'answer':
      return hear(sim, input, pin);
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

function hear(sim: Sim, { said, isOtherCard }: SimInput & { type: 'answer' }, pin: PinState): SimStep {
  if (said === PIN_WANTED) {
    if (pin === 'none') return { state: lock(sim, NO_PIN) };
    if (pin === 'refused') return { state: lock(sim, REFUSED) };
    if (pin === 'busy') return { state: wait(sim, BUSY, true) };
    return { state: { ...sim, task: { name: 'count' } } };
  }
  if (isReady(said)) {
    const state = rest({ ...sim, polls: 0, isEntered: false }, { name: 'ready' }, Infinity);
    return { state, ...(pin === 'unknown' && !isOtherCard && { note: 'accepted' }) };
  }
  if (said === 'SIM PUK') return { state: lock(sim, 'the SIM needs its PUK: unlock it in a phone') };
  return { state: wait(sim, said, true) };
}

/** The SIM requires its PIN, and `left` attempts remain. */
function decide(sim: Sim, left: number | undefined, pin: PinState): Sim {
  if (pin === 'busy') return wait(sim, BUSY, true);
  const isUntouched = left === ALL_TRIES;
  const isAllowed = pin === 'unknown' ? isUntouched : left === undefined ? pin === 'usable' : left > 1;
  if (isAllowed && !sim.isEntered) return { ...sim, task: { name: 'enter' } };
  if (pin === 'usable' || pin === 'last') return lock(sim, LAST_TRY);
  return lock(sim, isUntouched ? NOT_TAKEN : UNKNOWN);
}

function conclude(sim: Sim, outcome: (SimInput & { type: 'entered' })['outcome']): SimStep {
  switch (outcome) {
    case 'refused':
      return { state: lock({ ...sim, isEntered: true }, REFUSED), note: outcome };
    case 'ignored':
      return { state: wait(sim, BUSY, true) };
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

/** An inconclusive response: waits and polls again. */
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
  // If the SIM was absent meanwhile, the PIN may be entered again.
  const isEntered = sim.isEntered && isPresent;
  return rest({ ...sim, polls, isEntered }, status, doubled(polls - 1, FIRST_PAUSE, LAST_PAUSE));
}

function rest(sim: Sim, status: SimStatus, ms: number): Sim {
  if (!sim.isOutdated) return { ...sim, status, task: { name: 'rest', ms } };
  return { ...sim, status, polls: 0, isOutdated: false, task: { name: 'rest', ms: FIRST_PAUSE } };
}
