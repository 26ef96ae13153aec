/**
 * What became of the PINs that were entered, by config node: the third wrong one locks the SIM, so one that was refused, or
 * whose answer was never heard, is not entered again, after a redeploy or a restart either. What is kept in the user
 * directory does not show them.
 */
import { scryptSync } from 'node:crypto';
import { type PinMemory, QfwdError } from '../../src/modem';
import { KeptMap } from './kept-map';

type Outcome = 'entering' | 'refused';
/** By digest. What was accepted is not kept. */
type Outcomes = Readonly<Record<string, Outcome>>;

/** No node has this id: kept when the file was damaged, and stands for all nodes that have nothing of their own. */
const ALL = '';

export class Pins {
  private readonly kept: KeptMap;

  /** @param folder where to keep it; without one it is forgotten when the process ends */
  constructor(folder: string | undefined) {
    this.kept = new KeptMap(folder, '.qfwd-pins.json');
    if (this.kept.isDamaged) this.kept.set(ALL, true);
  }

  /** @param id of the config node */
  memoryOf(id: string, pin: string): PinMemory {
    const key = scryptSync(pin, id, 16).toString('base64');
    const stateOf = (): PinMemory['state'] => this.stateOf(id, key);
    return {
      get state() {
        return stateOf();
      },
      noteEntering: () => {
        if (this.note(id, key, 'entering')) return;
        this.note(id, key, undefined);
        throw new QfwdError(
          'QFWD_INVALID',
          'the PIN is not entered: the user directory of Node-RED cannot be written, where it has to be noted first',
        );
      },
      noteAccepted: () => void this.note(id, key, undefined),
      noteRefused: () => void this.note(id, key, 'refused'),
    };
  }

  /** Called after the user removed the PIN: a PIN entered later is tried, even if it was rejected before. */
  forget(id: string): void {
    const outcomes = this.outcomes(id);
    const isNew = outcomes !== undefined && Object.keys(outcomes).length === 0;
    if (!isNew) this.kept.set(id, {});
  }

  private stateOf(id: string, key: string): PinMemory['state'] {
    const outcomes = this.outcomes(id);
    if (outcomes === undefined) return 'unknown';
    const outcome = outcomes[key];
    if (outcome === undefined) return 'usable';
    return outcome === 'refused' ? 'refused' : 'unknown';
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
