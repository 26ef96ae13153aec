/**
 * What became of the PINs that were entered, by config node: the third wrong one locks the SIM, so one that was refused, or
 * whose answer was never heard, is not entered again, after a redeploy or a restart either. What is kept in the user
 * directory does not show them.
 */
import { scryptSync } from 'node:crypto';
import { type PinMemory, QfwdError } from '../../src/modem';
import { KeptMap } from './kept-map';

/**
 * - `entering`, with the digest of the SIM that it was entered for where that is known
 * - `refused`: by a SIM that has accepted none since
 * - `past`: refused, or entered, before the SIM accepted another one
 */
type Outcome = 'entering' | `entering ${string}` | 'refused' | 'past';
/** By digest. What was accepted is not kept. */
type Outcomes = Readonly<Record<string, Outcome>>;

/** So many wrong PINs leave a SIM its last try (3GPP TS 31.101 9.1). */
const WRONG_BEFORE_LAST = 2;

/** No node has this id: kept when the file was damaged, and stands for all nodes that have nothing of their own. */
const ALL = '';

export class Pins {
  private readonly kept: KeptMap;
  /** Nodes that had a PIN in this process. */
  private readonly having = new Set<string>();

  /** @param folder where to keep it; without one it is forgotten when the process ends */
  constructor(folder: string | undefined) {
    this.kept = new KeptMap(folder, '.qfwd-pins.json');
    if (this.kept.isDamaged) this.kept.set(ALL, true);
  }

  /** @param id of the config node */
  memoryOf(id: string, pin: string): PinMemory {
    this.having.add(id);
    const key = digest(id, pin);
    const stateOf = (): PinMemory['state'] => this.stateOf(id, key);
    return {
      get state() {
        return stateOf();
      },
      noteEntering: (card) => {
        const entering: Outcome = card === undefined ? 'entering' : `entering ${digest(id, card)}`;
        if (this.note(id, key, entering)) return;
        this.note(id, key, undefined);
        throw new QfwdError(
          'QFWD_INVALID',
          'the PIN is not entered: the user directory of Node-RED cannot be written, where it has to be noted first',
        );
      },
      isFor: (card) => {
        const [, entered] = this.outcomes(id)?.[key]?.split(' ') ?? [];
        return card === undefined || entered === undefined || entered === digest(id, card);
      },
      noteAccepted: () => this.noteAccepted(id, key),
      noteRefused: () => void this.note(id, key, 'refused'),
    };
  }

  /**
   * The node has no PIN. Where the user has removed it, one entered later is tried, even if it was rejected before. At a
   * start it may only be that Node-RED cannot read the credentials.
   */
  forget(id: string): void {
    if (!this.having.has(id)) return;
    const outcomes = this.outcomes(id);
    const isNew = outcomes !== undefined && Object.keys(outcomes).length === 0;
    if (!isNew) this.kept.set(id, {});
  }

  private stateOf(id: string, key: string): PinMemory['state'] {
    const outcomes = this.outcomes(id);
    if (outcomes === undefined) return 'unknown';
    const outcome = outcomes[key];
    if (outcome === 'refused' || outcome === 'past') return 'refused';
    if (outcome !== undefined) return 'unknown';
    const wrong = Object.values(outcomes).filter((other) => other !== 'past').length;
    return wrong < WRONG_BEFORE_LAST ? 'usable' : 'last';
  }

  /** The SIM has all its tries again. */
  private noteAccepted(id: string, key: string): void {
    const others = Object.keys(this.outcomes(id) ?? {}).filter((other) => other !== key);
    this.kept.set(id, Object.fromEntries(others.map((other) => [other, 'past'])));
  }

  /** @returns whether it outlives the process, as far as anything does */
  private note(id: string, key: string, outcome: Outcome | undefined): boolean {
    const outcomes: Record<string, Outcome> = { ...this.outcomes(id) };
    if (outcome) outcomes[key] = outcome;
    else Reflect.deleteProperty(outcomes, key);
    return this.kept.set(id, outcomes);
  }

  /** `undefined` when it is not known what there was. */
  private outcomes(id: string): Outcomes | undefined {
    const entry = this.kept.get(id);
    if (typeof entry === 'object' && entry !== null) return entry as Outcomes;
    const isLost = entry !== undefined || this.kept.get(ALL) !== undefined;
    return isLost ? undefined : {};
  }
}

function digest(id: string, text: string): string {
  return scryptSync(text, id, 16).toString('base64');
}
